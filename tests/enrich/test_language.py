"""Sentences and headlines are read in their own language; letters and the outlet's word help where n-grams doubt."""

import json
import os
from pathlib import Path

import pytest

from enrich.language import Language, LanguageDetector, foreign_letters, judged, main_script

DATA = os.environ.get("WIREWATCH_DATA")


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


READ = {  # text -> language
    "Президент підписав указ про створення нового фонду": "uk",
    "Президент подписал указ о создании нового фонда": "ru",
    "The president signed a decree creating a new fund": "en",
    "Prezydent podpisał dekret o utworzeniu nowego funduszu": "pl",
    "Der Präsident unterzeichnete ein Dekret über einen neuen Fonds": "de",
    "Le président a signé un décret créant un nouveau fonds": "fr",
    "El presidente firmó un decreto que crea un nuevo fondo": "es",
    "Прэзідэнт падпісаў указ аб стварэнні новага фонду": "be",
    "Президентът подписа указ за създаването на нов фонд": "bg",
    "总统签署了一项法令": "zh",
    "وقع الرئيس مرسوما بإنشاء صندوق جديد": "ar",
    "Порт відкрито": "uk",
    "Порт открыт": "ru",
    "Суд виніс вирок": "uk",
    "Суд вынес приговор": "ru",
    "ЗАПУСК FALCON HEAVY ВІДКЛАДЕНО ЧЕРЕЗ НЕГОДУ": "uk",
    "Чи стане OpenAI Foundation Inc партнеркою Microsoft Azure і скільки це коштує?": "uk",
    "NASA объявило о запуске James Webb Space Telescope": "ru",
    "He called it “перестройка”, and nobody in the hall asked what the word meant": "en",
}


@pytest.mark.parametrize(("text", "code"), READ.items(), ids=[ascii(text[:20]) for text in READ])
def test_read(detector: LanguageDetector, text: str, code: str) -> None:
    assert detector.detect(text).code == code


NOTHING_TO_READ = ["", " \n", "2:1", "😀😀😀", "\u202e\u200b", "—", "7"]


@pytest.mark.parametrize("text", NOTHING_TO_READ, ids=ascii)
def test_without_letters_the_outlet_decides(detector: LanguageDetector, text: str) -> None:
    assert detector.detect(text) == Language("und", 0.0)
    assert detector.detect(text, hint="uk") == Language("uk", 0.5)


def test_the_outlet_decides_where_the_text_leaves_doubt(detector: LanguageDetector) -> None:
    assert [detector.detect("Трамп у парку", hint=hint).code for hint in ("ru", "uk", "sr")] == ["ru", "uk", "sr"]
    assert detector.detect("Чи стане OpenAI партнером Microsoft?", hint="uk").code == "uk"


def test_a_wrong_declaration_does_not_outweigh_a_clear_text(detector: LanguageDetector) -> None:
    assert detector.detect("Президент підписав указ про створення нового фонду", hint="ru").code == "uk"
    assert detector.detect("The president signed a decree creating a new fund", hint="uk").code == "en"


def test_confidence_is_a_share(detector: LanguageDetector) -> None:
    sure = detector.detect("Президент підписав указ про створення нового фонду").confidence
    assert 0.99 < sure <= 1.0
    assert 0.0 < detector.detect("Порт").confidence < sure


def test_the_page_is_mostly_ukrainian_with_a_russian_quotation(detector: LanguageDetector) -> None:
    page = (
        "Речник відомства відмовився від коментарів і послався на таємницю слідства. "
        "«Мы ничего не знаем об этом», — сказав він журналістам. "
        "Засідання суду призначено на п’ятницю, його буде відкрито для преси."
    )
    assert detector.detect(page).code == "uk"


