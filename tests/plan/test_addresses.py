"""Addresses on the command line."""

from __future__ import annotations

import pytest

from storyboard.errors import UsageError
from storyboard.plan import check_addresses, jobs_at
from tests.support.bought import jobs_of
from tests.support.shots import shot

JOBS = jobs_of(
    [
        shot("walk", scene="arrival"),
        shot("wide", scene="river"),
        shot('crowd["north"]', scene="river", split_before=True),
        shot("boatman.push", scene="river", split_before=True),
    ]
)


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("arrival", ["arrival#1"]),
        ("arrival.walk", ["arrival#1"]),
        ("river", ["river#1", "river#2", "river#3"]),
        ("river.boatman", ["river#3"]),
        ("river.crowd", ["river#2"]),
        ('river.crowd["north"]', ["river#2"]),
        ("riv", []),
        ("river.w", []),
    ],
)
def test_address_selects_its_shots(address: str, ids: list[str]) -> None:
    assert [job.id for job in jobs_at(JOBS, [address])] == ids


def test_unknown_address_suggests_the_nearest() -> None:
    check_addresses(JOBS, ["river.boatman", "arrival"], "--only")
    with pytest.raises(UsageError, match="--only: there is no shot at `river") as trouble:
        check_addresses(JOBS, ["arrival", "river.boatmen"], "--only")
    assert trouble.value.help == "did you mean `river.boatman`?"
