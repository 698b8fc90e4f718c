"""What every request passes before it is answered, and the headers that keep content from becoming script."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.page.access import SESSION_FOR, Session, is_loopback
from console.page.context import Page

COOKIE = "wirewatch"
FORM_LIMIT_BYTES = 64 * 1024
OPEN_TO_ALL = ("/sign-in", "/static/", "/healthz")
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
# Of a request that is no browser's: it gets no session, and whatever would need one is refused.
_NOBODY = Session("", False)


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
            session = self._page.door.begin(signed_in=False) if _opens(request) else _NOBODY
        scope["state"]["session"] = session
        refused = await self._refused(request, session)
        cookie = cookie_of(self._page, session) if fresh and session.id else None
        await (refused or self._app)(scope, request.receive, _with_headers(send, cookie))

    async def _refused(self, request: Request, session: Session) -> Response | None:
        door, path = self._page.door, request.scope["path"]
        if not self._known_host(request):
            return PlainTextResponse("this page is not served under that name\n", 400)
        closed = door.password is not None and not session.signed_in and not path.startswith(OPEN_TO_ALL)
        if closed and not self._basic(request):
            return self._to_sign_in(request)
        if request.method == "POST":
            return await self._forged(request, session)
        return None if request.method in ("GET", "HEAD") else PlainTextResponse("only GET and POST\n", 405)

    def _known_host(self, request: Request) -> bool:
        """On loopback without a password only loopback's own names: else any web site could ask through a browser."""
        if self._page.door.password is not None:
            return True
        host = _place(f"//{request.headers.get('host', '')}")[0]
        public = urlsplit(self._page.settings.page.public_url).hostname
        return is_loopback(host) or (public is not None and host == public)

    def _basic(self, request: Request) -> bool:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic" or request.method == "POST":
            return False
        try:
            _, _, given = base64.b64decode(encoded, validate=True).decode("utf-8", "replace").partition(":")
        except (binascii.Error, ValueError):
            return False
        return self._page.door.admits(given, client_of(request))

    def _to_sign_in(self, request: Request) -> Response:
        if request.headers.get("accept", "").startswith("text/html") and request.method == "GET":
            asked = request.scope["path"] + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(self._page.templates.url("/sign-in", to=asked), 303)
        return PlainTextResponse("sign in first\n", 401, headers={"WWW-Authenticate": 'Basic realm="wirewatch"'})

    async def _forged(self, request: Request, session: Session) -> Response | None:
        if int(request.headers.get("content-length") or FORM_LIMIT_BYTES + 1) > FORM_LIMIT_BYTES:
            return PlainTextResponse("the form is too large\n", 413)
        origin = request.headers.get("origin")
        if origin is not None and _place(origin)[1] != request.headers.get("host") and not self._public(origin):
            return PlainTextResponse("this form came from another site\n", 403)
        try:
            form: FormData = await request.form(max_files=0, max_fields=400)
        except HTTPException as error:
            return PlainTextResponse(f"{error.detail}\n", error.status_code)
        request.state.form = form
        token = form.get("token")
        if not session.id or not isinstance(token, str) or not self._page.door.genuine(session, token):
            return PlainTextResponse("this form is too old or not ours: go back, reload, and send it again\n", 403)
        return None

    def _public(self, origin: str) -> bool:
        public = urlsplit(self._page.settings.page.public_url)
        return bool(public.netloc) and origin == f"{public.scheme}://{public.netloc}"


def client_of(request: Request) -> str:
    """The address that a request came from, "" where there is none; past the reverse proxies that the settings name."""
    return "" if request.client is None else request.client.host


def _place(address: str) -> tuple[str, str]:
    """Host, and host with port, of what a request says; empty where that is no address."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "", parts.netloc
    except ValueError:
        return "", ""


def cookie_of(page: Page, session: Session) -> str:
    """The header that makes a browser keep its session, for the page's own paths alone."""
    secure = "; Secure" if page.secure else ""
    path = page.templates.url("") or "/"
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
