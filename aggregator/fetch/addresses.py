"""Which addresses may be connected to: an allow rule for global unicast. Pure; nothing here resolves or connects."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# `ipaddress.is_global` is not asked: on 3.11 it passes 64:ff9b::7f00:1, 2002:7f00:1::, ::127.0.0.1, 224.0.0.1 and
# fec0::1 (CVE-2024-4032 and its family), and its answers change with the Python that happens to run.

# IANA IPv4 Special-Purpose Address Registry, all that is not globally reachable unicast.
_CLOSED_V4 = tuple(
    IPv4Network(block)
    for block in (
        '0.0.0.0/8',  # this network (RFC 791)
        '10.0.0.0/8',  # private (RFC 1918)
        '100.64.0.0/10',  # carrier-grade NAT (RFC 6598); clouds keep metadata here as well
        '127.0.0.0/8',  # loopback (RFC 1122)
        '169.254.0.0/16',  # link-local (RFC 3927), metadata of most clouds
        '172.16.0.0/12',  # private (RFC 1918)
        '192.0.0.0/24',  # protocol assignments (RFC 6890)
        '192.0.2.0/24',  # documentation (RFC 5737)
        '192.88.99.0/24',  # 6to4 relays (RFC 7526)
        '192.168.0.0/16',  # private (RFC 1918)
        '198.18.0.0/15',  # benchmarks (RFC 2544)
        '198.51.100.0/24',  # documentation (RFC 5737)
        '203.0.113.0/24',  # documentation (RFC 5737)
        '224.0.0.0/4',  # multicast (RFC 5771)
        '240.0.0.0/4',  # reserved (RFC 1112), broadcast (RFC 919)
        '168.63.129.16/32',  # a public number that one cloud answers from inside each of its machines
    )
)
_OPEN_V6 = IPv6Network('2000::/3')  # the only global unicast space that is given out (RFC 4291)
_CLOSED_V6 = tuple(
    IPv6Network(block)
    for block in (
        '2001::/23',  # protocol assignments (RFC 2928), with Teredo 2001::/32, which hides an IPv4 address
        '2001:db8::/32',  # documentation (RFC 3849)
        '2002::/16',  # 6to4 (RFC 3056), which hides an IPv4 address
        '3fff::/20',  # documentation (RFC 9637)
    )
)
_NAT64 = IPv6Network('64:ff9b::/96')  # RFC 6052: the last 32 bits are the IPv4 address that is meant


@lru_cache(maxsize=1024)  # each round asks about the addresses of the last one
def is_public(ip: str | IPv4Address | IPv6Address) -> bool:
    """Whether an address is global unicast. An address that carries another one inside is judged by that one.

    Text that is no address is not public. An IPv6 zone makes an address local.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    return _is_public_v6(address)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    inner = address.ipv4_mapped or _translated(address)
    if inner is not None:
        return is_public(inner)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


def _translated(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
