"""Two clones buy, prune, buy anew and merge in any order: the lock alone never tells of less than was charged."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import parse_lock
from storyboard.jobs.purchase_history import last_attempts
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.plan import lacking, take_over
from storyboard.plan.reconcile import block_of
from storyboard.store import Attempt, StoryRef, Whose
from storyboard.store.job_status import Verdict, status_of
from tests.support.hashes import hexed
from tests.support.locks import lock_text

WHOSE = Whose("kirin", "https://gateway.test", "generation", "a")
JOBS = (hexed("a"), hexed("b"))
KEYS = {job: hexed(f"k{job[0]}") for job in JOBS}
RESERVED = Decimal("1")
ENDS = (PurchaseState.DONE, PurchaseState.FAILED, PurchaseState.LOST)


@dataclass
class World:
    """What the gateway has charged, by task; whether a job was bought by one who did not know of another's, so that two
    tasks may be of one attempt; whether a failure was free."""

    charged: dict[str, Decimal] = field(default_factory=dict)
    attempts: dict[str, set[int]] = field(default_factory=dict)
    apart: bool = False
    free_failures: bool = False


@dataclass
class Clone:
    """A machine with its own ledger and its copy of the lock."""

    name: str
    world: World
    text: str = lock_text(Lock())
    rows: dict[tuple[str, int], Attempt] = field(default_factory=dict)

    @property
    def lock(self) -> Lock:
        return take_over(parse_lock(self.text.encode(), "x"), self.rows.values(), "kirin")

    def buy(self, job: str) -> None:
        """Where its last attempt is no reason not to; no look-up finds anything here, as some gateways have none."""
        lock = self.lock
        past = [row for (key, _), row in self.rows.items() if key == KEYS[job]]
        stand = status_of(past, WHOSE, lock.blocks.get(job))
        if stand.verdict not in (Verdict.BUY, Verdict.LOST):
            return
        number = max(stand.number, last_attempts(lock.past).get(KEYS[job], 0) + 1)
        known = {
            number for name, number, _ in (*lock.past, *(b.purchase for b in lock.blocks.values())) if name == KEYS[job]
        }
        made = self.world.attempts.setdefault(job, set())
        self.world.apart |= max(made, default=0) > max(known, default=0)
        assert self.world.apart or number not in made
        made.add(number)
        task = f"{self.name}-{job}-{number}"
        self.write(self.attempt(job, number))
        self.write(replace(self.attempt(job, number), task=task, state=PurchaseState.SUBMITTED))
        self.world.charged[task] = RESERVED

    def attempt(self, job: str, number: int) -> Attempt:
        return Attempt(
            key=KEYS[job],
            number=number,
            external_id=f"{job}-{number}",
            whose=WHOSE,
            story=StoryRef("/p", "n.story"),
            state=PurchaseState.INTENT,
            content=job,
            base=job,
            addresses=(f"s.{job}",),
            seconds=5,
            model="m",
            request=Request("m", ()),
            run=self.name,
            opened_at=1.0,
            reserved=RESERVED,
        )

    def end(self, job: str, state: PurchaseState, charged: Decimal) -> None:
        """The gateway has done with this machine's last task of the job, or has thrown its file away."""
        mine = [row for (key, _), row in self.rows.items() if key == KEYS[job]]
        latest = max(mine, key=lambda row: row.number, default=None)
        if latest is None or latest.task is None:
            return
        if latest.state is PurchaseState.DONE and state is PurchaseState.LOST:
            self.write(replace(latest, state=state))
        elif latest.state is PurchaseState.SUBMITTED:
            self.world.charged[latest.task] = charged
            self.world.free_failures |= not charged
            clip = hashlib.sha256(latest.task.encode()).hexdigest() if state is PurchaseState.DONE else None
            self.write(replace(latest, state=state, charged=charged, clip=clip))

    def write(self, row: Attempt) -> None:
        self.rows[row.key, row.number] = row
        block = block_of(row)
        assert block is not None
        self.text = lock_text(self.lock.with_blocks([block]))

    def prune(self, unused: Sequence[str]) -> None:
        lock = self.lock
        going = [block.content for block in lock.prunable([job for job in JOBS if job not in unused])]
        self.text = lock_text(lock.without(going))


def merge(ours: str, base: str, theirs: str) -> str:
    """As git does it with `merge=union`."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_text(text, encoding="utf-8")
        command = ["git", "merge-file", "-p", "--union", *map(str, files)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


CLONES, JOB = st.sampled_from((0, 1)), st.sampled_from(JOBS)
END = st.tuples(st.sampled_from(ENDS), st.sampled_from(("0.9", "0.2", "0.9", "0")))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), CLONES, JOB),
        st.tuples(st.just("end"), CLONES, JOB, END),
        st.tuples(st.just("made"), CLONES, JOB, END),
        st.tuples(st.just("made"), CLONES, JOB, END),
        st.tuples(st.just("prune"), CLONES, st.sampled_from((JOBS[:1], JOBS))),
        st.tuples(st.just("pull"), CLONES),
        st.tuples(st.just("pull"), CLONES),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=200)
@given(STEPS)
def test_spending_in_a_lock_equals_what_was_charged(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    clones = Clone("A", world), Clone("B", world)
    base = clones[0].text
    for what, which, *more in [*steps, ("pull", 0), ("pull", 1)]:
        mine, theirs = clones[which], clones[1 - which]
        if what in ("buy", "made"):
            mine.buy(more[0])
        if what in ("end", "made"):
            state, charged = more[1]
            mine.end(more[0], state, Decimal(charged))
        if what == "prune":
            mine.prune(more[0])
        if what == "pull":
            mine.text, base = merge(mine.text, base, theirs.text), theirs.text
    for clone in clones:
        told = lacking(parse_lock(clone.text.encode(), "x"), ()).cost
        charged = sum(world.charged.values(), Decimal(0))
        assert told >= charged
        assert world.apart or world.free_failures or told == charged
        assert lacking(clone.lock, clone.rows.values()).cost + sum(row.costs for row in clone.rows.values()) >= charged
        assert take_over(clone.lock, clone.rows.values(), "kirin") == clone.lock
