"""The page as an ASGI application: routes, who may come in, and the headers that keep content from becoming script."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.index.queries import events_after
from console.page.access import SESSION_FOR, Session, is_loopback
from console.page.api import ANSWERS, answering, as_atom, as_json_feed, openapi, show_api
from console.page.context import Page, chosen_in, page_of
from console.page.live import frame, stream, told
from console.page.numbers import give_metrics
from console.page.pages import PAGES, back_test, correct, mute, nothing
from console.page.rendering import STATIC_TYPES, static_file
from wire.errors import WireError

COOKIE = "wirewatch"
FORM_LIMIT_BYTES = 64 * 1024
# Who comes back is given at most so many events that they missed; beyond that the page is loaded anew.
MISSED = 500
# A reader who takes nothing for so long has gone, whatever their connection says.
PATIENCE_SECONDS = 20.0
_OPEN_TO_ALL = ("/sign-in", "/static/", "/healthz")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


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


# Of a request that is no browser's: it gets no session, and whatever would need one is refused.
_NEVER = datetime.min.replace(tzinfo=UTC)


def _opens(request: Request) -> bool:
    """Whether a session may begin here: a page for people, or the form of the password."""
    return request.headers.get("accept", "").startswith("text/html") or request.scope["path"] == "/sign-in"


class SubPath:
    """Takes the sub-path off, whether or not the reverse proxy has."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if self._base and scope["type"] == "http" and (path == self._base or path.startswith(self._base + "/")):
            scope = {**scope, "path": path[len(self._base) :] or "/", "raw_path": None}
        await self._app(scope, receive, send)


class Gate:
    """Before every answer: a known host, a session, the password, genuine forms; and the headers after it."""

    def __init__(self, app: ASGIApp, page: Page) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("app", self._app)
        scope.setdefault("state", {})
        request = Request(scope, receive)
        session = self._page.door.session(request.cookies.get(COOKIE))
        fresh = session is None
        if session is None:
            session = self._page.door.begin(signed_in=False) if _opens(request) else Session("", _NEVER, False)
        scope["state"]["session"] = session
        refused = await self._refused(request, session)
        cookie = self._cookie(session) if fresh and session.id else None
        await (refused or self._app)(scope, request.receive, _with_headers(send, cookie))

    async def _refused(self, request: Request, session: Session) -> Response | None:
        door, path = self._page.door, request.scope["path"]
        if not self._known_host(request):
            return PlainTextResponse("this page is not served under that name\n", 400)
        closed = door.password is not None and not session.signed_in and not path.startswith(_OPEN_TO_ALL)
        if closed and not self._basic(request):
            return self._to_sign_in(request)
        if request.method == "POST":
            return await self._forged(request, session)
        return None if request.method in ("GET", "HEAD") else PlainTextResponse("only GET and POST\n", 405)

    def _known_host(self, request: Request) -> bool:
        """On loopback without a password only loopback's own names: else any web site could ask through a browser."""
        if self._page.door.password is not None:
            return True
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        public = urlsplit(self._page.settings.page.public_url).hostname
        return is_loopback(host) or (public is not None and host == public)

    def _basic(self, request: Request) -> bool:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic" or request.method == "POST" or self._page.door.locked():
            return False
        try:
            _, _, given = base64.b64decode(encoded, validate=True).decode("utf-8", "replace").partition(":")
        except (binascii.Error, ValueError):
            return False
        if not self._page.door.knows(given):
            self._page.door.failed()
            return False
        return True

    def _to_sign_in(self, request: Request) -> Response:
        if request.headers.get("accept", "").startswith("text/html") and request.method == "GET":
            return RedirectResponse(self._page.templates.url("/sign-in", to=request.scope["path"]), 303)
        return PlainTextResponse("sign in first\n", 401, headers={"WWW-Authenticate": 'Basic realm="wirewatch"'})

    async def _forged(self, request: Request, session: Session) -> Response | None:
        if int(request.headers.get("content-length") or FORM_LIMIT_BYTES + 1) > FORM_LIMIT_BYTES:
            return PlainTextResponse("the form is too large\n", 413)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host") and not self._public(origin):
            return PlainTextResponse("this form came from another site\n", 403)
        form: FormData = await request.form(max_files=0, max_fields=400)
        request.state.form = form
        token = form.get("token")
        if not session.id or not isinstance(token, str) or not self._page.door.genuine(session, token):
            return PlainTextResponse("this form is too old or not ours: go back, reload, and send it again\n", 403)
        return None

    def _public(self, origin: str) -> bool:
        public = urlsplit(self._page.settings.page.public_url)
        return bool(public.netloc) and origin == f"{public.scheme}://{public.netloc}"

    def _cookie(self, session: Session) -> str:
        secure = "; Secure" if self._page.secure else ""
        path = self._page.templates.url("") or "/"
        age = round(SESSION_FOR.total_seconds())
        return f"{COOKIE}={session.id}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"


