"""What is allowed in the settings but hardly meant is said."""

import pytest

from console.checkup.review import doubts
from tests.messages import NOON
from wire.settings import Settings

PAGES = {  # [page]: whether the proxy is missed
    "shown through a proxy that is not named": ({"public_url": "https://desk.example", "password": "env"}, True),
    "shown through one that is": (
        {"public_url": "https://desk.example", "password": "env", "proxies": ("127.0.0.1",)},
        False,
    ),
    "no password to guess": ({"public_url": "https://desk.example"}, False),
    "no proxy": ({"password": "env"}, False),
}


@pytest.mark.parametrize(("page", "missed"), PAGES.values(), ids=PAGES.keys())
def test_a_proxy_that_nobody_named(page: dict[str, object], missed: bool) -> None:
    given = {**page, **({"password": {"env": "PAGE_PASSWORD"}} if "password" in page else {})}
    said = [line for line in doubts(Settings.model_validate({"page": given}), NOON) if "page.proxies" in line]
    assert len(said) == missed
