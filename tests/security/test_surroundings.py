"""Proxies and certificates that cannot be used are named, with exit code 5, and are never the crash page."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.support.shop import KEY, Shop

BROKEN = {
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "HTTPS_PROXY": "nonsense://127.0.0.1:9",
    "HTTP_PROXY": "http://[broken",
    "SSL_CERT_FILE": "/is/not/there.pem",
}


@pytest.mark.parametrize(("name", "value"), BROKEN.items())
def test_obstacle_is_named(shop: Shop, name: str, value: str) -> None:
    done = shop("build", "--yes", "--no-wait", env={name: value, "NO_PROXY": ""})
    assert done.code in {0, 3, 5, 6, 7}, done
    assert done.code != 5 or name in done.err + done.out
    assert KEY not in done.err + done.out


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_socks_proxy_without_its_library_sends_nothing_and_is_reported(shop: Shop, scheme: str) -> None:
    if find_spec("socksio") is not None:
        pytest.skip("the library is here")
    variables = {"ALL_PROXY": f"{scheme}://127.0.0.1:9", "STORYBOARD_BASE_URL": "https://gateway.invalid"}
    done = shop("build", "--yes", env=variables)
    assert done.code == 5, done
    assert "ALL_PROXY" in done.out + done.err and "httpx[socks]" in done.out + done.err
    assert "Traceback" not in done.err and shop.posts == 0
    assert shop("status").out.startswith("no open jobs")


@pytest.mark.parametrize("value", ["127.0.0.1", "::1,127.0.0.1/8", "[::1]", "10.0.0.0/8,fd00::/8", "*"])
def test_hosts_without_a_proxy_are_reached(shop: Shop, value: str) -> None:
    assert shop("build", "--yes", env={"NO_PROXY": value}).code == 0
