"""A team that outgrows its bucket's notes: every machine moves over what it has bought, and then a ledger decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bucket.test_team_purchases import another
from tests.support.buckets import TestBucket
from tests.support.postgres import running_server
from tests.support.shop import TOGETHER, Shop

YES = "--yes"


@pytest.fixture
def ledger() -> Iterator[str]:
    """The address of an empty database."""
    with running_server() as server:
        yield server.address()


def record(bucket: TestBucket) -> str:
    return str(json.loads(bucket.content("storyboard.json"))["record"])


def test_ledger_decides_once_every_machine_has_moved(
    shop: Shop, bucket: TestBucket, ledger: str, tmp_path: Path
) -> None:
    other = another(shop, tmp_path / "other")
    shop.build(YES, "--only", "street")
    other.build(YES, "--only", "river")
    for machine in (shop, other):
        machine.environment["STORYBOARD_LEDGER"] = ledger
    early = shop("build", YES)
    assert early.code == 2
    assert "decide over purchases: the ledger would not know them" in early.out + early.err
    assert "take them over first: storyboard store migrate" in " ".join((early.out + early.err).split()), "the way out"

    first = shop("store", "migrate")
    assert first.code == 2
    assert "1 purchases in the notes of" in first.err
    assert record(bucket) == "notes"
    assert other("store", "migrate").code == 0
    assert record(bucket) != "notes"
    assert shop("store", "migrate").code == 0

    for machine in (shop, other):
        assert set(machine.states(YES).values()) == {"cached"}
    assert shop.paid == TOGETHER

    del shop.environment["STORYBOARD_LEDGER"]
    shop.edit("Paper boats", "Big boats")
    refused = shop("build", YES)
    assert refused.code == 2
    assert "decides over purchases with" in refused.out + refused.err

    shop.environment["STORYBOARD_LEDGER"] = ledger
    assert shop("store", "migrate", "--back").code == 0
    assert record(bucket) == "notes"
    del shop.environment["STORYBOARD_LEDGER"]
    assert shop.build(YES)["river#1"]["state"] == "built"
