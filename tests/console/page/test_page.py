"""The page without a browser: who may come in, what every answer carries, what forms may do."""

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest

from tests.console.index.days import rearranged, records_of, told
from tests.console.page.running import RunningPage, running_page
from tests.console.program import settings_file, wirewatch
from wire.codec import decode
from wire.errors import Exit
from wire.messages import Command, CommandKind, StoryEventKind
from wire.topics import COMMANDS

pytestmark = pytest.mark.slow  # a process for each page
PAGES = ("/", "/stories/st-1", "/articles/a1", "/search?words=odesa", "/watches", "/deliveries", "/feeds", "/services",
         "/api")  # fmt: skip
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\" onload='x' javascript:alert(3)"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPage]:
    hostile = told(HOSTILE, "h1", "evil", story="st-h", number=1)
    with running_page(tmp_path_factory.mktemp("page")) as page:
        gone = rearranged(StoryEventKind.RETIRED, "st-gone", 2, "")
        page.write(*records_of([told("Nobody asks", "g1", "one", story="st-gone", number=1)]), gone)
        page.write(*records_of([hostile]))
        wait_for(page, "/stories/st-h")
        yield page


def wait_for(page: RunningPage, path: str) -> None:
    until = time.monotonic() + 10
    while page.get(path, accept="text/html").status_code != 200:
        assert time.monotonic() < until, path
        time.sleep(0.05)


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/static/page.css", "/openapi.json", "/stories.atom"])
def test_every_answer_carries_the_headers(page: RunningPage, path: str) -> None:
    answer = page.get(path, accept="text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.status_code == (404 if path == "/nowhere" else 200)
    if "html" in answer.headers["content-type"]:
        assert not re.search(r"(src|href)=\"(https?:)?//(?!one\.|two\.|evil\.)", answer.text), "an outside resource"
        assert " style=" not in answer.text


def test_hostile_words_are_escaped_wherever_they_stand(page: RunningPage) -> None:
    for path in ("/", "/stories/st-h", "/articles/h1", "/search?words=alert"):
        text = page.get(path, accept="text/html").text
        assert "&lt;script&gt;" in text, path
        assert "<script>alert" not in text
        assert "<img" not in text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
def test_another_name_is_refused_on_loopback(page: RunningPage, host: str) -> None:
    assert page.get("/", host=host).status_code == 400


def test_a_correction_is_a_command_on_the_log(page: RunningPage) -> None:
    with page.client() as browser:
        token = token_in(browser.get("/stories/st-1").text)
        for form, kind, target, other, articles in (
            ({"kind": "merge", "other": "st-2", "why": "same"}, CommandKind.MERGE, "st-1", "st-2", ()),
            ({"kind": "move", "other": "st-2", "article": "a3"}, CommandKind.MOVE, "st-2", None, ("a3",)),
            ({"kind": "move", "other": "", "article": "a3"}, CommandKind.SPLIT, "st-1", None, ("a3",)),
        ):
            answer = browser.post("/correct", data={"story": "st-1", "token": token, **form})
            assert answer.status_code == 303, answer.text
            said = commands(page)[-1]
            assert (said.kind, said.target, said.other, said.articles) == (kind, target, other, articles)
        assert browser.post("/correct", data={"story": "st-1", "kind": "move", "token": token}).status_code == 400
        assert "on the log" in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize(("other", "status"), [("st-9", 404), ("st-gone", 404), ("st-1", 400)])
def test_a_correction_that_can_never_be_applied_is_refused(page: RunningPage, other: str, status: int) -> None:
    with page.client() as browser:
        before = len(commands(page))
        data = {"story": "st-1", "kind": "merge", "other": other, "token": token_in(browser.get("/stories/st-1").text)}
        answer = browser.post("/correct", data=data)
        assert answer.status_code == status
        assert len(commands(page)) == before


def test_only_the_button_mutes(page: RunningPage) -> None:
    with page.client() as browser:
        before = len(commands(page))
        shown = browser.get("/mute/musk-putin")
        assert len(commands(page)) == before, "a mail scanner follows links"
        data = {"target": "musk-putin", "span": "2 hours", "token": token_in(shown.text)}
        assert browser.post("/mute", data={**data, "token": "x"}).status_code == 403
        answer = browser.post("/mute", data=data)
        assert answer.status_code == 303, answer.text
        said = commands(page)[-1]
        assert (said.kind, said.stage, said.target) == (CommandKind.MUTE, "deliver", "musk-putin")
        assert said.until is not None
        assert said.until - said.when == timedelta(hours=2)
        assert "Asked" in browser.get(answer.headers["location"]).text
        assert browser.post("/mute", data={**data, "span": "for ever"}).status_code == 400


def commands(page: RunningPage) -> list[Command]:
    return [decode(record.value, Command) for record in page.log.reader([COMMANDS]).read(100, timedelta(0))]


def token_in(text: str) -> str:
    found = re.search(r'name="token" value="(\w+)"', text)
    assert found is not None
    return found[1]


def test_a_forged_form_is_refused(page: RunningPage) -> None:
    before = len(commands(page))
    form = {"story": "st-1", "kind": "merge", "other": "st-2"}
    with page.client() as browser, page.client() as other:
        token = token_in(browser.get("/stories/st-1").text)
        strange = token_in(other.get("/stories/st-1").text)
        for data, headers in (
            (form, {}),
            ({**form, "token": strange}, {}),
            ({**form, "token": token}, {"origin": "https://evil.example"}),
        ):
            assert browser.post("/correct", data=data, headers=headers).status_code == 403
        for origin in ("http://[x", "null"):
            assert (
                browser.post("/correct", data={**form, "token": token}, headers={"origin": origin}).status_code == 403
            )
        broken = {"content-type": "multipart/form-data; boundary=b", "origin": page.url}
        assert browser.post("/correct", content=b"--b\r\nno header", headers=broken).status_code in (400, 403)
        many = "&".join(f"a{number}=1" for number in range(5000))
        urlencoded = {"content-type": "application/x-www-form-urlencoded"}
        assert browser.post("/correct", content=many, headers=urlencoded).status_code in (400, 403)
        assert browser.post("/correct", data={**form, "token": token, "why": "x" * 100_000}).status_code == 413
        assert browser.put("/correct").status_code == 405
    assert len(commands(page)) == before


def test_the_interface_is_what_its_document_says(page: RunningPage) -> None:
    document = page.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path in document["paths"]:
        answer = page.get(path.format(story="st-1", article="a1"))
        assert answer.status_code == 200, path
        assert answer.json() is not None
        if "{" in path:
            assert page.get(path.format(story="x", article="x")).status_code == 404
    assert page.get("/api/stories?outlet=two&limit=1").json()[0]["story_id"] in ("st-1", "st-2")
    assert not feedparser.parse(page.get("/stories.atom").content).bozo


def test_odd_questions_get_answers(page: RunningPage) -> None:
    for path in ("/?before=soon", "/?before=2026-01-01", "/?since=0001-01-01T00:00%2B05:00",
                 "/api/stories?limit=-1", "/api/search?words=%22(",
                 "/stories/%00", "/articles/..%2f..", "/static/..%2fapp.py", "/api/stories?limit=²"):  # fmt: skip
        assert page.get(path, accept="text/html").status_code in (200, 404), path


def test_what_was_missed_comes_again_by_its_id(page: RunningPage) -> None:
    for at in range(2):
        page.write(*records_of([told(f"More {at}", f"m{at}", "one", story="st-m", number=at + 1, minutes=at)]))
    wait_for(page, "/stories/st-m")
    with page.client() as browser, browser.stream("GET", "/events", headers={"last-event-id": "0"}) as answer:
        said = next(answer.iter_text())
    ids = [int(id_) for id_ in re.findall(r"^id: (\d+)$", said, re.M)]
    assert ids == sorted(ids)
    assert len(ids) >= 4
    assert "More 1" in said


def test_a_password_closes_everything_but_the_door(tmp_path: Path) -> None:
    environment = os.environ | {"PAGE_PASSWORD": "open sesame"}
    said = 'host = "0.0.0.0"\npassword = {env = "PAGE_PASSWORD"}\npublic_url = "https://desk.example/news"'
    with running_page(tmp_path, page=said, environment=environment) as page:
        page.url = page.url.replace("0.0.0.0", "127.0.0.1")
        for path in (*PAGES, "/events", "/openapi.json", "/api/stories", "/stories.atom"):
            assert page.get(path).status_code == 401, path
        assert page.get("/healthz").status_code in (200, 503)
        with page.client() as browser:
            asked = browser.get("/news/watches")
            assert asked.status_code == 303
            assert asked.headers["location"] == "/news/sign-in?to=%2Fwatches"
            filtered = browser.get("/news/?outlet=one")
            assert filtered.headers["location"] == "/news/sign-in?to=%2F%3Foutlet%3Done"
            form = browser.get(asked.headers["location"])
            cookie = form.headers["set-cookie"]
            for part in ("Path=/news", "HttpOnly", "SameSite=Strict", "Secure"):
                assert part in cookie
            jar = {"cookie": cookie.split(";")[0]}
            token = token_in(form.text)
            wrong = browser.post("/sign-in", data={"token": token, "password": "no"}, headers=jar)
            assert wrong.status_code == 403
            good = browser.post(
                "/sign-in", data={"token": token, "password": "open sesame", "to": "//evil"}, headers=jar
            )
            assert good.headers["location"] == "/news/"
            inside = {"cookie": good.headers["set-cookie"].split(";")[0]}
            stories = browser.get("/news/", headers=inside)
            assert stories.status_code == 200
            assert 'href="/news/stories/st-1"' in stories.text
            assert browser.get("/", headers=inside).status_code == 200, "a proxy may have taken the sub-path off"
            basic = page.get("/stories.atom", authorization="Basic " + "OnhvcGVuIHNlc2FtZQ==")
            assert basic.status_code == 401, "a wrong password"
            assert page.get("/stories.atom", authorization="Basic Om9wZW4gc2VzYW1l").status_code == 200
            for _ in range(6):
                browser.post("/sign-in", data={"token": token, "password": "no"}, headers=jar)
            right = {"token": token, "password": "open sesame"}
            for pretended in ({}, {"x-forwarded-for": "198.51.100.7"}):
                locked = browser.post("/sign-in", data=right, headers=jar | pretended)
                assert "Too many tries" in locked.text
            assert browser.get("/news/", headers=inside).status_code == 200, "who is in stays in"


def test_behind_a_proxy_who_guesses_locks_nobody_else_out(tmp_path: Path) -> None:
    environment = os.environ | {"PAGE_PASSWORD": "open sesame"}
    said = 'password = {env = "PAGE_PASSWORD"}\nproxies = ["127.0.0.5/8"]'
    wrong, right = "Basic OnhvcGVuIHNlc2FtZQ==", "Basic Om9wZW4gc2VzYW1l"
    with running_page(tmp_path, page=said, environment=environment) as page:

        def status(came_from: str, password: str) -> int:
            headers = {"x-forwarded-for": came_from, "authorization": password}
            return page.get("/stories.atom", **headers).status_code

        assert {status(f"10.0.0.{number}, 203.0.113.9", wrong) for number in range(6)} == {401}
        assert status("198.51.100.7, 203.0.113.9", right) == 401, "what stands before the proxy's own word is hearsay"
        assert status("198.51.100.7", right) == 200
        assert status("203.0.113.9, 198.51.100.7", right) == 200


def test_it_refuses_to_be_reached_without_a_password(tmp_path: Path) -> None:
    path = settings_file(tmp_path)
    path.write_text(path.read_text() + '[page]\nhost = "0.0.0.0"\n')
    wirewatch("topics", cwd=tmp_path)
    done = wirewatch("page", cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "page.password" in done.stderr


def test_a_port_in_use(page: RunningPage, tmp_path: Path) -> None:
    path = settings_file(tmp_path)
    path.write_text(path.read_text() + f"[page]\nport = {page.url.rsplit(':', 1)[1]}\n")
    wirewatch("topics", cwd=tmp_path)
    done = wirewatch("page", cwd=tmp_path)
    assert done.returncode == Exit.PORT_IN_USE
    assert "page.port" in done.stderr


def test_watches_are_shown_as_the_settings_have_them_now(page: RunningPage) -> None:
    path = page.folder / "wirewatch.toml"
    before = path.read_text(encoding="utf-8")
    assert "<h2>pair</h2>" in page.get("/watches", accept="text/html").text
    path.write_text(before.replace('name = "pair"', 'name = "renamed-pair"'), encoding="utf-8")
    assert "<h2>renamed-pair</h2>" in page.get("/watches", accept="text/html").text
    path.write_text("no settings", encoding="utf-8")
    assert "<h2>renamed-pair</h2>" in page.get("/watches", accept="text/html").text
    path.write_text(before, encoding="utf-8")


def test_json_lists_are_json(page: RunningPage) -> None:
    assert isinstance(json.loads(page.get("/stories.json").text)["items"], list)
