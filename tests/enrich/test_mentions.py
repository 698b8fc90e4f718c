"""The specification of the mention finder: what counts as a mention of whom, and where exactly."""

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from enrich.inflection import Inflection
from enrich.mentions import MentionFinder
from wire.catalogue import Catalogue, Entity, EntityKind, load_catalogue


@pytest.fixture(scope="module")
def finder(inflection: Inflection) -> MentionFinder:
    return MentionFinder(load_catalogue(), inflection)


def found(finder: MentionFinder, text: str) -> list[str]:
    """`entity=surface` for each mention; every span is checked against the text."""
    mentions = finder.find(text, "und")
    assert [mention.surface for mention in mentions] == [text[mention.start : mention.end] for mention in mentions]
    assert all(one.end <= two.start for one, two in pairwise(mentions))
    return [f"{mention.entity}={mention.surface}" for mention in mentions]


FORMS = {  # entity: forms that are each a mention by itself, in a sentence of their language
    "elon-musk": """Ілон Маск|Ілона Маска|Ілону Маску|Ілонові Маскові|Ілоном Маском|Ілоні Маску|Ілоне Маску|Илон Маск|
        Илона Маска|Илону Маску|Илоном Маском|Илоне Маске|Elon Musk|І. Маск|И. Маска|E. Musk|Маск Ілон|ІЛОНА МАСКА""",
    "vladimir-putin": """Путін|Путіна|Путіну|Путінові|Путіним|Путіні|Путин|Путина|Путину|Путиным|Путине|Putin|
        Володимира Путіна|Владимиру Владимировичу Путину|В. В. Путін|В.Путиным|ПУТІНА""",
    "volodymyr-zelenskyy": """Зеленський|Зеленського|Зеленському|Зеленським|Зеленский|Зеленского|Зеленскому|Зеленским|
        Зеленском|Zelenskyy|Zelensky|Zelenskiy|Volodymyr Zelenskyi""",
    "sergey-kiriyenko": """Сергій Кирієнко|Сергія Кирієнка|Сергієві Кирієнку|Сергієм Кирієнком|Сергея Кириенко|
        Sergey Kiriyenko|Sergey Kirienko|Sergei Kiriienko""",
    "dmitry-peskov": "Пєсков|Пєскова|Пєскову|Пєсковим|Песков|Пескова|Пескову|Песковым|Пескове|Peskov",
    "angela-merkel": "Меркель|Ангела Меркель|Ангели Меркель|Ангелу Меркель|Ангелою Меркель|Ангелой Меркель",
    "kremlin": "Кремль|Кремля|Кремлю|Кремлем|Кремлі|Кремле|Kremlin",
    "white-house": "Білий дім|Білого дому|Білому домі|Білим домом|Белый дом|Белого дома|Белом доме|White House",
    "pentagon": "Пентагон|Пентагону|Пентагоном|Пентагоні|Пентагона|Пентагоне|Pentagon",
    "kyiv": "Київ|Києва|Києву|Києвом|Києві|Киев|Киева|Киевом|Киеве|Kyiv|Kiev",
    "ukraine": "Україна|України|Україні|Україну|Україною|Украина|Украины|Украине|Украину|Украиной|Ukraine",
    "united-states": "США|Сполучені Штати|Сполучених Штатів|Соединенных Штатах|Соединёнными Штатами|US|U.S",
    "united-nations": "ООН|Організація Об'єднаних Націй|Організації Об’єднаних Націй|Організацією Обʼєднаних Націй",
    "vietnam": "В'єтнам|В’єтнаму|Вʼєтнамом|Вьетнаме",
    "new-york": "Нью-Йорк|Нью-Йорка|Нью-Йорку|Нью-Йорком|Нью-Йорке|New York",
    "rostov-on-don": "Ростов-на-Дону|Ростова-на-Дону|Ростовом-на-Дону|Ростові-на-Дону",
    "netherlands": "Нідерланди|Нідерландів|Нідерландам|Нідерландами|Нидерландов|Нидерландах|The Netherlands",
    "nord-stream-2": "Північний потік-2|Північного потоку-2|Північним потоком – 2|Северного потока-2|Nord Stream 2",
    "nato": "НАТО|NATO|Nato",
    "turkey": "Туреччина|Туреччини|Туреччині|Туреччиною|Турция|Турции|Турцией|Turkey",
}
EACH_FORM = [(entity, form.strip()) for entity, forms in FORMS.items() for form in forms.split("|")]


