"""The pages that people read, and the few forms that they send."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.checkup.status import state_word
from console.explain.article import why, why_lines
from console.index.listings import (
    alert_count,
    alerts,
    commands_about,
    dead_letters,
    deliveries,
    delivery_counts,
    feeds,
)
from console.index.queries import articles_of, events_of, living_story, main_entities, search, stories, text_of
from console.index.views import StoryView
from console.index.ways import way_of
from console.orders import command, send
from console.page.context import Page, chosen_in, limit_in, page_of
from console.page.drawing import provenance, timeline
from console.page.trying import Tried, starter, try_watch
from wire.messages import CommandKind
from wire.settings import WatchSettings

PER_PAGE = 50
_MOST_ARTICLES = 300
_MOST_EVENTS = 100


def show_stories(request: Request) -> Response:
    """The stream of stories; it grows by itself where scripts run."""
    page = page_of(request)
    chosen, query = chosen_in(request)
    with page.index() as db:
        found = stories(db, chosen, PER_PAGE)
    older = found[-1] if len(found) == PER_PAGE else None
    return HTMLResponse(page.render(request, "stories.html", stories=found, chosen=chosen, query=query, older=older))


def show_story(request: Request) -> Response:
    """One story: timeline, provenance, articles, developments, corrections."""
    page = page_of(request)
    asked = request.path_params["story"]
    with page.index() as db:
        found = living_story(db, asked)
        if found is None:
            return nothing(request, "No such story", f"{asked} is not in the index.")
        if found.story_id != asked:
            return RedirectResponse(page.templates.url(f"/stories/{found.story_id}"), 302)
        listed = articles_of(db, found.story_id, _MOST_ARTICLES)
        events = events_of(db, found.story_id, _MOST_EVENTS)
        outlets = {one.article_id: one.outlet for one in listed}
        copies = {
            outlets[about]: outlets[event.evidence.copy_of]
            for event, about in events
            if about in outlets and event.evidence is not None and event.evidence.copy_of in outlets
        }
        entities = main_entities(db, found.story_id)
        asked_for = commands_about(db, found.story_id)
    copies = {copier: original for copier, original in copies.items() if copier != original}
    return HTMLResponse(
        page.render(
            request,
            "story.html",
            story=found,
            articles=listed,
            events=events,
            entities=entities,
            copies=copies,
            commands=asked_for,
            drawing=timeline(listed),
            graph=provenance(found.facts.first_outlet, found.facts.citations, copies),
            said=_SAID.get(request.query_params.get("said", "")),
        )
    )


_SAID = {"asked": "The correction is on the log. It shows below as soon as the cluster stage has applied it."}


def show_article(request: Request) -> Response:
    """One article: why it is where it is, its way, its text."""
    page = page_of(request)
    with page.index() as db:
        known = why(db, request.path_params["article"])
        if known is None:
            return nothing(request, "No such article", f"{request.path_params['article']} is not in the index.")
        summary, body = text_of(db, known.article.article_id)
        values = {
            "article": known.article,
            "why": "\n".join(why_lines(db, known)),
            "steps": way_of(db, known.article.article_id),
            "summary": summary,
            "body": body,
        }
    return HTMLResponse(page.render(request, "article.html", **values))


def show_search(request: Request) -> Response:
    """Articles by words."""
    page = page_of(request)
    words = request.query_params.get("words", "").strip()[:200]
    with page.index() as db:
        found = search(db, words, PER_PAGE) if words else []
    return HTMLResponse(page.render(request, "search.html", words=words, found=found, limit=PER_PAGE))


def show_watches(request: Request) -> Response:
    """Watches with their last alerts, and a draft to back-test."""
    return _watches(request, Tried(draft=starter(page_of(request).rules.now()[0])))


async def back_test(request: Request) -> Response:
    """What the draft of the form would have told; nothing is saved or sent."""
    page = page_of(request)
    draft = request.state.form.get("watch")
    text = draft.replace("\r\n", "\n") if isinstance(draft, str) else ""
    settings, catalogue = page.rules.now()
    tried = await asyncio.to_thread(try_watch, text, settings, catalogue, page.log, datetime.now(UTC))
    return await asyncio.to_thread(_watches, request, tried)


def _watches(request: Request, tried: Tried) -> Response:
    page = page_of(request)
    with page.index() as db:
        watches = [
            {
                "name": one.name,
                "what": _asks(one),
                "scope": one.scope,
                "channels": one.channels,
                "count": alert_count(db, one.name),
                "last": alerts(db, 5, watch=one.name),
            }
            for one in page.rules.now()[0].watch
        ]
    return HTMLResponse(page.render(request, "watches.html", watches=watches, tried=tried))


def _asks(watch: WatchSettings) -> str:
    """What a watch asks for, in words."""
    parts = [" + ".join(watch.all)]
    parts += [f"{word} of {', '.join(names)}" for word, names in (("any", watch.any), ("none", watch.none)) if names]
    parts += [f"words {', '.join(watch.words)}"] if watch.words else []
    return "; ".join(part for part in parts if part)


def show_deliveries(request: Request) -> Response:
    """The ledger, newest first."""
    page = page_of(request)
    with page.index() as db:
        found, counts = deliveries(db, limit_in(request, 100)), delivery_counts(db)
    return HTMLResponse(page.render(request, "deliveries.html", deliveries=found, counts=counts))


def show_feeds(request: Request) -> Response:
    """All feeds, those in trouble first."""
    page = page_of(request)
    with page.index() as db:
        found = feeds(db)
    failing = [one for one in found if one.failed is not None]
    return HTMLResponse(page.render(request, "feeds.html", feeds=found, failing=failing))


def show_services(request: Request) -> Response:
    """Lanes, the index, dead letters."""
    page = page_of(request)
    lanes = [(one, state_word(one)) for one in page.lanes.progress()]
    with page.index() as db:
        behind, dead = page.lanes.behind(db), dead_letters(db, 50)
    hub = page.hub
    return HTMLResponse(
        page.render(
            request, "services.html", lanes=lanes, behind=behind, dead=dead, viewers=len(hub), dropped=hub.dropped
        )
    )


async def correct(request: Request) -> Response:
    """Write a correction to the log; the only thing that the page writes."""
    page = page_of(request)
    form = request.state.form
    story, other = _word(form.get("story")), _word(form.get("other"))
    articles = tuple(_word(one) for one in form.getlist("article"))[:_MOST_ARTICLES]
    if other:
        found = await asyncio.to_thread(_now, page, other)
        if found is None or found.is_over:
            what = f"{other} is not in the index, or nothing is left in it."
            return await asyncio.to_thread(nothing, request, "No such story", what, 404)
        other = found.story_id
    kind, target, rest = _correction(_word(form.get("kind")), story, other, articles)
    if kind is None:
        return await asyncio.to_thread(nothing, request, "Nothing to correct", rest, 400)
    said = command(
        kind,
        "cluster",
        target,
        who="page",
        when=datetime.now(UTC),
        why=_word(form.get("why"), 300),
        other=rest or None,
        articles=() if kind is CommandKind.MERGE else articles,
    )
    await asyncio.to_thread(send, page.log, said)
    return RedirectResponse(page.templates.url(f"/stories/{story}", said="asked"), 303)


def _now(page: Page, named: str) -> StoryView | None:
    """The story that `named` is now; None where there is none."""
    with page.index() as db:
        return living_story(db, named)


def show_mute(request: Request) -> Response:
    """A watch or story with a button that silences it: mail scanners follow links, so the link alone does nothing."""
    page = page_of(request)
    target = _word(request.path_params["target"])
    return HTMLResponse(
        page.render(request, "mute.html", target=target, spans=_MUTES, asked=_word(request.query_params.get("said")))
    )


async def mute(request: Request) -> Response:
    """Write the mute that a form asks for."""
    page = page_of(request)
    form = request.state.form
    target, hours = _word(form.get("target")), _MUTES.get(_word(form.get("span")))
    if not target or hours is None:
        return await asyncio.to_thread(nothing, request, "Nothing to mute", "Choose for how long.", 400)
    now = datetime.now(UTC)
    said = command(CommandKind.MUTE, "deliver", target, who="page", when=now, until=now + timedelta(hours=hours))
    await asyncio.to_thread(send, page.log, said)
    return RedirectResponse(page.templates.url(f"/mute/{target}", said="asked"), 303)


def _correction(kind: str, story: str, other: str, articles: tuple[str, ...]) -> tuple[CommandKind | None, str, str]:
    """Kind, target and other story of the command that a form asks for; or None and what is missing."""
    if not story:
        return None, "", "The form names no story."
    if story == other:
        return None, "", "The two are one story already."
    if kind == "merge":
        return (CommandKind.MERGE, story, other) if other else (None, "", "Name the other story.")
    if kind == "move" and articles:
        return (CommandKind.MOVE, other, "") if other else (CommandKind.SPLIT, story, "")
    return None, "", "Choose at least one article."


def _word(value: object, most: int = 80) -> str:
    return value.strip()[:most] if isinstance(value, str) else ""


def nothing(request: Request, title: str, said: str, status: int = 404) -> Response:
    """A page that says that there is nothing."""
    return HTMLResponse(page_of(request).render(request, "nothing.html", title=title, said=said), status)


# For how many hours, by what the button says; 0 ends a mute.
_MUTES = {"2 hours": 2, "until tomorrow": 24, "a week": 168, "not at all": 0}

PAGES: dict[str, Callable[[Request], Response]] = {
    "/mute/{target}": show_mute,
    "/": show_stories,
    "/stories/{story}": show_story,
    "/articles/{article}": show_article,
    "/search": show_search,
    "/watches": show_watches,
    "/deliveries": show_deliveries,
    "/feeds": show_feeds,
    "/services": show_services,
}
