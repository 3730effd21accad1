"""How a host is connected to: an address as it goes on the wire, and the proxies and certificates of this machine."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit

import certifi
import httpcore

from storyboard.errors import AccessError
from storyboard.files.environment import environ
from storyboard.run.url_policy import proxy_for

KEPT_OPEN = 5.0
"""Seconds for which an idle connection is kept."""

TIMEOUTS = {"connect": 20.0, "read": 60.0, "write": 60.0}
"""Seconds that a single step of a request may take."""

NEXT_ADDRESS = 0.25
"""Seconds after which a host's next address is tried beside the first: a machine may have an IPv6 that leads nowhere
(RFC 8305)."""

NETWORK_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)

_PORTS = {b"http": 80, b"https": 443}
_PROXIES = ("http", "https", "socks5", "socks5h")
_SURROUNDINGS = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_UNQUOTED = "!#$%&'()*+,/:;=?@[]~"
"""Characters that stay as they are in an address: it may be signed, and is quoted already."""

_PLAIN = (
    (httpcore.ConnectTimeout, "the connection timed out"),
    (httpcore.TimeoutException, "the reply timed out"),
    (TimeoutError, "the reply timed out"),
    (httpcore.RemoteProtocolError, "the connection was closed before the reply was complete"),
    (httpcore.ReadError, "the connection broke before the reply was complete"),
    (httpcore.WriteError, "the connection broke while sending"),
)
"""Names of network errors; the first match counts."""


def plain_words(error: Exception) -> str:
    """Return what went wrong on the network in words."""
    plain = next((words for kind, words in _PLAIN if isinstance(error, kind)), None)
    if plain is not None:
        return plain
    kind = "no connection" if isinstance(error, httpcore.ConnectError) else type(error).__name__
    return ": ".join(filter(None, (kind, str(error))))


def on_the_wire(url: str) -> httpcore.URL:
    """Return an address as it is requested, read by the same rules as `url_policy` judges it by.

    Raises ValueError if it cannot be requested.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url[:200]!r} is not the address of a web server")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode("ascii")
    query = f"?{quote(parts.query, _UNQUOTED)}" if parts.query else ""
    return httpcore.URL(
        scheme=parts.scheme, host=host, port=parts.port, target=f"{quote(parts.path or '/', _UNQUOTED)}{query}"
    )


def host_header(url: httpcore.URL) -> bytes:
    """Return the `Host` of a request; the port is left out where it is the usual one, as signatures expect it."""
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port in (None, _PORTS[url.scheme]) else b"%b:%d" % (host, url.port)


def certificates() -> ssl.SSLContext:
    """Return what certificates are checked against: those that the environment names, else the usual ones.

    Raises AccessError where those cannot be read.
    """
    with set_up():
        if file := environ.get("SSL_CERT_FILE"):
            return ssl.create_default_context(cafile=file)
        if folder := environ.get("SSL_CERT_DIR"):
            return ssl.create_default_context(capath=folder)
        return ssl.create_default_context(cafile=certifi.where())


def environment_proxy(url: str, certificates: Callable[[], ssl.SSLContext]) -> httpcore.Proxy | None:
    """Return the proxy that the environment names for an address; `certificates` is called for an encrypted one.

    Raises AccessError where it cannot be used.
    """
    parts = urlsplit(url)
    named = proxy_for(parts.scheme, parts.hostname or "")
    if named is None:
        return None
    with set_up():
        there = urlsplit(named if "://" in named else f"http://{named}")
        if there.scheme not in _PROXIES or not there.hostname:
            raise ValueError(f"a proxy with the scheme {there.scheme!r} is not supported")
        auth = (unquote(there.username), unquote(there.password or "")) if there.username else None
        return httpcore.Proxy(
            httpcore.URL(scheme=there.scheme, host=there.hostname, port=there.port, target="/"),
            auth=auth,
            ssl_context=certificates() if there.scheme == "https" else None,
        )


@contextmanager
def set_up() -> Iterator[None]:
    """Tell what the surroundings say of proxies and certificates where no connection can be made by it.

    Raises AccessError naming the variables.
    """
    try:
        yield
    except (ImportError, OSError, ValueError) as error:
        names = [name for name in _SURROUNDINGS if environ.get(name) or environ.get(name.lower())]
        raise AccessError(
            f"no connection can be set up with the current {' and '.join(names) or 'settings of this machine'}: "
            f"{error}",
            help="for a SOCKS proxy: pip install 'httpx[socks]'; else correct the variable, or unset it",
        ) from error