JUDGED = {  # name: (scores, text, hint) -> language
    "n-grams alone": (({"de": 0.7, "nl": 0.3}, "das", None), "de"),
    "letters correct the n-grams": (({"ru": 0.9, "uk": 0.1}, "її є", None), "uk"),
    "letters find what n-grams missed": (({"bg": 1.0}, "объём выемки", None), "ru"),
    "a quotation's letters cancel out": (({"uk": 0.9, "ru": 0.1}, "іїєґіїє ыэыэыэы", None), "uk"),
    "the outlet turns a doubt": (({"uk": 0.6, "ru": 0.4}, "парк", "ru"), "ru"),
    "the outlet does not turn a certainty": (({"uk": 0.999, "ru": 0.001}, "парк", "ru"), "uk"),
    "a rarer neighbour gives way": (({"bg": 0.7, "ru": 0.3}, "на форуме", None), "ru"),
    "unless the outlet declares it": (({"bg": 0.7, "ru": 0.3}, "на форуме", "bg"), "bg"),
    "a tie does not depend on order": (({"es": 0.5, "pt": 0.5}, "a", None), "pt"),
    "nothing found": (({}, "ꙮ", None), "und"),
}


@pytest.mark.parametrize(("evidence", "code"), JUDGED.values(), ids=JUDGED.keys())
def test_judged(evidence: tuple[dict[str, float], str, str | None], code: str) -> None:
    assert judged(*evidence).code == code


def test_foreign_letters() -> None:
    assert foreign_letters("Ґанок і ыы") == {"uk": 2, "ru": 2, "be": 0, "bg": 4, "sr": 4}
    assert foreign_letters("latin") == {}


def test_latin_names_leave_a_cyrillic_headline() -> None:
    assert main_script("Чи стане Shiba Inu грошима?") == "Чи стане грошима"
    english = "They call it “перебудова”, and no translation of that word is good"
    assert main_script(english) == english


def test_a_hostile_body_is_not_read_to_its_end(detector: LanguageDetector) -> None:
    assert detector.detect("Президент підписав указ. " * 50 + "x" * 10_000_000).code == "uk"


@pytest.mark.skipif(not DATA, reason="WIREWATCH_DATA is not set")
def test_ukrainian_and_russian_of_parallel_articles(detector: LanguageDetector) -> None:
    lines = (Path(DATA or "") / "eval" / "parallel_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["lang"] in ("uk", "ru")]
    headlines = [(row["title"], row["lang"]) for row in rows]
    paragraphs = [(part, row["lang"]) for row in rows for part in row["text"].split("\n")[1:] if len(part) >= 30]
    for texts, floor in ((headlines, 0.97), (paragraphs, 0.99)):
        assert sum(detector.detect(text).code == gold for text, gold in texts) / len(texts) >= floor


PAGES = {  # name: (main, paragraphs) -> languages of the foreign ones by number
    "a Russian quotation on a Ukrainian page": (
        "uk",
        [
            "Речник відомства відмовився від коментарів",
            "«Мы ничего не знаем об этом и знать не хотим», — заявил он журналистам.",
            "Засідання суду призначено на п’ятницю, його буде відкрито для преси.",
        ],
        {1: "ru"},
    ),
    "a Ukrainian quotation on a Russian page": (
        "ru",
        ["Суд перенёс заседание", "", "«Ми нічого про це не знаємо, запитайте когось іншого», — відповіла вона."],
        {1: "uk"},
    ),
    "English in Ukrainian": ("uk", ["Заголовок", "We know nothing about it and we do not want to know."], {1: "en"}),
    "Ukrainian in English": ("en", ["A headline", "Ми нічого про це не знаємо, запитайте іншого."], {1: "uk"}),
    "names and brands change nothing": ("uk", ["Microsoft Azure та OpenAI Foundation Inc домовилися про все"], {}),
    "one language": ("en", ["A headline of the day", "The port works again, the ministry said on Monday."], {}),
    "short lines are not judged": ("uk", ["Заголовок", "Читайте также"], {}),
}


@pytest.mark.parametrize(("main", "paragraphs", "foreign"), PAGES.values(), ids=PAGES.keys())
def test_paragraphs(detector: LanguageDetector, main: str, paragraphs: list[str], foreign: dict[int, str]) -> None:
    found = detector.foreign_paragraphs("\n".join(paragraphs), main)
    assert {number: language.code for number, language in found.items()} == foreign


@pytest.mark.parametrize("text", ["ы" * 300_000, "ы\n" * 150_000, "\u202eы " * 100_000, "A" * 300_000, "\ud800" * 40])
def test_hostile_pages(detector: LanguageDetector, text: str) -> None:
    detector.detect(text)
    assert len(detector.foreign_paragraphs(text, "uk")) <= 100
