"""Words that name a source.  Data for `enrich.citations`: patterns over folded words of four languages."""

import re


def _stems(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()))


# Beside an outlet's name these say that it told something: whole words.
SAYING = _stems(
    r"""reports? reported reporting writes? wrote says? said notes? noted adds? added claims? claimed reveals? revealed
    learned learnt confirms? confirmed understands publishes published quotes? quoted disclosed broke states?
    stated warns? warned
    пиш(?:е|уть|ет|ут) (?:на)?писа(?:в|ла|ло|ли|л) повідомля\w+ повідоми\w+ переда(?:є|ють|в|ла|ло|ли|ет|ют|л)
    (?:по)?інформу\w+ розповіда\w+ розпові(?:в|ла|ло|ли) розказа\w+ зазнача\w+ зазначи\w+ стверджу\w+
    дізна(?:лися|лося|лось|вся|лася|лась) з'ясува\w+ (?:про)?циту\w+ уточни\w+ уточню\w+ опубліку\w+ каж(?:е|уть)
    заяви(?:в|ла|ло|ли|л) сказа(?:в|ла|ло|ли|л) підтверди(?:в|ла|ло|ли) ознайоми\w+ наводить
    оприлюдни\w+ застер(?:ігає|ігають|еже|іг|егла|егли) наголош\w+ підкреслю\w+
    сообща(?:ет|ют|л|ла|ло|ли) сообщи(?:л|ла|ло|ли)\w* (?:про)?информиру\w+
    рассказ(?:ал|ала|ало|али|ывает|ывают) отмеча(?:ет|ют|л|ла|ло|ли) утвержда(?:ет|ют|л|ла|ло|ли)
    узна(?:л|ла|ло|ли) выясни(?:л|ла|ло|ли) цитиру\w+ процитиров\w+ уточня(?:ет|ют) уточни(?:л|ла|ло|ли)
    опубликова(?:л|ла|ло|ли) подтверди(?:л|ла|ло|ли) ознакоми\w+ предупрежда\w+ подч[её]ркива\w+
    привод(?:ит|ят) говор(?:ит|ят) podał\w*
    podaj(?:e|ą) pisz(?:e|ą) (?:na)?pisał\w* (?:po)?informuj(?:e|ą) (?:po)?informował\w* donos(?:i|zą) doniósł
    doniosł\w* twierdz(?:i|ą) (?:za)?cytuj(?:e|ą) powiedział\w* przekazał\w* przekazuj(?:e|ą) ujawnił\w* ustalił\w*"""
)

# English verbs before their subject; others, and these before more words, say something of what the outlet did.
SAYING_FIRST = _stems("reports? reported writes? wrote says? said")

# Right before an outlet's name, or before words such as "the newspaper" in front of it, these make it the source.
NAMING = re.compile(
    r"""(?:^|\s)(?:
    according\ to|as\ per|as\ cited\ in|per|via|published\ in|
    (?:reported|quoted|published|seen|obtained|reviewed|viewed)\ by|
    interview\ (?:with|to|for|on)|(?:remarks|comments?|statement)\ (?:to|for)|told|(?:wrote|writ(?:es|ing))\ in|
    (?:reports?|stor(?:y|ies)|articles?|investigations?|pieces?|op\ ed|essay|column)\ (?:by|in|from|on|for)|
    speaking\ (?:to|on)|
    (?:згідно|відповідно)\ (?:з|із|до)|наводить\ слова|
    за\ (?:даними|оцінк(?:ою|ами)|інформацією|повідомленням\w*|відомостями|версією|
        матеріалами)|
    (?:розмові|бесіді)\ з|(?:інтерв'ю|коментарі|колонці)(?:\ для)?|ефірі|етері|(?:стат|публікаці|повідомленн)\w+|
    матеріал\w*|джерел\w*|стало\ відомо|розслідуванн\w+|
    согласно|приводит\ (?:его|ее|их)?\ ?слова|
    по\ (?:данным|оценк(?:е|ам)|информации|сообщени\w+|сведениям|версии|материалам)|
    (?:беседе|разговоре)\ с|(?:интервью|комментарии|колонке)(?:\ для)?|эфире|стать\w+|(?:публикац|сообщен)и\w+|
    материал\w*|источник\w*|стало\ известно|расследовани\w+|
    wedlug|według|zdaniem|rozmowie\ z|ustaleń|wywiadzie\ dla|artykule|materiale|jak\ podaje
    )$""",
    re.VERBOSE,
)

