"""Feeds live at public addresses, and where the settings say."""

import pytest
from pydantic import ValidationError

from ingest.address import AddressRule
from wire.settings import IngestSettings

REFUSED = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "64:ff9b:1::7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "fec0::1", "4000::1", "no address",
]  # fmt: skip
PERMITTED = ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]


@pytest.mark.parametrize("address", REFUSED)
def test_private_addresses_are_refused(address: str) -> None:
    assert not AddressRule().permits(address)


@pytest.mark.parametrize("address", PERMITTED)
def test_public_addresses_are_permitted(address: str) -> None:
    assert AddressRule().permits(address)


def test_a_named_network_is_permitted_and_its_neighbour_is_not() -> None:
    rule = AddressRule.of(["127.0.0.0/8", "fd00::/8"])
    assert rule.permits("127.0.0.1")
    assert rule.permits("::ffff:127.0.0.1")
    assert rule.permits("fd12::1")
    assert not rule.permits("10.0.0.1")


def test_what_is_no_network_is_refused_with_the_settings() -> None:
    for text in ("localhost", "10.0.0.0/99"):
        with pytest.raises(ValidationError, match="a network was expected"):
            IngestSettings(allow_networks=("10.0.0.0/8", text))
