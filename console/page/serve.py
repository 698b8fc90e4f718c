"""Run the page as a service until a signal, or until the supervisor's end."""

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import python_multipart  # noqa: F401  # starlette reads forms with it, and lacks it only when one comes
import uvicorn

from console.index.ready import index_file
from console.open_log import open_log
from console.page.access import Doorkeeper, require_password
from console.page.app import application
from console.page.context import Lanes, Page, Rules
from console.page.feed import Feed
from console.page.live import Hub
from console.page.rendering import Templates
from wire.errors import Exit, TopicMismatch, not_listening
from wire.settings_file import load_settings

_log = logging.getLogger(__name__)
SEND_BUFFER_BYTES = 64 * 1024


def serve(path: Path, *, supervised: bool, on_ready: Callable[[int], None] = lambda _port: None) -> Exit:
    """Serve the page until SIGTERM or SIGINT.

    Args:
        path: the settings file; watches that change in it are shown as they are.
        supervised: end also when standard input closes.
        on_ready: told the port when the page answers.

    Raises:
        BadSettings: it could be reached from elsewhere and has no password.
        PortInUse, CannotListen: another process has the port, or the host is not ours.
        TopicMismatch, LogUnreachable: the log is not there, or not as the catalogue says.
    """
    settings, catalogue = load_settings(path)
    chosen = settings.page
    require_password(chosen)
    password = None if chosen.password is None else chosen.password.read(os.environ, "page.password").get_secret_value()
    with closing(open_log(settings.log)) as log, closing(_listen(chosen.host, chosen.port)) as listening:
        if different := log.differences():
            raise TopicMismatch(different)
        loop = asyncio.new_event_loop()
        hub = Hub(chosen.viewers)
        feed = Feed(
            index_file(settings),
            lambda: open_log(settings.log),
            lambda events: _on_loop(loop, lambda: hub.publish(events)),
        )
        page = Page(
            settings=settings,
            rules=Rules(path, settings, catalogue),
            file=index_file(settings),
            log=log,
            lanes=Lanes(log),
            hub=hub,
            feed=feed,
            door=Doorkeeper(password, now),
            templates=Templates(urlsplit(chosen.public_url).path.rstrip("/")),
            secure=chosen.public_url.startswith("https:"),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                application(page),
                access_log=False,
                log_config=None,
                server_header=False,
                # Believed of these alone, from the right on: whoever asks may write the header, too.
                proxy_headers=bool(chosen.proxies),
                forwarded_allow_ips=[str(ip_network(one, strict=False)) for one in chosen.proxies],
                timeout_graceful_shutdown=3,
                h11_max_incomplete_event_size=64 * 1024,
                timeout_keep_alive=15,
            )
        )
        if supervised:
            threading.Thread(target=_when_stdin_closes, args=(server,), daemon=True).start()
        feed.start()
        port = listening.getsockname()[1]
        _log.info("page", extra={"address": f"http://{chosen.host}:{port}", "index": str(settings.index.path)})
        on_ready(port)
        try:
            loop.run_until_complete(server.serve(sockets=[listening]))
        finally:
            feed.stop()
            loop.close()
    return Exit.WELL


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def _on_loop(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(action)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=256)
        # Accepted connections inherit it: what a viewer who does not read can pile up in the kernel.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        return listening
    except OSError as error:
        raise not_listening(error, host, port, "page.host or page.port") from error


def _when_stdin_closes(server: uvicorn.Server) -> None:
    while os.read(0, 1024):
        pass
    server.should_exit = True