# Around a name: "in a CNN interview", but not "he cancelled a CNN interview".
IN_ITS = re.compile(r"\b(?:in|during)\ (?:an?|the|his|her|their)\ (?:[\w-]+\ )?$")
INTERVIEW = re.compile(r"\ (?:[\w-]+\ )?interview\b")

# The same, and what is named so is where the news comes from, also for another outlet that names it.
REFERRING = re.compile(
    r"""(?:^|\s)(?:
    cit(?:es?|ed|ing)|referr(?:ing|ed)\ to|refers\ to|with\ (?:reference|a\ link)\ to|quoting|
    посила(?:нням|ючись|ється|ються|вся|лася)(?:\ при\ цьому)?\ на|
    ссыл(?:кой|аясь|ается|аются|ался|алась)(?:\ при\ этом)?\ на|
    powoł(?:ując|uje|ał|ała)\ się\ na|za
    )$""",
    re.VERBOSE,
)

# What may stand between such words and the name, or between the name and its verb.
BETWEEN = _stems(
    r"""the a an its his her own local state american british german french russian ukrainian polish israeli turkish us
    uk news newspaper newspapers magazine agency outlet outlets channel channels broadcaster network website
    site daily weekly tabloid portal correspondents? reporters? journalists? sources? today on in later
    also first both all
    earlier телерадіо\w+ телерадио\w+ корпораці\w+ корпораци\w+ понеділок вівторок середу четвер п'ятницю суботу
    неділю понедельник вторник среду четверг пятницу субботу воскресенье poniedziałek wtorek środę czwartek
    piątek sobotę niedzielę w monday tuesday wednesday thursday friday saturday sunday has have had was
    [а-яіїєґ'-]+(?:ськ|ск|цьк|цк|зьк)[а-яіїє]{1,4} видан\w+ газет\w* журнал\w* агентств\w+ агенці\w+
    (?:теле)?канал\w* радіо\w* радио\w* портал\w* сайт\w* інтернет-\w+ интернет-\w+ медіа сми зми таблоїд\w*
    таблоид\w* щоденник\w* часопис\w* издани\w+ кореспондент\w* корреспондент\w* журналіст\w* журналист\w*
    інформагентств\w+ информагентств\w+ служб\w+ новин новостей первой первыми? першою першими? дані данные
    telegram телеграм youtube своїх своих власн\w+ собственн\w+ з із из в у на
    про це об этом також також также сьогодні сегодня вчора вчера раніше ранее o tym dziennik\w* gazet\w*
    agencj\w+ portal\w* tygodnik\w* pierws\w+ stacj\w+ telewizj\w+ amerykańsk\w+ brytyjsk\w+ niemieck\w+"""
)

# With a quoted name behind them these name an outlet that nobody listed: видання «Грані».
GENERIC = _stems(
    r"""newspaper magazine tabloid outlet broadcaster видан(?:ня|ню|ням|ні) газет(?:а|и|і|у|ою) журнал(?:у|і|ом)?
    агентств(?:о|а|у|ом|і|е) агенці(?:я|ї|ю|єю) (?:теле)?канал(?:у|і|ом|а|е)? портал(?:у|і|ом|а|е)?
    сайт(?:у|і|ом|а|е)? издани(?:е|я|ю|ем|и) газет(?:ы|е|ой) журнал(?:а|е) таблоїд(?:у|ом)? таблоид(?:а|у|ом)?
    dziennik(?:a|owi|iem)? gazet(?:a|y|ę|ą) tygodnik(?:a|owi|iem)?"""
)

# These join sources: CNN and Reuters report.
AND = frozenset(("and", "та", "і", "й", "и", "oraz", "i", "або", "или", "or"))