def _with_headers(send: Send, cookie: str | None) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            if b"cache-control" not in present:
                extra.append((b"cache-control", b"no-store"))
            if cookie is not None and b"set-cookie" not in present:
                extra.append((b"set-cookie", cookie.encode()))
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return sending


async def follow(request: Request) -> Response:
    """Server-sent events: a story's line whenever it changes, from the event id on that the browser has seen last."""
    page = page_of(request)
    _, query = chosen_in(request)
    viewer = page.hub.join(query)
    if viewer is None:
        return PlainTextResponse("too many viewers\n", 503, headers={"Retry-After": "30"})
    last = request.headers.get("last-event-id", "")
    before: list[bytes] = []
    if last.isascii() and last.isdigit():
        with page.index() as db:
            missed = events_after(db, int(last), MISSED + 1)
        if len(missed) > MISSED:
            before = [b"event: missed\ndata: {}\n\n"]
        else:
            before = [frame(at, one) for at, event in missed if viewer.wants(one := told(event))]

    async def body() -> AsyncIterator[bytes]:
        try:
            async for part in stream(viewer, before):
                yield part
        finally:
            page.hub.leave(viewer)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(body(), media_type="text/event-stream", headers=headers)


class EventStream(StreamingResponse):
    """A stream that ends when its reader takes nothing for a while."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the body ends, the reader goes, or the reader stops reading."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await send(message)

        with suppress(TimeoutError):
            await super().__call__(scope, receive, send_soon)


def give_static(request: Request) -> Response:
    """A file of the page's own."""
    name = request.path_params["name"]
    data = static_file(name)
    if data is None:
        return PlainTextResponse("no such file\n", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=STATIC_TYPES[name], headers=headers)


async def sign_in(request: Request) -> Response:
    """The password's form, and what it leads to."""
    page = page_of(request)
    said, to = None, request.query_params.get("to", "/")
    if request.method == "POST":
        form = request.state.form
        to = str(form.get("to", "/"))
        session = page.door.sign_in(str(form.get("password", "")))
        if session is not None:
            # Only a path of ours: never another site.
            inside = to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"
            answer = RedirectResponse(page.templates.url(inside), 303)
            base = page.templates.url("") or "/"
            age = round(SESSION_FOR.total_seconds())
            answer.set_cookie(
                COOKIE, session.id, max_age=age, path=base, httponly=True, samesite="strict", secure=page.secure
            )
            return answer
        said = "Too many tries: wait a minute." if page.door.locked() else "That is not the password."
    text = page.templates.render("sign-in.html", said=said, to=to, token=page.door.token(request.state.session))
    return HTMLResponse(text, 200 if said is None else 403)


def sign_out(request: Request) -> Response:
    """End the session."""
    page = page_of(request)
    page.door.end(request.state.session)
    return RedirectResponse(page.templates.url("/sign-in"), 303)


def healthy(request: Request) -> Response:
    """For probes: whether the page follows the log."""
    trouble = page_of(request).feed.trouble
    return PlainTextResponse("well\n" if trouble is None else f"{trouble}\n", 200 if trouble is None else 503)


async def _not_found(request: Request, _error: Exception) -> Response:
    return nothing(request, "No such page", request.scope["path"])


async def _unready(request: Request, error: Exception) -> Response:
    return nothing(request, "Not ready", str(error), 503)
