"""Reading Host headers and peer addresses, and this machine's own names. Pure but for `own_names`."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_address(text: str) -> Address | None:
    """An IP literal, brackets and zone allowed; IPv4 in IPv6 clothes is taken as IPv4. None when it is none."""
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def split_port(netloc: str) -> str:
    """The host of "host:port", lower case, without brackets or a final dot."""
    host = netloc.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def own_names() -> frozenset[str]:
    """This machine's name, alone and in the local network."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local"} - {""})