@pytest.mark.parametrize(("entity", "form"), EACH_FORM, ids=[form for _, form in EACH_FORM])
def test_every_case_and_spelling(finder: MentionFinder, entity: str, form: str) -> None:
    assert found(finder, f"... {form}, 2026.") == [f"{entity}={form}"]


TEXTS = {  # name: (text, mentions)
    "the seed's kind of sentence": (
        "Керівник NASA Білл Нельсон закликав вивчити розмови Маска з Путіним, про які пише The Wall Street Journal.\n\n"
        "За даними CNN, Ілон Маск говорив із главою Кремля; Пентагон і Джон Кірбі з Білого дому мовчать.",
        "nasa=NASA bill-nelson=Білл_Нельсон elon-musk=Маска vladimir-putin=Путіним "
        "wall-street-journal=Wall_Street_Journal "
        "cnn=CNN elon-musk=Ілон_Маск kremlin=Кремля pentagon=Пентагон john-kirby=Джон_Кірбі white-house=Білого_дому",
    ),
    "short forms after the full name": (
        "Bill Nelson wants answers. Nelson, asked about Elon Musk, said Musk should explain.",
        "bill-nelson=Bill_Nelson bill-nelson=Nelson elon-musk=Elon_Musk elon-musk=Musk",
    ),
    "short form before the full name: a headline": (
        "Musk denies it\n\nElon Musk has denied it.",
        "elon-musk=Musk elon-musk=Elon_Musk",
    ),
    "short form alone says nothing": ("Musk is a scent. Nelson wrote on Monday. Kirby agreed.", ""),
    "a title vouches": ("Мільярдер Маск мовчить.", "elon-musk=Маск"),
    "a title vouches, inflected": ("Розмову з мільярдером Маском перервали.", "elon-musk=Маском"),
    "a title with a company between": (
        "The SpaceX chief executive, and SpaceX CEO Musk.",
        "spacex=SpaceX spacex=SpaceX elon-musk=Musk",
    ),
    "a companion vouches": ("Starlink was off: Musk said so.", "starlink=Starlink elon-musk=Musk"),
    "an honorific does not": ("Mr Nelson teaches chemistry.", ""),
    "masks": ("Маска на обличчі, маски в аптеці, без масок не пускають. Маску носили всі, маском ніхто не був.", ""),
    "masks beside the man": ("Ілон Маск зняв маску. Маска це не зупинило.", "elon-musk=Ілон_Маск elon-musk=Маска"),
    "a common noun that opens a sentence": ("Летняя путина началась. Путина длилась девять недель.", ""),
    "a name that opens a sentence": ("Путин приехал. Путина встречали.", "vladimir-putin=Путин vladimir-putin=Путина"),
    "a namesake, though the name recurs": (
        "Petro Musk, a farmer, is 70. Musk keeps bees, and Musk's honey is good.",
        "",
    ),
    "a namesake in Ukrainian": ("Петро Маск тримає бджіл. Меду в Маска багато.", ""),
    "a namesake beside the man": (
        "Elias Musk is no relation of Elon Musk. Musk builds rockets.",
        "elon-musk=Elon_Musk elon-musk=Musk",
    ),
    "after the man the namesake has the name": (
        "Elon Musk spoke. Elias Musk listened, Musk nodded.",
        "elon-musk=Elon_Musk",
    ),
    "a namesake's initial": ("С. Путин и М. Маск.", ""),
    "a relative of one whose family name is enough": ("Йшлося про Меланію Трамп.", ""),
    "the given name in another spelling": ("Ilon Musk and SpaceX.", "elon-musk=Ilon_Musk spacex=SpaceX"),
    "Wall Street and its Journal": (
        "The Wall Street Journal has its office off Wall Street.",
        "wall-street-journal=Wall_Street_Journal wall-street=Wall_Street",
    ),
    "what a name is only part of": ("Elon University, London Bridge, Moscow Herald, the Zelensky Foundation.", ""),
    "a possessive keeps two persons apart": (
        "Putin's spokesman Peskov and Putin’s man.",
        "vladimir-putin=Putin dmitry-peskov=Peskov vladimir-putin=Putin",
    ),
    "an English family in the plural": (
        "Joe Biden spoke, the Bidens left; the Musks of this world and Elons. Angela Merkel met the Merkels' guests.",
        "joe-biden=Joe_Biden joe-biden=Bidens angela-merkel=Angela_Merkel angela-merkel=Merkels",
    ),
    "any apostrophe makes a possessive": (
        "Putinʼs Peskov and Zelensky`s men.",
        "vladimir-putin=Putin dmitry-peskov=Peskov volodymyr-zelenskyy=Zelensky",
    ),
    "the son of that name": (
        "Donald Trump Jr. spoke of Donald Trump. Donald Trump, Jr., left; so did Trump junior.",
        "donald-trump=Donald_Trump donald-trump=Trump",
    ),
    "the son of that name in other languages": (
        "Дональд Трамп-молодший, с Трампом-младшим, Donald Trump Młodszy; Дональд Трамп молодший за Байдена.",
        "donald-trump=Дональд_Трамп joe-biden=Байдена",
    ),
    "the son whom the catalogue has": (
        "Robert F. Kennedy Jr. і Роберт Кеннеді-молодший",
        "robert-kennedy-jr=Robert_F._Kennedy_Jr robert-kennedy-jr=Роберт_Кеннеді-молодший",
    ),
    "a man who is called so": ("Joe Biden Jr. won.", "joe-biden=Joe_Biden_Jr"),
    "an English plural without the name": ("The Musks left.", ""),
    "English compounds": (
        "US-led, Kremlin-backed, anti-Putin",
        "united-states=US kremlin=Kremlin vladimir-putin=Putin",
    ),
    "Cyrillic compounds are other names": ("Москва-Сіті росте.", ""),
    "two names joined": ("рейс Київ–Варшава", "kyiv=Київ warsaw=Варшава"),
    "an airport in quotation marks": ("рейси з аеропорту «Київ», рейс «Київ»", "kyiv=Київ"),
    "a ship in quotation marks": ("Крейсер «Москва» затонув.", ""),
    "acronyms keep their capitals": ("Who told us? The WHO told the US.", "who=WHO united-states=US"),
    "Latin letters inside Cyrillic words": ("Зaява Пyтiна про Кpeмль", "vladimir-putin=Пyтiна kremlin=Кpeмль"),
    "stress marks and soft hyphens": ("Пу́тін у Крем\u00adлі", "vladimir-putin=Пу́тін kremlin=Крем\u00adлі"),
    "Polish": (
        "Rozmowa Donalda Trumpa z Elonem Muskiem o Unii Europejskiej; Władimirowi Putinowi w Rosji na tym zależy.",
        "donald-trump=Donalda_Trumpa elon-musk=Elonem_Muskiem european-union=Unii_Europejskiej "
        "vladimir-putin=Władimirowi_Putinowi russia=Rosji",
    ),
    "several languages in one text": (
        "Ілон Маск: «Илон Маск не звонил в Кремль», said Elon Musk.",
        "elon-musk=Ілон_Маск elon-musk=Илон_Маск kremlin=Кремль elon-musk=Elon_Musk",
    ),
    "the longest name wins": ("Рада Безпеки ООН зібралася", "un-security-council=Рада_Безпеки_ООН"),
    "names never cross a paragraph": ("читайте Ілон\n\nМаск", ""),
    "an institution's country is part of its name": (
        "Союз садівників Росії та Лига России. У Міністерстві культури та спорту України мовчать. МВД Турции молчит.",
        "",
    ),
    "a ministry in one word": ("Глава минздрава Турции ушел. В Мінфіні Британії раді.", ""),
    "an office is no institution": (
        "Прем'єр-міністр Британії і президент Туреччини",
        "united-kingdom=Британії turkey=Туреччини",
    ),
    "and joins two names": ("Сенат і Україна домовилися, Комітет до Росії не поїде", "ukraine=Україна russia=Росії"),
    "a capital adjective makes another place": (
        "у Південну Європу; Western Europe; у східну Україну",
        "ukraine=Україну",
    ),
    "a channel with a number": ('телеканал "Россия 24"; «Україна 24»; 24 лютого Росія', "russia=Росія"),
    "a channel with a number behind a hyphen": ("в эфире Россия-1, а Росія – 2 бали", "russia=Росія"),
    "a way between places in quotation marks": (
        "труба «Тринад – Європа», рейс «Київ – Варшава»",
        "kyiv=Київ warsaw=Варшава",
    ),
    "a firm's branch": ("завод «Кравтехно Україна», акції Кравтехно Україна", ""),
    "a country is no part of an unknown word before it": ("Штегмаєр України не бачив", "ukraine=України"),
    "a ministry written small": ("очільник міністерства закордонних справ Туреччини; ведомство России", ""),
    "a title that a name opens": (
        "агентство «Россия вчера», «Россия ответит», «Росія не прийде», «Росія»",
        "russia=Россия russia=Росія",
    ),
    "a given name misspelt before the family name": (
        "Володимир Путін; пан Володимер Путін",
        "vladimir-putin=Володимир_Путін vladimir-putin=Володимер_Путін",
    ),
    "quotation marks hold a longer name": ('компанія "Пентагон Девелопмент Груп" росте', ""),
    "quotation marks hold a longer name with initials": ('фірма "Пентагон Холдинг Б.В." росте', ""),
    "a quoted sentence is no name": ("«Росія не відповіла», «У Києві тихо»", "russia=Росія kyiv=Києві"),
    "Latin words in a row are one name in Cyrillic": (
        "Про це пише видання Pentagon Weekly, а Pentagon мовчить",
        "pentagon=Pentagon",
    ),
    "a middle initial": ("Donald J. Trump spoke", "donald-trump=Donald_J._Trump"),
    "a second given name": (
        "Barack Hussein Obama, Дональд Джон Трамп; Elon Says Musk",
        "barack-obama=Barack_Hussein_Obama donald-trump=Дональд_Джон_Трамп",
    ),
    "a second given name, but of persons only": ("Wall Xyz Street", ""),
    "initials and patronymic behind the family name": (
        "Путін В. В. мовчав; Лавров Сергій Вікторович; Маск И. П., тоже",
        "vladimir-putin=Путін_В._В sergei-lavrov=Лавров_Сергій_Вікторович elon-musk=Маск_И._П",
    ),
    "an initial behind the family name may be somebody else's": (
        "Ілон Маск прибув. Зустріч Маска І. Чубенко пропустив.",
        "elon-musk=Ілон_Маск elon-musk=Маска",
    ),
    "of two namesakes the one named last": (
        "Boris Johnson left. Johnson wept. Mike Johnson, the speaker, did not. Johnson smiled.",
        "boris-johnson=Boris_Johnson boris-johnson=Johnson mike-johnson=Mike_Johnson mike-johnson=Johnson",
    ),
    "a short word behind a name is no patronymic": ("Elon Musk On Mars", "elon-musk=Elon_Musk mars=Mars"),
    "a firm of family names": (
        "Johnson & Johnson and Johnson & Sons sued Boris Johnson, Trump & Putin did not",
        "boris-johnson=Boris_Johnson donald-trump=Trump vladimir-putin=Putin",
    ),
    "a given name with a title is also others'": (
        "Pope Leo prayed, Leo said. Leo Hurko scored.",
        "pope-leo=Pope_Leo pope-leo=Leo",
    ),
    "acronyms with full stops": (
        "The F.B.I. told the U.N.'s man. Plan U, N.",
        "fbi=F.B.I united-nations=U.N",
    ),
    "an institution of an acronym is also written small": (
        "У конгресі США і сенаті США тихо; рада міста, конгрес партії.",
        "us-congress=конгресі_США us-senate=сенаті_США",
    ),
    "an acronym that ends with a country's": ("ВС РФ і МВС РФ; посол РФ", "russia=РФ"),
    "but not in a line of capitals": (
        "УРЯД ПРОТИ РФ\n\nПОСЛИ ЗА США БУДУТЬ",
        "russia=РФ united-states=США",
    ),
    "a newspaper's name keeps its capitals": (
        "The sun rose over the times, says The Sun.",
        "the-sun=The_Sun",
    ),
    "a city in -ів that keeps its і": ("у Тель-Авіві, з Тель-Авіва", "tel-aviv=Тель-Авіві tel-aviv=Тель-Авіва"),
    "a Polish title": ("Z prezydentem Nawrockim", "karol-nawrocki=Nawrockim"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "mentions"), TEXTS.values(), ids=TEXTS.keys())
