"""The page as an ASGI application: its routes, and what answers where no page does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from console.page.api import ANSWERS, answering, as_atom, as_json_feed, openapi, show_api
from console.page.context import Page, page_of
from console.page.following import follow
from console.page.gate import Gate, SubPath
from console.page.numbers import give_metrics
from console.page.pages import PAGES, back_test, correct, mute, nothing
from console.page.rendering import STATIC_TYPES, static_file
from console.page.sign_in import sign_in, sign_out
from wire.errors import WireError


def application(page: Page) -> ASGIApp:
    """The whole page, under its sub-path where the settings name one."""
    routes = [
        *(Route(path, handler) for path, handler in PAGES.items()),
        *(Route(path, answering(answer)) for path, answer in ANSWERS.items()),
        Route("/correct", correct, methods=["POST"]),
        Route("/mute", mute, methods=["POST"]),
        Route("/watches/back-test", back_test, methods=["POST"]),
        Route("/events", follow),
        Route("/api", show_api),
        Route("/openapi.json", openapi),
        Route("/stories.atom", as_atom),
        Route("/stories.json", as_json_feed),
        Route("/static/{name}", give_static),
        Route("/sign-in", sign_in, methods=["GET", "POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/healthz", healthy),
        Route("/metrics", give_metrics),
    ]
    routes.sort(key=lambda route: "{" in route.path)

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[None]:
        yield
        page.hub.close()

    inner = Starlette(
        routes=routes,
        lifespan=living,
        exception_handlers={404: _not_found, WireError: _unready},
    )
    inner.state.page = page
    return SubPath(Gate(inner, page), urlsplit(page.settings.page.public_url).path.rstrip("/"))


def give_static(request: Request) -> Response:
    """A file of the page's own."""
    name = request.path_params["name"]
    data = static_file(name)
    if data is None:
        return PlainTextResponse("no such file\n", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=STATIC_TYPES[name], headers=headers)


def healthy(request: Request) -> Response:
    """For probes: whether the page follows the log."""
    trouble = page_of(request).feed.trouble
    return PlainTextResponse("well\n" if trouble is None else f"{trouble}\n", 200 if trouble is None else 503)


async def _not_found(request: Request, _error: Exception) -> Response:
    return nothing(request, "No such page", request.scope["path"])


async def _unready(request: Request, error: Exception) -> Response:
    return nothing(request, "Not ready", str(error), 503)
