"""Whether a gateway can be reached: one request without a key, which buys nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from storyboard.fast_named_tuples import NamedTuple

SECONDS = 10.0
"""How long the answer may take."""


class GatewayLook(NamedTuple):
    """The result: `trouble` says why nothing came back; `clock` is how many seconds this machine's clock is ahead."""

    trouble: str
    clock: float | None = None


def look_at_gateway(base_url: str) -> GatewayLook:
    """Ask a gateway's address for its front page. Any answer will do; no redirect is followed, no key is sent."""
    import httpx  # its transport alone, which purchases use, is loaded in a third of the time

    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
            client.stream("GET", base_url) as response,
        ):
            said = response.headers.get("date", "")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, ImportError) as trouble:
        return GatewayLook(str(trouble) or type(trouble).__name__)
    from email.utils import parsedate_to_datetime  # only where a gateway answered

    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return GatewayLook("")
    return GatewayLook("", (datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds())
