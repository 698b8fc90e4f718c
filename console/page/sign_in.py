"""`/sign-in` and `/sign-out`."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from console.page.context import page_of
from console.page.gate import client_of, cookie_of


async def sign_in(request: Request) -> Response:
    """The password's form, and what it leads to."""
    page = page_of(request)
    said, to = None, request.query_params.get("to", "/")
    if request.method == "POST":
        form = request.state.form
        to = str(form.get("to", "/"))
        client = client_of(request)
        if page.door.admits(str(form.get("password", "")), client):
            session = page.door.begin(signed_in=True)
            # Only a path of ours: never another site.
            inside = to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"
            answer = RedirectResponse(page.templates.url(inside), 303)
            answer.headers["set-cookie"] = cookie_of(page, session)
            return answer
        said = "Too many tries: wait a minute." if page.door.locked(client) else "That is not the password."
    text = page.templates.render("sign-in.html", said=said, to=to, token=page.door.token(request.state.session))
    return HTMLResponse(text, 200 if said is None else 403)


def sign_out(request: Request) -> Response:
    """End the session."""
    page = page_of(request)
    page.door.end(request.state.session)
    return RedirectResponse(page.templates.url("/sign-in"), 303)