def test_texts(finder: MentionFinder, text: str, mentions: str) -> None:
    assert [one.replace(" ", "_") for one in found(finder, text)] == mentions.split()


def catalogue_of(*entities: Entity) -> Catalogue:
    return Catalogue({entity.id: entity for entity in entities})


def test_a_form_of_two_entities_goes_to_the_one_named_elsewhere(inflection: Inflection) -> None:
    west, east = (
        Entity(id=f"georgia-{side}", kind=EntityKind.PLACE, names={"en": ("Georgia", f"{side.title()} Georgia")})
        for side in ("west", "east")
    )
    finder = MentionFinder(catalogue_of(west, east), inflection)
    assert {mention.entity for mention in finder.find("Georgia, that is West Georgia.", "en")} == {"georgia-west"}
    assert {mention.entity for mention in finder.find("Georgia, that is East Georgia.", "en")} == {"georgia-east"}


def test_of_two_spellings_the_catalogues_own_counts(inflection: Inflection) -> None:
    one = Entity(id="one", kind=EntityKind.PERSON, names={"uk": ("Гордій Шимигаль",)})
    other = Entity(id="other", kind=EntityKind.PERSON, names={"ru": ("Гордий Шимыгаль",)})
    finder = MentionFinder(catalogue_of(one, other), inflection)
    assert [found.entity for found in finder.find("Гордій Шимигаль виступив, Шимигаля слухали", "uk")] == ["one", "one"]
    assert [found.entity for found in finder.find("Гордий Шимыгаль и Шимыгалю", "ru")] == ["other", "other"]


