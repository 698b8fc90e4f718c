"""Words beside a name that say something of whom it means.  Data: nominatives, folded; inflection gives the forms."""

from collections.abc import Mapping

from enrich.inflection import Inflection
from enrich.words import fold


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# With a family name behind them these say who is meant: there is one president in an article about Musk.
TITLES = {
    "uk": """президент прем'єр прем'єр-міністр міністр міністерка канцлер канцлерка король королева принц принцеса
        сенатор сенаторка конгресмен губернатор мер посол генерал адмірал маршал полковник папа патріарх мільярдер
        мільярдерка мільйонер бізнесмен підприємець засновник співзасновник гендиректор голова глава очільник очільниця
        керівник директор директорка речник речниця прессекретар спікер спікерка секретар диктатор лідер лідерка політик
        віцепрезидент адміністратор координатор комісар єврокомісар прокурор депутат астронавт космонавт астрофізик
        держсекретар генсек головком головнокомандувач командувач спецпредставник спецпосланник віцепрем'єр""",
    "ru": """президент премьер премьер-министр министр канцлер король королева принц принцесса сенатор конгрессмен
        губернатор мэр посол генерал адмирал маршал полковник папа патриарх миллиардер миллионер бизнесмен
        предприниматель основатель сооснователь гендиректор глава руководитель директор представитель
        пресс-секретарь спикер секретарь диктатор лидер политик вице-президент администратор координатор комиссар
        еврокомиссар прокурор депутат астронавт космонавт госсекретарь генсек главком главнокомандующий командующий
        спецпредставитель спецпосланник вице-премьер""",
    "en": """president premier minister chancellor king queen prince princess senator sen congressman congresswoman
        representative rep governor gov mayor ambassador general gen admiral colonel pope patriarch billionaire
        millionaire businessman entrepreneur tycoon magnate mogul founder cofounder ceo chairman chairwoman chair chief
        boss head director spokesman spokeswoman spokesperson speaker secretary dictator leader politician
        administrator coordinator commissioner prosecutor lawmaker owner astronaut""",
    "pl": """prezydent premier minister kanclerz król królowa książę senator kongresmen gubernator burmistrz ambasador
        generał admirał marszałek pułkownik papież patriarcha miliarder biznesmen przedsiębiorca założyciel prezes
        szef szefowa rzecznik rzeczniczka sekretarz dyktator lider liderka polityk wiceprezydent wicepremier
        koordynator komisarz prokurator poseł posłanka astronauta""",
}

# These say that a person follows, not which.
HONORIFICS = _listed("mr mrs ms miss dr sir lord lady dame пан пані панна господин госпожа товариш товарищ")

# Capital words that open English sentences or stand before family names without being given names.
NO_GIVEN_NAMES = _listed(
    """a about above according across additionally after again against ago ahead all almost along already also although
    always am among amid an and another any are around as asked at away back be because become before behind being
    believe below beneath beside besides between beyond both breaking british but by call can could critics day despite
    did do does doing done down due during each earlier early either else enough even ever every exclusive ex except far
    few finally first following for former friday from further given had has have he hence her here hers him his how
    however i if in indeed inside instead into is it its january february march april june july august september october
    november december just last late later least less let like likewise live many may maybe me meanwhile might monday
    more moreover most much must my near nearly neither never nevertheless new next no none nonetheless nor not nothing
    now of off officials often on once one only onto opinion or other others our out outside over own per perhaps
    previously quite rather reportedly report reports saturday say says second secret seen several shall she should
    since so some soon sources still such sunday take tell than thanks that the their them then there therefore these
    they third this those though through throughout thursday thus till to today together tomorrow tonight too toward
    towards tuesday two under unless unlike until up update upon us very via video wanted was watch we wednesday well
    were what whatever when whenever where whereas whether which while who whole whom whose why will with within without
    would yesterday yet you your tech incoming current then-president american russian ukrainian german french chinese
    european republican democrat democratic"""
)

# What a name becomes part of when one of these follows: the Wall Street Journal is no street.
HEADS = _listed(
    """university college school academy institute institution journal times post herald tribune gazette telegraph
    observer review chronicle guardian foundation fund trust center centre hall library museum gallery theater theatre
    hotel airport station stadium arena bridge street avenue road boulevard square park county district valley lake
    river island islands bay hospital clinic church cathedral prize award awards cup bank group corporation corp inc ltd
    llc company doctrine plan act amendment tower towers organization organisation observatory
    таймс пост джорнал геральд трибюн стріт стрит юніверситі"""
)

# What says by itself which kind of institution it names; a country behind one is part of its name.
INSTITUTIONS = {
    "uk": """міністерство комітет комісія суд прокуратура палата інститут академія університет банк департамент
        управління служба агентство центр рада сенат ліга союз спілка фонд федерація асоціація адміністрація
        секретаріат кабінет республіка держава королівство бюро арбітраж""",
    "ru": """министерство комитет комиссия суд прокуратура палата институт академия университет банк департамент
        управление служба агентство центр совет сенат лига союз фонд федерация ассоциация администрация
        секретариат кабинет республика государство королевство бюро арбитраж""",
    "en": "ministry department committee commission court parliament government senate cabinet council",
    "pl": "ministerstwo komitet komisja sąd rząd senat rada urząd",
}

# Behind a name these tell a son from his father.
YOUNGER = {"uk": "молодший", "ru": "младший", "pl": "młodszy", "en": "jr jnr junior"}

# Of these a country has one, so that its name behind one belongs to it also where both are written small.
MINISTRIES = {"uk": "міністерство відомство", "ru": "министерство ведомство"}

# The names of these stand in quotation marks and are still places.
FACILITIES = {"uk": "аеропорт порт летовище стадіон", "ru": "аэропорт порт стадион"}

# Before a place in English these make another place.
DIRECTIONS = _listed("north south east west central new northern southern eastern western upper lower")


def word_forms(listed: Mapping[str, str], inflection: Inflection) -> frozenset[str]:
    """All forms of listed words, folded."""
    return frozenset(
        form
        for language, words in listed.items()
        for word in words.split()
        for form in inflection.forms(fold(word), language, person=False)
    )
