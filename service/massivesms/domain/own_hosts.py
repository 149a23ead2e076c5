"""Hosts of one's own that the service may be sent to: names, addresses, networks.

Whoever may configure could otherwise make it ask machines that only it can reach:
addresses that are not of the public internet are refused unless they are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from .words import N_, Problem

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?")
#: IPv6 that carries an IPv4 address which would be reached through it.
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")  # also :: and ::1
_SITE_LOCAL = ip_network("fec0::/10")


@dataclass(frozen=True, slots=True)
class OwnHosts:
    """Which hosts are let through beside the public ones."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def has(self, name: str, address: Address) -> bool:
        """Whether a host is among them, by the name or by its address."""
        return name.lower().rstrip(".") in self.names or any(
            address in network for network in self.networks
        )


def clean(text: str) -> str:
    """The entries separated by commas, each once, in lower case."""
    words = re.split(r"[,\s]+", text.strip().lower())
    return ",".join(dict.fromkeys(word for word in words if word))


def check(text: str) -> Problem | None:
    """Refuses what is no name of a host, address or network."""
    for word in filter(None, text.split(",")):
        is_numbers = re.fullmatch(r"[0-9.]+(/\d+)?|.*:.*", word) is not None
        if _network(word) is None and (is_numbers or not _NAME.fullmatch(word)):
            return Problem(
                "own_host_form",
                N_(
                    "%(name)s is no host: write its name (crm.example), its address"
                    " (192.168.1.20) or a network (192.168.1.0/24)."
                ),
                name=word[:60],
            )
    return None


def read(text: str) -> OwnHosts:
    """The hosts of a checked text."""
    words = [word for word in text.split(",") if word]
    networks = tuple(n for n in map(_network, words) if n is not None)
    names = {word.rstrip(".") for word in words if _network(word) is None}
    return OwnHosts(frozenset(names), networks)


def _network(word: str) -> Network | None:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, however it is written."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        # Tunnels of the past (6to4, Teredo) could lead anywhere.
        if address.sixtofour is not None or address.teredo is not None:
            return False
        if address in _COMPATIBLE or address in _SITE_LOCAL:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6 (::ffff:127.0.0.1) as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def read_address(text: str) -> Address:
    """An address as the resolver writes it, without its scope. Raises ValueError."""
    return plain(ip_address(text.partition("%")[0]))