def test_a_word_whose_dictionary_form_has_no_case_inflects(inflection: Inflection) -> None:
    court = Entity(id="court", kind=EntityKind.ORGANISATION, names={"uk": ("Гаазький арбітраж",)})
    finder = MentionFinder(catalogue_of(court), inflection)
    forms = ["Гаазького арбітражу", "Гаазькому арбітражі", "Гаазьким арбітражем"]
    assert [finder.find(f"у {form}", "uk")[0].surface for form in forms] == forms


def test_an_institution_is_also_written_small(inflection: Inflection) -> None:
    court = Entity(id="court", kind=EntityKind.ORGANISATION, names={"uk": ("Окружний суд Гааги",)})
    place = Entity(id="hague", kind=EntityKind.PLACE, names={"uk": ("Гаага",)})
    finder = MentionFinder(catalogue_of(court, place), inflection)
    assert [found.entity for found in finder.find("рішення окружного суду Гааги; у Гаазі", "uk")] == ["court", "hague"]


def test_polish_endings_behind_an_apostrophe(inflection: Inflection) -> None:
    mickey = Entity(id="mickey", kind=EntityKind.PERSON, names={"pl": ("Mike O'Mickey",)})
    text = "Mike'a O'Mickey'ego nie ma, z Mike'iem O'Mickey’em, Mike's O'Mickey"
    assert [one.surface for one in MentionFinder(catalogue_of(mickey), inflection).find(text, "pl")] == [
        "Mike'a O'Mickey",
        "Mike'iem O'Mickey",
        "O'Mickey",
    ]


