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


@pytest.mark.parametrize("page", [page for page, _ in PAGES.values()], ids=PAGES.keys())
def test_a_page_that_a_proxy_opens_to_all(page: dict[str, object]) -> None:
    said = [line for line in doubts(_with(page), NOON) if "page.password is not set" in line]
    assert len(said) == ("public_url" in page and "password" not in page)


@pytest.mark.parametrize(("page", "missed"), PAGES.values(), ids=PAGES.keys())
def test_a_proxy_that_nobody_named(page: dict[str, object], missed: bool) -> None:
    said = [line for line in doubts(_with(page), NOON) if "page.proxies" in line]
    assert len(said) == missed


def _with(page: dict[str, object]) -> Settings:
    given = {**page, **({"password": {"env": "PAGE_PASSWORD"}} if "password" in page else {})}
    return Settings.model_validate({"page": given})
