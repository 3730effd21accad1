"""Whatever a gateway answers: a build ends, keeps to its cap, sends no job twice at once, and says what it knows.

A hypothesis search over replies of any status and shape, on a clock moved by hand, so that hours of waiting pass at
once. How a reply's bytes are bounded while they are read is tested on real sockets, in `tests/run/test_http_border.py`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.run.effects import Barred, Cut, Download, Expired, Whole, Wrong
from storyboard.run.result import JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.simulation import STORY, WHOSE, Machine, World, jobs

CAP = Decimal("1.70")
"""US dollars: four of the jobs, at 0.42 each."""
LONGEST_WORDS = 3000
NOTHING_MADE = (401, 402, 403, 429)
"""Answers to a submit by which no task was made: it may be sent again later."""

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["completed", "failed", "running", "task-1", "\ud800", "\x1b[2J", "x" * 5000, "1e999", "-1", "0", "1301", "NaN"]
    ),
    st.sampled_from(["https://cdn.test/v.mp4", "http://169.254.169.254/v.mp4", "file:///etc/passwd", "//x/v.mp4"]),
)
NAMES = st.sampled_from(
    [
        "id",
        "task_id",
        "status",
        "task_status",
        "state",
        "code",
        "message",
        "error",
        "output",
        "content",
        "url",
        "type",
        "usage",
        "cost",
        "currency",
        "data",
        "detail",
        "metadata",
        "created_at",
        "completed_at",
        "video",
        "videos",
    ]
)
BODIES = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)
TASKS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["task-1", "task-2", 7, None]),
        "status": st.sampled_from(["in_queue", "completed", "failed"]),
    },
    optional={
        "output": st.just([{"content": [{"type": "video", "url": "https://cdn.test/v.mp4"}]}]) | BODIES,
        "usage": st.fixed_dictionaries({"cost": ODD}) | st.just({"cost": "0.42"}),
        "error": BODIES,
        "metadata": st.fixed_dictionaries({"completed_at": ODD}),
        "created_at": ODD,
    },
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "location", "content-encoding"]),
    st.sampled_from(
        ["999999999", "-1", "nan", "Wed, 21 Oct 2999 07:28:00 GMT", "text/html", "https://x.test/", "\xff"]
    ),
    max_size=2,
)
REPLIES = st.one_of(
    st.builds(
        lambda status, body, headers: HttpReply(status, json.dumps(body).encode(), headers),
        st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 503]),
        TASKS | TASKS | BODIES,
        HEADERS,
    ),
    st.builds(HttpReply, st.sampled_from([200, 404, 500]), st.binary(max_size=40)),
    st.sampled_from([HttpReply(200, b"[" * 5000), HttpReply(200, b'{"id": "t", "usage": {"cost": 1e999}}')]),
    st.sampled_from([NoReply("the reply timed out", sent=True), NoReply("no connection", sent=False)]),
)
DOWNLOADS = st.sampled_from(["whole", "odd length", "expired", "cut", "wrong", "barred"])
PLOTS = st.fixed_dictionaries(
    {
        "replies": st.lists(REPLIES, min_size=1, max_size=8),
        "downloads": st.lists(DOWNLOADS, min_size=1, max_size=4),
        "lookup": st.sampled_from(Lookup),
        "no_wait": st.booleans(),
    }
)


class HostileWorld(World):
    """Every request is answered with the next reply, and again from the first when they have all been given."""

    def __init__(self, replies: list[Reply], downloads: list[str]) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.may_have_bought = 0
        self._replies, self._files = replies, downloads
        self._given = self._fetched = 0

    def _sent(self, call: HttpCall, process: Any) -> tuple[float, Reply]:
        if call.method == "POST":
            assert call.body is not None
            self.sent.append(json.dumps(call.body, sort_keys=True))
        self._given += 1
        reply = self._replies[(self._given - 1) % len(self._replies)]
        unsent = isinstance(reply, NoReply) and not reply.sent
        refused = isinstance(reply, HttpReply) and reply.status in NOTHING_MADE
        self.may_have_bought += call.method == "POST" and not unsent and not refused
        return 0.05, reply

    def _downloaded(self, machine: Machine, url: str, target: Path) -> Download:
        self._fetched += 1
        match self._files[(self._fetched - 1) % len(self._files)]:
            case "expired":
                return Expired("HTTP 404")
            case "cut":
                return Cut("it was cut", self._fetched)
            case "wrong":
                return Wrong("it is a web page")
            case "barred":
                return Barred("its host is not allowed")
            case kind:
                machine.clips.contents[target] = f"{url} {self._fetched}"
                return Whole(target, 1.0 if kind == "odd length" else None)


def play(plot: dict[str, Any], template: Path, file: Path) -> None:
    world = HostileWorld(plot["replies"], plot["downloads"])
    machine = world.machine(template, file)
    machine.ledger.learn(WHOSE, GatewayTraits(plot["lookup"]))
    rules = RunRules(may_buy=True, caps=(Cap(".budget", CAP, story=STORY),), no_wait=plot["no_wait"], first_poll=0.05)
    for _ in range(2):
        before = world.may_have_bought
        process = world.start(machine, jobs(2), rules=rules)
        world.go(most=60_000)
        assert len(process.results) == 2, "every build ends with a report"
        most = 2 * rules.attempts * (rules.attempts + 2)
        assert world.may_have_bought - before <= most, "what may buy is sent so many times at most"
        for result in process.results.values():
            assert result.state in JobState
            words = [result.reason, *(process.notices), *([result.error.message] if result.error else [])]
            assert all(len(each) < LONGEST_WORDS and each.isprintable() for each in words), words
            assert result.state not in (JobState.BUILT, JobState.CACHED) or result.clip is not None
    ids = {row.external_id.split("+")[0] for row in machine.ledger.all()}
    assert len({json.loads(body)["input"][0]["params"]["external_task_id"] for body in world.sent} - ids) == 0, "I4"
    reserved = sum((row.reserved or Decimal(0) for row in machine.ledger.all() if row.sends), Decimal(0))
    assert reserved <= CAP, "no reservation passes the cap"
    machine.ledger.close()


@contextmanager
def emptied_ledgers() -> Iterator[tuple[Path, Path]]:
    """A ledger to begin from, and the place of the one that is used."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        template, file = Path(name) / "template", Path(name) / "ledger"
        SqliteLedger(template).close()
        yield template, file


def search(examples: int) -> None:
    with emptied_ledgers() as (template, file):

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(PLOTS)
        def ends_well(plot: dict[str, Any]) -> None:
            for left in template.parent.glob("ledger*"):
                left.unlink()
            play(plot, template, file)

        ends_well()


def test_download_that_brings_one_byte_at_a_time_ends() -> None:
    task = {"id": "task-1", "status": "completed", "output": [{"content": [{"url": "https://cdn.test/v.mp4"}]}]}
    replies: list[Reply] = [HttpReply(200, json.dumps(task).encode(), {})]
    with emptied_ledgers() as ledgers:
        play({"replies": replies, "downloads": ["cut"], "lookup": Lookup.SEEN, "no_wait": True}, *ledgers)


def test_random_hostile_gateways_cause_no_hang_crash_or_overspending() -> None:
    search(60)


@pytest.mark.long
def test_three_thousand_hostile_gateways_do_no_harm() -> None:
    search(3000)