def test_the_small_word_of_a_transliterated_name_varies(inflection: Inflection) -> None:
    movement = Entity(id="movement", kind=EntityKind.ORGANISATION, names={"ru": ("Сафар-э-Намаик",)})
    finder = MentionFinder(catalogue_of(movement), inflection)
    forms = ["Сафар-э-Намаик", "Сафар-и-Намаик", "Сафар-е-Намайик"]
    assert [one.surface for one in finder.find(", ".join(forms), "ru")] == forms


def test_a_given_name_alone_may_be_somebody_elses(inflection: Inflection) -> None:
    patriarch = Entity(id="cyril", kind=EntityKind.PERSON, names={"uk": ("Кирило",)})
    finder = MentionFinder(catalogue_of(patriarch), inflection)
    assert [found.surface for found in finder.find("Кирило Сархащенко мовчав, Кирило говорив", "uk")] == ["Кирило"]
    assert finder.find("Кирило Антон Бойко мовчав", "uk") == ()


def test_a_common_noun_as_name_needs_the_entity_named(inflection: Inflection) -> None:
    parliament = Entity(
        id="seim", kind=EntityKind.ORGANISATION, names={"uk": ("Великий сейм", "парламент"), "ru": ("Великий сейм",)}
    )
    finder = MentionFinder(catalogue_of(parliament), inflection)
    assert finder.find("У парламенті тихо.", "uk") == ()
    assert len(finder.find("Великий сейм зібрався, у парламенті гамірно.", "uk")) == 2


