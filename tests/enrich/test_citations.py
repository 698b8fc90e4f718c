"""Who is cited, where, and as the origin or not; a name alone cites nothing."""

import time

import pytest

from enrich.citations import CitationFinder
from wire.catalogue import load_catalogue


@pytest.fixture(scope="module")
def finder() -> CitationFinder:
    return CitationFinder(load_catalogue())


TEXTS = {  # text: outlets; one that only passes on what another says has a tilde
    # English
    "The talks failed, reports CNN.": "cnn",
    "CNN reported on Friday that the talks failed.": "cnn",
    "The talks failed, according to The Wall Street Journal.": "wall-street-journal",
    "According to the newspaper The New York Times, talks failed.": "new-york-times",
    "The BBC reports, citing The New York Times, that talks failed.": "~bbc new-york-times",
    "The minister told Reuters that talks failed.": "reuters",
    "In an interview with Der Spiegel he denied it.": "der-spiegel",
    "Speaking to CNN, he denied it.": "cnn",
    "He said in a CNN interview that talks failed.": "cnn",
    "He cancelled a CNN interview.": "",
    "In remarks to CNN and in comments to Reuters he denied it.": "cnn reuters",
    "He wrote in The Guardian that talks failed.": "the-guardian",
    "The BBC understands that talks failed.": "bbc",
    "KYIV (Reuters) - Talks failed on Monday.": "reuters",
    "CNN and Reuters report that talks failed.": "cnn reuters",
    "Talks failed, according to Bloomberg and the Financial Times.": "bloomberg financial-times",
    "Talks failed – Bloomberg": "bloomberg",
    "WSJ: talks failed": "wall-street-journal",
    "According to reports by Reuters and AFP, talks failed.": "reuters afp",
    "Both Reuters and Bloomberg have confirmed it.": "reuters bloomberg",
    "CNN reported, and Reuters later confirmed, that talks failed.": "cnn reuters",
    "A memo seen by Reuters and a letter obtained by CNN say so.": "reuters cnn",
    "In an op-ed for The Guardian he denied it.": "the-guardian",
    "CNN's sources say that talks failed.": "cnn",
    "The Financial Times, which first reported the talks, has more.": "financial-times",
    "KYIV (AP) - Talks failed.": "associated-press",
    "The guardian reported to the times.": "",
    "He sued CNN for slander. The BBC has a new director.": "",
    "The minister said CNN was wrong.": "",
    "Shares of the New York Times rose on Monday.": "",
    # Ukrainian
    "Про це пише WSJ.": "wall-street-journal",
    "Переговори провалилися, пише американське видання The Wall Street Journal.": "wall-street-journal",
    "Про це повідомляє УНІАН із посиланням на Reuters.": "~unian reuters",
    "За даними CNN та Reuters, переговори тривають.": "cnn reuters",
    "Про це він сказав в інтерв'ю BBC.": "bbc",
    "Він розповів CNN, що переговори тривають.": "cnn",
    "В інтервʼю для CNN і в ефірі BBC він це заперечив.": "cnn bbc",
    "Про це йшлося в коментарі для Reuters.": "reuters",
    "Як передає Укрінформ, переговори тривають.": "ukrinform",
    "Reuters з посиланням на джерела пише, що переговори тривають.": "reuters",
    "Переговори тривають, – Bloomberg": "bloomberg",
    "Про це пише видання «Ранкові вісті».": "name:ранкові_вісті",
    "Пєсков спростував повідомлення Reuters про переговори.": "reuters",
    "У листі, з яким ознайомилося агентство Reuters, йдеться про угоду.": "reuters",
    "За словами джерел Reuters, угоди не буде. Радіо Свобода дізналося чому.": "reuters radio-liberty",
    "Як стало відомо CNN, угоди не буде.": "cnn",
    "Про це він сказав виданню Bild.": "bild",
    "CNN, яка посилається на дані Reuters, додає подробиці.": "~cnn reuters",
    "Про це написав Telegram-канал «Ранкові вісті».": "name:ранкові_вісті",
    "Джерело: «Українська правда»": "ukrainska-pravda",
    "У Києві відкрили виставку про CNN.": "",
    "Газета «Ранкові вісті» святкує ювілей.": "",
    "Згідно з Reuters, переговори тривають. За оцінками Bloomberg, вони дорогі.": "reuters bloomberg",
    "Про це повідомила у п'ятницю британська телерадіокорпорація BBC.": "bbc",
    "Київ. 13 вересня. УНІАН - Переговори тривають.": "unian",
    "Джерело: Reuters": "reuters",
    # Russian
    "МОСКВА, 14 янв — ТАСС. Переговоры идут.": "tass",
    "Об этом сообщил в пятницу журнал Der Spiegel.": "der-spiegel",
    "МОСКВА, 3 ноября. /ТАСС/. Переговоры идут.": "tass",
    "Песков опроверг сообщения CNN. Как стало известно Reuters, он неправ.": "cnn reuters",
    "ТАСС со ссылкой на Reuters и CNN сообщил о пожаре.": "~tass reuters cnn",
    "Financial Times первой сообщила о сделке.": "financial-times",
    "Министерство согласно с решением. На CNN тихо.": "",
    "Об этом сообщает РБК-Украина.": "rbc-ukraine",
    "Переговоры продолжаются, сообщает РБК-Украина со ссылкой на CNN.": "~rbc-ukraine cnn",
    "Об этом Reuters рассказали два источника.": "reuters",
    "Он рассказал CNN, что переговоры идут.": "cnn",
    "В интервью для CNN и в эфире BBC он это отрицал.": "cnn bbc",
    "В интервью CNN и в комментарии для Reuters он это отрицал.": "cnn reuters",
    "По информации агентства Bloomberg, переговоры идут.": "bloomberg",
    "Переговоры идут, пишет Коммерсантъ.": "kommersant",
    "Здание CNN эвакуировали.": "",
    # Polish
    "Rozmowy trwają, podaje Reuters.": "reuters",
    "Powiedział CNN, że rozmowy trwają.": "cnn",
    "W wywiadzie dla CNN i w rozmowie z BBC zaprzeczył.": "cnn bbc",
    "Według agencji Bloomberg rozmowy trwają.": "bloomberg",
    "Z ustaleń Onetu i według Reutersa rozmowy trwają.": "onet reuters",
    "Powołując się na CNN, napisała o tym Gazeta Wyborcza.": "cnn ~gazeta-wyborcza",
    # limits
    "": "",
    "CNN": "",
}


@pytest.mark.parametrize(("text", "outlets"), TEXTS.items(), ids=TEXTS.keys())
def test_texts(finder: CitationFinder, text: str, outlets: str) -> None:
    for article in (text, f"A headline\n{text}\nMore text follows."):
        found = finder.find(article, "und")
        assert all(article[one.start : one.end] == one.surface for one in found)
        marked = ["" if one.origin else "~" for one in found]
        named = [one.outlet.replace(" ", "_") for one in found]
        if article == text or not text.startswith("WSJ:"):  # only a headline begins with its source
            assert [mark + name for mark, name in zip(marked, named, strict=True)] == outlets.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["CNN " * 75_000, "пише CNN, " * 30_000, "видання «" * 30_000, "CNN and " * 30_000, '"А' * 100_000]
)
def test_hostile_texts_take_bounded_time(finder: CitationFinder, text: str) -> None:
    started = time.process_time()
    finder.find(text, "uk")
    assert time.process_time() - started < 10
