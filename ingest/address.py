"""Which network addresses a feed may live at: public ones, and private networks that the settings allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
# IPv4 inside IPv6: NAT64 (RFC 6052) leads to the address in its last four bytes.
_NAT64 = IPv6Network("64:ff9b::/96")
# All that is given to anybody as a public address (RFC 4291, section 2.4); Python also calls global what is reserved,
# site-local, or a local NAT64's way into a private network (RFC 8215).
_PUBLIC = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Refuses private, loopback, link-local (metadata services among them), multicast and reserved addresses."""

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, networks: Sequence[str]) -> "AddressRule":
        """The rule that allows `networks`, which the settings have checked, beside the public ones."""
        return cls(tuple(ip_network(text, strict=False) for text in networks))

    def permits(self, address: str) -> bool:
        """Whether a feed may be asked at this numeric address."""
        try:
            found = _inner(ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(found in network for network in self.allowed if network.version == found.version):
            return True
        return found.is_global and not found.is_multicast and (isinstance(found, IPv4Address) or found in _PUBLIC)


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