def test_a_noun_that_opens_a_sentence_and_stands_small_in_another_form_is_no_name(inflection: Inflection) -> None:
    agency = Entity(id="agency", kind=EntityKind.ORGANISATION, names={"uk": ("Поступ",)})
    finder = MentionFinder(catalogue_of(agency), inflection)
    assert finder.find("Поступ помітний. Радіють поступові всі.", "uk") == ()
    assert len(finder.find("Поступ помітила. Радіють усі.", "uk")) == 1
    assert len(finder.find("«Поступ» росте. Радіють поступові всі.", "uk")) == 1


def test_an_acronym_of_a_name_is_known_beside_it(inflection: Inflection) -> None:
    union = Entity(id="union", kind=EntityKind.ORGANISATION, names={"uk": ("Вільна спілка садівників",)})
    finder = MentionFinder(catalogue_of(union), inflection)
    assert [one.surface for one in finder.find("Вільна спілка садівників (ВСС) скликала з'їзд ВСС.", "uk")] == [
        "Вільна спілка садівників",
        "ВСС",
        "ВСС",
    ]


def test_a_name_with_signs(inflection: Inflection) -> None:
    shop = Entity(id="shop", kind=EntityKind.ORGANISATION, names={"en": ("Nut & Bolt", "Bolt.example")})
    assert [
        one.surface for one in MentionFinder(catalogue_of(shop), inflection).find("Nut & Bolt is Bolt.example", "en")
    ] == [
        "Nut & Bolt",
        "Bolt.example",
    ]


DOUBLE = {  # language: (text, mentions of Olena Dziuba-Kozak)
    "uk": (
        "Олена Дзюба-Козак, Дзюбою-Козак; О. Дзюба-Козак, Дзюба-Козак О., Дзюба-Козак Олена.",
        "Олена_Дзюба-Козак Дзюбою-Козак О._Дзюба-Козак Дзюба-Козак_О Дзюба-Козак_Олена",
    ),
    "en": ("Olena Dziuba-Kozak left; Dziuba-Kozak's son.", "Olena_Dziuba-Kozak Dziuba-Kozak"),
    "nobody named": ("Дзюба-Козак мовчить.", ""),
}


@pytest.mark.parametrize(("text", "mentions"), DOUBLE.values(), ids=DOUBLE.keys())
def test_a_family_name_of_two(inflection: Inflection, text: str, mentions: str) -> None:
    names = {"uk": ("Олена Дзюба-Козак",), "en": ("Olena Dziuba-Kozak",)}
    finder = MentionFinder(catalogue_of(Entity(id="o", kind=EntityKind.PERSON, names=names)), inflection)
    assert [one.surface.replace(" ", "_") for one in finder.find(text, "uk")] == mentions.split()


SMALL_WORDS = {  # language: (text, mentions of Inés de la Vega)
    "uk": (
        "Інес де ла Вега; де ла Вегу, Де ла Вега, І. де ла Вега",
        "Інес_де_ла_Вега де_ла_Вегу Де_ла_Вега І._де_ла_Вега",
    ),
    "en": ("Inés de la Vega, De la Vega's, Vega", "Inés_de_la_Vega De_la_Vega Vega"),
}


@pytest.mark.parametrize(("text", "mentions"), SMALL_WORDS.values(), ids=SMALL_WORDS.keys())
def test_small_words_of_a_family_name(inflection: Inflection, text: str, mentions: str) -> None:
    names = {"uk": ("Інес де ла Вега",), "en": ("Inés de la Vega",)}
    finder = MentionFinder(catalogue_of(Entity(id="ines", kind=EntityKind.PERSON, names=names)), inflection)
    assert [one.surface.replace(" ", "_") for one in finder.find(text, "uk")] == mentions.split()


def test_a_double_given_name_has_two_initials(inflection: Inflection) -> None:
    names = {"uk": ("Жан-Клод Фабр",), "en": ("Jean-Claude Fabre",)}
    finder = MentionFinder(catalogue_of(Entity(id="fabre", kind=EntityKind.PERSON, names=names)), inflection)
    forms = ["Ж.-К. Фабр", "Ж. К. Фабру", "J.-C. Fabre"]
    assert [one.surface for one in finder.find("; ".join(forms), "uk")] == forms


