"""Whether a gateway can be reached: one request without a key, which buys nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from storyboard.errors import AccessError
from storyboard.fast_named_tuples import NamedTuple

SECONDS = 10.0
"""How long the answer may take."""


class GatewayLook(NamedTuple):
    """The result: `trouble` says why nothing came back; `clock` is how many seconds this machine's clock is ahead."""

    trouble: str
    clock: float | None = None


def look_at_gateway(base_url: str) -> GatewayLook:
    """Ask a gateway's address for its front page. Any answer will do; no redirect is followed, no key is sent."""
    from storyboard.run.connecting import NETWORK_ERRORS, plain_words

    try:
        said = _date_of(base_url)
    except (*NETWORK_ERRORS, ValueError) as trouble:
        return GatewayLook(plain_words(trouble))
    except AccessError as trouble:
        return GatewayLook(trouble.message)
    from email.utils import parsedate_to_datetime  # only where a gateway answered

    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return GatewayLook("")
    return GatewayLook("", (datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds())


def _date_of(base_url: str) -> str:
    """Return the date that a gateway's reply carries, "" if it has none."""
    import httpcore

    from storyboard.run.connecting import certificates, environment_proxy, host_header, on_the_wire, set_up

    there = on_the_wire(base_url)
    trusted = certificates() if there.scheme == b"https" else None
    pool = httpcore.ConnectionPool(trusted, environment_proxy(base_url, certificates))
    with set_up():
        connection = pool.create_connection(there.origin)
    timeouts = {"timeout": dict.fromkeys(("connect", "read", "write"), SECONDS)}
    request = httpcore.Request("GET", there, headers={"Host": host_header(there)}, extensions=timeouts)
    try:
        dates = [value for name, value in connection.handle_request(request).headers if name.lower() == b"date"]
    finally:
        connection.close()
    return dates[0].decode("latin-1") if dates else ""
