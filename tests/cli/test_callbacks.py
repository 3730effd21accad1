"""`--listen` and `--callback-url` on the command line."""

from __future__ import annotations

import pytest

from tests.support.shop import Shop


def test_callbacks_of_the_gateway_are_listened_for(shop: Shop) -> None:
    assert shop.states("--yes", "--listen", "127.0.0.1:0") == {"street#1": "built", "river#1": "built"}
    assert shop.gateway.book.entries("callback")


@pytest.mark.parametrize(
    "flags", [("--listen", "nowhere"), ("--listen", "127.0.0.1:99999"), ("--callback-url", "mailto:me@here.test")]
)
def test_unusable_callback_address_is_wrong_use(shop: Shop, flags: tuple[str, str]) -> None:
    assert shop("build", "--yes", *flags).code == 2
    assert shop.posts == 0