def test_letters_with_strokes_are_also_written_without(inflection: Inflection) -> None:
    names = {"en": ("Lars Bjørkvik", "Sławomir Żołna", "Işıl Yıldırım")}
    finder = MentionFinder(catalogue_of(Entity(id="lars", kind=EntityKind.PERSON, names=names)), inflection)
    forms = ["Lars Bjorkvik", "Slawomir Zolna", "Isil Yildirim"]
    assert [one.surface for one in finder.find("; ".join(forms), "en")] == forms


FAMILIES = {  # language of the name "Ana Torre": what is found in a text about her and the Torres
    "en": ["Ana Torre", "Torres"],
    "de": ["Ana Torre", "Torres"],
    "es": ["Ana Torre"],
    "fr": ["Ana Torre"],
    "pl": ["Ana Torre"],
}


@pytest.mark.parametrize(("language", "surfaces"), FAMILIES.items(), ids=FAMILIES.keys())
def test_an_s_behind_a_family_name_is_another_name_elsewhere(
    inflection: Inflection, language: str, surfaces: list[str]
) -> None:
    ana = Entity(id="ana", kind=EntityKind.PERSON, names={language: ("Ana Torre",)})
    finder = MentionFinder(catalogue_of(ana), inflection)
    assert [one.surface for one in finder.find("Ana Torre. Torres.", "und")] == surfaces


DEFINED = {  # name: (text, mentions of the firm AltBau)
    "before the brackets": ("«Альтбау» (AltBau) росте. Про «Альтбау» мовчать.", "Альтбау AltBau Альтбау"),
    "in another case": ("Фірму «Мендоза» (Mendoza) знають. З Мендозою мовчать.", "Мендоза Mendoza Мендозою"),
    "in the brackets": ("AltBau («Альтбау») росте, «Альтбау» мовчить.", "AltBau Альтбау Альтбау"),
    "hereinafter": ("AltBau (далі — Товариство) росте. Товариство, товариство!", "AltBau Товариство Товариство"),
    "another thing in brackets": ("Петренко (AltBau) росте. Петренко мовчить.", "AltBau"),
    "a word of the same script": ("AltBier (AltBau), AltBier.", "AltBau"),
    "a word outside the brackets": ("«Альтбау», AltBau (так). Альтбау.", "AltBau"),
    "more in the brackets": ("«Альтбау» (група AltBau), Альтбау.", "AltBau"),
    "brackets at the end": ("AltBau (далі", "AltBau"),
}


@pytest.mark.parametrize(("text", "mentions"), DEFINED.values(), ids=DEFINED.keys())
def test_a_name_that_the_text_explains(inflection: Inflection, text: str, mentions: str) -> None:
    firm = Entity(id="firm", kind=EntityKind.ORGANISATION, names={"en": ("AltBau", "Mendoza")})
    found = MentionFinder(catalogue_of(firm), inflection).find(text, "uk")
    assert [one.surface for one in found] == mentions.split()
    assert all(text[one.start : one.end] == one.surface for one in found)


