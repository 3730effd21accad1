"""Real processes of two machines: one stops after its note is in the bucket, and a person lets the other one go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storyboard.simulator import account_of
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Operation
from storyboard.store.send_permission import PERMISSION_SECONDS
from tests.bucket.test_team_purchases import another, notes
from tests.support.buckets import TestBucket
from tests.support.shop import Shop
from tests.support.waiting import PATIENCE

YES = "--yes"
RIVER = ("--only", "river")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped with signals")


@pytest.fixture
def other(shop: Shop, tmp_path: Path) -> Shop:
    """A second machine, which has seen that the gateway can be asked by our own ids."""
    shop.behave(duplicates="second")
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    other = another(shop, tmp_path / "other")
    other.build(YES, "--only", "street")
    return other


@contextmanager
def stopped_after_its_note(shop: Shop, bucket: TestBucket) -> Iterator[subprocess.Popen[bytes]]:
    """A build that has written its note, was not told so yet, and does nothing more until it is let go on."""
    answered = threading.Event()
    bucket.faults.path, bucket.faults.hold = "/notes/[0-9a-f]{2}/", answered
    process = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "build", YES, *RIVER],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert bucket.faults.holds.wait(PATIENCE)
        os.kill(process.pid, signal.SIGSTOP)
        answered.set()
        yield process
    finally:
        answered.set()
        if process.poll() is None:
            process.kill()
        process.wait()


def rivers(shop: Shop) -> int:
    """How many tasks of the river the gateway's book has, beside the one of the street."""
    return shop.gateway.totals().of(account_of(shop.key)).tasks - 1


def test_machine_that_was_killed_before_its_request_is_taken_over(shop: Shop, other: Shop, bucket: TestBucket) -> None:
    with stopped_after_its_note(shop, bucket) as process:
        process.kill()
    barred = other.build(YES, *RIVER, "--no-wait", code=7)["river#1"]
    assert barred["state"] == "unknown" and "(since " in barred["reason"]
    assert rivers(shop) == 0
    assert other("resolve", "river#1", "--take-over", YES).code == 0
    assert other.build(YES, *RIVER)["river#1"]["state"] == "built"
    assert shop.build(YES, *RIVER)["river#1"]["state"] == "cached"
    assert rivers(shop) == 1
    assert {note["state"] for note in notes(bucket)} == {"done"}


def test_machine_that_was_paused_before_its_request_does_not_send_when_it_wakes(
    shop: Shop, other: Shop, bucket: TestBucket
) -> None:
    with stopped_after_its_note(shop, bucket) as process:
        assert other.build(YES, *RIVER, "--no-wait", code=7)["river#1"]["state"] == "unknown"
        assert other("resolve", "river#1", "--take-over", YES).code == 0
        assert other.build(YES, *RIVER)["river#1"]["state"] == "built"
        time.sleep(PERMISSION_SECONDS)
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(PATIENCE) == 0
    assert rivers(shop) == 1


def test_request_whose_reply_was_lost_is_adopted_after_a_take_over(shop: Shop, other: Shop, bucket: TestBucket) -> None:
    """The gateway does not show the task at first, so the job is unknown until it does."""
    shop.behave(duplicates="second", show_after=2.0)
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    command = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "build", YES, *RIVER],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while rivers(shop) < 1:
        assert command.poll() is None
    command.kill()
    command.wait()
    assert other.build(YES, *RIVER, "--no-wait", code=7)["river#1"]["state"] == "unknown"
    assert other("resolve", "river#1", "--take-over", YES).code == 0
    other.cli.write("storyboard.toml", (other.cli.folder / "storyboard.toml").read_text().replace("0.5", "4"))
    assert other.build(YES, *RIVER)["river#1"]["state"] == "built"
    assert rivers(shop) == 1
