"""Where a clip may be downloaded from: the gateway chooses a task's address, and it could lead anywhere."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from storyboard.fast_dataclasses import dataclass
from storyboard.forms import is_host_below

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is downloaded from an address."""

    message: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """An address to download from. `ip` is what its host was resolved to and must be connected to, so that it cannot
    change in between; None if a proxy connects."""

    ip: str | None


@dataclass(frozen=True, slots=True)
class AddressRules:
    """The rules for a gateway at `base_url`. `hosts` narrows them: only those hosts and their subdomains."""

    base_url: str
    hosts: tuple[str, ...] = ()

    def judge(self, url: str) -> Allowed | Refusal:
        """Whether a clip may be fetched from there. Resolves the host, which may take its time."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return Refusal("its address cannot be read")
        if parts.scheme not in ("https", "http"):
            return Refusal(f"its address begins with `{parts.scheme[:20]}:`, not with `https:`")
        if host is None or parts.username is not None:
            return Refusal("its address names no host, or a user")
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return Refusal("its address has a malformed host name")
        if self.hosts and not any(is_host_below(host, each) for each in self.hosts):
            return Refusal(f"{host} is not among download_hosts")
        plain = self.base_url.startswith("http:") and is_loopback(self.base_url) and is_loopback(url)
        if parts.scheme == "http" and not plain:
            return Refusal(f"{host} is not encrypted")
        if proxy_for(parts.scheme, host) is not None:
            literal = _literal(host)
            return Refusal(_inside(host)) if literal is not None and not is_public(literal) else Allowed(None)
        return self._resolved(host, port or (443 if parts.scheme == "https" else 80))

    def _resolved(self, host: str, port: int) -> Allowed | Refusal:
        ips = addresses_of(host, port)
        if not ips:
            return Allowed(host)
        if not all(map(is_public, ips)) and not self._is_inside():
            return Refusal(_inside(host))
        return Allowed(str(ips[0]))

    def _is_inside(self) -> bool:
        """Whether the gateway itself is in a private range: then its files may be, too."""
        parts = urlsplit(self.base_url)
        ips = addresses_of(parts.hostname or "", parts.port or 443)
        return bool(ips) and not all(map(is_public, ips))


def is_loopback(url: str) -> bool:
    """Whether the host is this machine itself, by its name alone."""
    host = urlsplit(url).hostname or ""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def is_public(ip: Ip) -> bool:
    """Whether an address is one of the open internet, also where it is wrapped in another."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def addresses_of(host: str, port: int) -> list[Ip]:
    """Return what a host is resolved to; nothing if it cannot be."""
    try:
        found: Iterable[tuple[object, ...]] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    texts = (str(address[4][0]) for address in found)  # type: ignore[index]
    return [ipaddress.ip_address(text.partition("%")[0]) for text in texts]


def _literal(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment names for a host."""
    from urllib.request import getproxies, proxy_bypass  # brings a client of HTTP: only where something is fetched

    proxies = getproxies()
    named = proxies.get(scheme) or proxies.get("all")
    return named if named and not proxy_bypass(host) else None


def _inside(host: str) -> str:
    return f"{host} is an address inside a private network"