POLISH = {  # nominative: forms
    "Donald Tusk": "Donalda Tuska|Donaldowi Tuskowi|Donaldem Tuskiem|Donaldzie Tusku",
    "Donald Trump": "Donalda Trumpa|Donaldowi Trumpowi|Donaldem Trumpem",
    "Andrzej Duda": "Andrzeja Dudy|Andrzejowi Dudzie|Andrzeja Dudę|Andrzejem Dudą",
    "Wołodymyr Zełenski": "Wołodymyra Zełenskiego|Wołodymyrowi Zełenskiemu|Wołodymyrem Zełenskim",
    "Unia Europejska": "Unii Europejskiej|Unię Europejską|Unią Europejską",
    "Stany Zjednoczone": "Stanów Zjednoczonych|Stanom Zjednoczonym|Stanami Zjednoczonymi|Stanach Zjednoczonych",
    "Biały Dom": "Białego Domu|Białemu Domowi|Białym Domem|Białym Domu",
    "Komisja Europejska": "Komisji Europejskiej|Komisję Europejską",
    "Polska": "Polski|Polsce|Polskę|Polską",
    "Rosja": "Rosji|Rosję|Rosją",
    "Ukraina": "Ukrainy|Ukrainie|Ukrainę|Ukrainą",
    "Praga": "Pragi|Pradze|Pragę|Pragą",
    "Kraków": "Krakowa|Krakowem|Krakowie",
    "Poznań": "Poznania|Poznaniem|Poznaniu",
    "Chiny": "Chin|Chinom|Chinami|Chinach",
    "Senat": "Senatu|Senatem|Senacie",
    "Morze Czarne": "Morza Czarnego|Morzu Czarnym",
    "Białoruś": "Białorusi|Białorusią",
    "Łódź": "Łodzi|Łodzią",
    "Bydgoszcz": "Bydgoszczy|Bydgoszczą",
    "Biała Cerkiew": "Białej Cerkwi|Białą Cerkwią",
    "Niemcy": "Niemiec|Niemczech|Niemcami|Niemcom",
    "Węgry": "Węgier|Węgrzech|Węgrami",
    "Włochy": "Włoch|Włoszech|Włochami",
    "Katowice": "Katowic|Katowicach|Katowicami",
    "Wrocław": "Wrocławia|Wrocławiu|Wrocławiem",
    "Paweł Gąsior": "Pawła Gąsiora|Pawłowi Gąsiorowi|Pawłem Gąsiorem|Pawle Gąsiorze",
    "Jan Wróbel": "Jana Wróbla|Janowi Wróblowi|Janem Wróblem",
    "Aleksander Luka": "Aleksandra Luki|Aleksandrowi Luce|Aleksandrem Luką|Aleksandrze Luce",
    "Monica Balca": "Moniki Balki|Monice Balce|Monikę Balkę|Moniką Balką",
    "Antoni Gołąb": "Antoniego Gołębia|Antoniemu Gołębiowi|Antonim Gołębiem",
    "Bruno Dąb": "Bruna Dęba|Brunem Dębem",
    "Jan Mróz": "Jana Mroza|Janowi Mrozowi|Janem Mrozem",
    "Ziobro": "Ziobry|Ziobrze|Ziobrę|Ziobrą",
}


@pytest.fixture(scope="module")
def polish(inflection: Inflection) -> MentionFinder:
    people = ("Donald", "Andrzej", "Woł", "Zio", "Antoni", "Bruno", "Jan", "Paweł", "Aleks", "Monica")
    kinds = {name: EntityKind.PERSON if name.startswith(people) else EntityKind.PLACE for name in POLISH}
    return MentionFinder(
        catalogue_of(*(Entity(id=name, kind=kind, names={"pl": (name,)}) for name, kind in kinds.items())), inflection
    )


@pytest.mark.parametrize(("name", "forms"), POLISH.items(), ids=POLISH.keys())
def test_polish_names_inflect(polish: MentionFinder, name: str, forms: str) -> None:
    assert {form: found(polish, f"to {form} tu") for form in forms.split("|")} == {
        form: [f"{name}={form}"] for form in forms.split("|")
    }


HOSTILE = {
    "initials without end": "І. " * 20_000,
    "names without end": "Ілон " * 20_000,
    "one endless word": "а" * 300_000,
    "marks only": "\u0301" * 100_000,
    "apostrophes": "а'" * 100_000,
    "brackets and bidi marks": "\u202eМаск\u202c(((" * 10_000,
    "lone surrogates": "\ud800Путін\udfff",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_take_bounded_time(finder: MentionFinder, text: str) -> None:
    started = time.process_time()
    mentions = finder.find(text, "uk")
    assert time.process_time() - started < 5  # each takes well under a second; squared time would take minutes
    assert all(text[one.start : one.end] == one.surface for one in mentions)


@pytest.mark.slow
def test_a_large_catalogue_tells_its_names_apart(inflection: Inflection) -> None:
    people = [Entity(id=f"p{n}", kind=EntityKind.PERSON, names={"en": (f"Name{n} Family{n}",)}) for n in range(20_000)]
    finder = MentionFinder(catalogue_of(*people), inflection)
    assert [one.entity for one in finder.find("Name19999 Family19999 met Name7 Family7; Family7 left.", "en")] == [
        "p19999",
        "p7",
        "p7",
    ]


@pytest.mark.skipif("WIREWATCH_DATA" not in os.environ, reason="WIREWATCH_DATA names no folder of outside texts")
def test_the_seed(finder: MentionFinder) -> None:
    text = (Path(os.environ["WIREWATCH_DATA"]) / "seed" / "nasa-urges-probe.txt").read_text(encoding="utf-8")
    named = """elon-musk vladimir-putin bill-nelson john-kirby dmitry-peskov sergey-kiriyenko nasa starlink pentagon
        white-house cnn wall-street-journal"""
    assert set(named.split()) <= {mention.entity for mention in finder.find(text, "en")}
