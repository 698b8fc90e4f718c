"""The read-only JSON interface, its OpenAPI document, and stories as feeds for any reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from alerts.delivery import Delivery
from console.export import atom, json_feed
from console.index.listings import alerts, dead_letters, deliveries, feeds
from console.index.queries import article, articles_of, events_of, living_story, search, stories
from console.index.views import ArticleView, DeadLetterView, Found, StepView, StoryView
from console.index.ways import way_of
from console.page.context import chosen_in, limit_in, page_of
from ingest.state import FeedState
from wire.log.port import Progress
from wire.messages import Alert, StoryEvent


class StoryWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A story with its articles and its newest events."""

    story: StoryView
    articles: list[ArticleView]
    events: list[StoryEvent]


class ArticleWhole(msgspec.Struct, frozen=True, kw_only=True):
    """An article with its way through the stages."""

    article: ArticleView
    steps: list[StepView]


@dataclass(frozen=True, slots=True)
class Answer:
    """One address of the interface."""

    what: str
    gives: object  # the type of the answer
    ask: Callable[[Request], object | None]
    query: tuple[str, ...] = ()


def _stories(request: Request) -> list[StoryView]:
    with page_of(request).index() as db:
        return stories(db, chosen_in(request)[0], limit_in(request))


def _story(request: Request) -> StoryWhole | None:
    with page_of(request).index() as db:
        found = living_story(db, request.path_params["story"])
        if found is None:
            return None
        events = [event for event, _ in events_of(db, found.story_id, limit_in(request))]
        return StoryWhole(story=found, articles=articles_of(db, found.story_id, 500), events=events)


def _article(request: Request) -> ArticleWhole | None:
    with page_of(request).index() as db:
        found = article(db, request.path_params["article"])
        return None if found is None else ArticleWhole(article=found, steps=way_of(db, found.article_id))


def _search(request: Request) -> list[Found]:
    with page_of(request).index() as db:
        return search(db, request.query_params.get("words", "")[:200], limit_in(request))


def _alerts(request: Request) -> list[Alert]:
    with page_of(request).index() as db:
        return alerts(db, limit_in(request), watch=request.query_params.get("watch"))


def _deliveries(request: Request) -> list[Delivery]:
    with page_of(request).index() as db:
        return deliveries(db, limit_in(request))


def _feeds(request: Request) -> list[FeedState]:
    with page_of(request).index() as db:
        return feeds(db)


def _dead(request: Request) -> list[DeadLetterView]:
    with page_of(request).index() as db:
        return dead_letters(db, limit_in(request))


def _lanes(request: Request) -> list[Progress]:
    return page_of(request).lanes.progress()


_FACETS = ("language", "outlet", "entity", "since", "before", "beyond", "limit")
ANSWERS: Mapping[str, Answer] = {
    "/api/stories": Answer("Stories, the last changed first.", list[StoryView], _stories, _FACETS),
    "/api/stories/{story}": Answer("One story with its articles and events.", StoryWhole, _story, ("limit",)),
    "/api/articles/{article}": Answer("One article and its way through the stages.", ArticleWhole, _article),
    "/api/search": Answer("Articles that have all words.", list[Found], _search, ("words", "limit")),
    "/api/alerts": Answer("Alerts, the newest first.", list[Alert], _alerts, ("watch", "limit")),
    "/api/deliveries": Answer("Deliveries, the newest first.", list[Delivery], _deliveries, ("limit",)),
    "/api/feeds": Answer("Every feed's state.", list[FeedState], _feeds),
    "/api/dead-letters": Answer("Records that stages gave up.", list[DeadLetterView], _dead, ("limit",)),
    "/api/lanes": Answer("How far each lane is in each of its inputs.", list[Progress], _lanes),
}


def answering(answer: Answer) -> Callable[[Request], Response]:
    """A handler that gives the answer as JSON; 404 where there is nothing."""

    def handle(request: Request) -> Response:
        found = answer.ask(request)
        if found is None:
            return Response(b'{"error":"there is nothing of this name"}', 404, media_type="application/json")
        return Response(msgspec.json.encode(found), media_type="application/json")

    return handle


def openapi(request: Request) -> Response:
    """The document that describes the interface."""
    return Response(
        msgspec.json.encode(document(page_of(request).templates.url("") or "/")), media_type="application/json"
    )


def document(base: str) -> dict[str, object]:
    """OpenAPI 3.1, made from the very types that are encoded."""
    kinds = [answer.gives for answer in ANSWERS.values()]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    paths = {
        path: {"get": _operation(path, answer, schema)}
        for (path, answer), schema in zip(ANSWERS.items(), schemas, strict=True)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wirewatch", "version": "1", "description": "What the live page shows; read-only."},
        "servers": [{"url": base}],
        "security": [{}, {"password": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"password": {"type": "http", "scheme": "basic"}}},
    }


def _operation(path: str, answer: Answer, schema: object) -> dict[str, object]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    in_path = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    in_query = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in answer.query]
    good = {"description": answer.what, "content": {"application/json": {"schema": schema}}}
    responses: dict[str, object] = {"200": good}
    if names:
        responses["404"] = {"description": "There is nothing of this name."}
    name = path.removeprefix("/api/").replace("/", "-").replace("{", "").replace("}", "")
    return {"operationId": name, "summary": answer.what, "parameters": [*in_path, *in_query], "responses": responses}


def show_api(request: Request) -> Response:
    """The addresses, for people."""
    page = page_of(request)
    paths = [(path, answer.what) for path, answer in ANSWERS.items()]
    return HTMLResponse(page.render(request, "api.html", paths=paths))


def as_atom(request: Request) -> Response:
    """Stories as an Atom feed."""
    return Response(atom(_stories(request), _link(request)), media_type="application/atom+xml")


def as_json_feed(request: Request) -> Response:
    """Stories as a JSON Feed."""
    return Response(json_feed(_stories(request), _link(request)), media_type="application/feed+json")


def _link(request: Request) -> Callable[[str], str]:
    page = page_of(request)
    root = page.settings.page.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return lambda story: f"{root}/stories/{story}"
