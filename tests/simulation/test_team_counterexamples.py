"""The shortest ways in which a team would pay twice or lose what it paid for, each walked on the notes of a bucket.

The numbers are those of the model's counterexamples. The gateway takes an id again and bills it again (`second`), so that
only the rules of the notes keep machines apart.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.bucket.note import NoteState
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import PRICE, Habits
from tests.support.simulation import STORY, WHOSE, Fault, Process, jobs
from tests.support.team_simulation import BucketFault, Request, TeamMachine, TeamWorld, billed_sum

BUSY = {"code": "006001094", "error_message": "no resources"}
RULES = RunRules(may_buy=True)
BLIND = Habits("second", lookup=False, takes=3.0)
SEEING = Habits("second", takes=3.0)


class Team:
    """Mei and Raj, one job, and the shortest words for what tests do."""

    def __init__(self, folder: Path, template: Path, habits: Habits, faults: dict[int, Fault]) -> None:
        self.world = TeamWorld(folder, template, habits, faults)
        self.world.bucket_latency = (0.1, 0.1)
        self.mei, self.raj = self.world.team_machine("mei"), self.world.team_machine("raj")
        self.job = jobs()[0]

    def begin(self, machine: TeamMachine, rules: RunRules = RULES) -> Process:
        return self.world.build(machine, [self.job], rules)

    def run(self, machine: TeamMachine, rules: RunRules = RULES) -> JobResult:
        process = self.begin(machine, rules)
        self.world.go()
        return one(process)

    def killed_at(self, machine: TeamMachine, step: str, after: float) -> None:
        """A build that is killed so many seconds after it began a step."""
        process = self.begin(machine)
        self.world.when(process, step, lambda: self.world.later(after, lambda: self.world.kill(process)))
        self.world.go()
        assert process.dead

    def suspended_at(self, machine: TeamMachine, step: str, seconds: float) -> Process:
        """A build that stands still for so long from a step on: what it has sent still arrives."""
        process = self.begin(machine)
        self.world.when(process, step, lambda: self.world.suspend(process, seconds))
        return process

    def has_seen_lookups(self) -> None:
        for machine in (self.mei, self.raj):
            machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))

    def run_until(self, machine: TeamMachine, seconds: float) -> JobState:
        """How a build ends that has so long."""
        process = self.begin(machine)
        self.world.go(seconds)
        return one(process).state

    @property
    def tasks(self) -> int:
        return len(self.world.gateway.tasks)


def one(process: Process) -> JobResult:
    (result,) = process.results.values()
    return result


@pytest.fixture
def team(tmp_path: Path, template: Path) -> Team:
    return made(tmp_path, template, BLIND)


def made(folder: Path, template: Path, habits: Habits, **faults: Fault) -> Team:
    """A team whose requests to the gateway, by number, meet trouble."""
    return Team(folder, template, habits, {int(number.removeprefix("n")): fault for number, fault in faults.items()})


def first_write(path: str, fault: BucketFault, state: str = "") -> object:
    """What befalls the first write of an object whose path begins so and that says this."""
    left = [fault]

    def on_request(request: Request) -> BucketFault | None:
        hit = request.writes and request.path.startswith(path) and state.encode() in request.content
        return left.pop() if hit and left else None

    return on_request


def test_two_machines_at_one_instant_send_one_request(team: Team) -> None:
    both = [team.begin(machine) for machine in (team.mei, team.raj)]
    team.world.go()
    assert team.tasks == 1
    assert {one(process).state for process in both} == {JobState.BUILT}


def test_c1_first_intent_that_was_decided_before_another_ones_is_not_written(tmp_path: Path, template: Path) -> None:
    """Raj reads that there is nothing; Mei joins, sends, hears nothing and leaves; then Raj would join."""
    team = made(tmp_path, template, BLIND, n3="lost reply")
    late = team.suspended_at(team.raj, "reserve", 200.0)
    team.world.go(5.0)
    first = team.begin(team.mei)
    team.world.go()
    assert one(first).state is JobState.UNKNOWN
    assert (one(late).state, team.tasks) == (JobState.UNKNOWN, 1)


@pytest.mark.parametrize("arrives", [15.12, 15.02, 40.0])
def test_c2_create_that_arrives_before_its_own_repeat_is_known_again(team: Team, arrives: float) -> None:
    team.world.on_bucket_request = first_write("notes/", arrives)  # type: ignore[assignment]
    result = team.run(team.mei)
    assert (result.state, team.tasks) == (JobState.BUILT, 1)


def test_c6_id_that_was_sent_twice_is_looked_up_before_the_next_attempt(tmp_path: Path, template: Path) -> None:
    """The second request's task fails and frees the id; then the first request arrives and makes another task of it."""
    team = made(tmp_path, template, Habits("409free", takes=3.0, newest=True), n2="late")
    team.has_seen_lookups()
    team.world.late = 21.0
    team.world.gateway.failures = [BUSY]
    result = team.run(team.mei)
    assert result.state is JobState.BUILT
    assert [task.billed for task in team.world.gateway.tasks] == [False, True]


def test_c7_withdrawal_that_comes_late_does_not_free_the_next_intent(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The versions of the bucket are hashes of the content, and all is written within one second by the clock."""
    team = made(tmp_path, template, BLIND, n2="402", n4="lost reply")
    monkeypatch.setattr("tests.support.team_simulation.time_text", lambda _: "2027-01-15T08:00:00Z")
    team.world.on_bucket_request = first_write("notes/", 45.0, '"withdrawn"')  # type: ignore[assignment]
    first = team.begin(team.mei)
    team.world.go(18.0)
    assert one(first).state is JobState.SKIPPED
    again = team.begin(team.mei)
    team.world.go(30.0)
    assert again.trace[-1] == "POST generation", "the withdrawal arrives while the request is on its way"
    other = team.begin(team.raj)
    team.world.go()
    assert team.tasks == 1
    assert (one(again).state, one(other).state) == (JobState.UNKNOWN, JobState.UNKNOWN)


@pytest.mark.parametrize("passed", [90.0, 3 * 3600.0])
def test_c8_time_never_lets_another_machine_send(tmp_path: Path, template: Path, passed: float) -> None:
    """Mei's machine is gone with its request on its way, and the gateway shows the task late."""
    team = made(tmp_path, template, replace(SEEING, shows_after=passed + 200.0))
    team.has_seen_lookups()
    team.killed_at(team.mei, "POST generation", 0.01)
    team.world.go(passed)
    result = team.run(team.raj)
    assert (result.state, team.tasks) == (JobState.UNKNOWN, 1)
    assert "mei@desk" in result.reason
    team.world.go(300.0)
    assert (team.run(team.raj).state, team.tasks) == (JobState.BUILT, 1)


def test_c9_machine_that_is_cut_off_from_the_bucket_still_counts_as_a_sender(tmp_path: Path, template: Path) -> None:
    """Mei stands still between her note and her request; Raj waits for her word, however long that is."""
    team = made(tmp_path, template, SEEING)
    team.has_seen_lookups()
    sleeper = team.suspended_at(team.mei, "sends", 600.0)
    team.world.go(5.0)
    other = team.begin(team.raj)
    team.world.go(300.0)
    assert one(other).state is JobState.UNKNOWN and "mei@desk" in one(other).reason
    team.world.go()
    assert (one(sleeper).state, team.tasks) == (JobState.BUILT, 1)


def test_c10_note_names_the_sender_before_the_request_arrives(team: Team) -> None:
    process = team.begin(team.mei)
    named: list[bool] = []

    def look() -> None:
        note = team.world.note(team.job)
        named.append(note is not None and [sender.name for sender in note.may] == ["mei@desk"])

    team.world.when(process, "POST generation", look)
    team.world.go()
    assert (one(process).state, named) == (JobState.BUILT, [True])


def test_c10_nothing_is_sent_while_the_bucket_is_away(team: Team) -> None:
    now = team.world.clock.monotonic()
    team.world.away.append((now, now + 3600.0))
    assert team.run(team.mei).state is JobState.SKIPPED
    assert team.tasks == 0


def test_c11_who_ends_as_unknown_lets_the_next_one_on(tmp_path: Path, template: Path) -> None:
    team = made(tmp_path, template, SEEING, n2="undelivered")
    team.has_seen_lookups()
    careful = team.run(team.mei, RunRules(may_buy=True, resend="never"))
    assert careful.state is JobState.UNKNOWN
    assert team.world.note(team.job).may == ()  # type: ignore[union-attr]
    assert (team.run(team.raj).state, team.tasks) == (JobState.BUILT, 1)


@pytest.mark.parametrize("step", ["join", "write"])
def test_c12_intent_that_was_never_sent_goes_on_without_a_look_up(team: Team, step: str) -> None:
    """Only the journal of the machine itself knows it: elsewhere the note says that she may have sent."""
    process = team.begin(team.mei)
    team.world.when(
        process, step, lambda: team.world.later(0.06 if step == "join" else 0.0, lambda: kill(team, process))
    )
    team.world.go()
    assert process.dead and team.tasks == 0
    assert team.world.note(team.job).state is NoteState.INTENT  # type: ignore[union-attr]
    assert (team.run(team.mei).state, team.tasks) == (JobState.BUILT, 1)


def kill(team: Team, process: Process) -> None:
    if not process.dead:
        team.world.kill(process)


def test_c12_note_of_a_run_that_gave_it_up_may_arrive_later(team: Team) -> None:
    def on_request(request: Request) -> BucketFault | None:
        return 200.0 if request.writes and b'"intent"' in request.content else None

    team.world.on_bucket_request = on_request
    first = team.begin(team.mei)
    team.world.go(100.0)
    assert one(first).state is JobState.FAILED and team.tasks == 0
    team.world.on_bucket_request = None
    team.world.go()
    assert team.world.note(team.job).state is NoteState.INTENT  # type: ignore[union-attr]
    assert (team.run(team.mei).state, team.tasks) == (JobState.BUILT, 1)


def test_c14_reply_to_one_who_was_taken_over_is_kept(team: Team) -> None:
    sleeper = team.suspended_at(team.mei, "POST generation", 300.0)
    team.world.go(100.0)
    team.world.take_over(team.job, [team.mei], team.raj)
    assert team.run_until(team.raj, 100.0) is JobState.UNKNOWN
    team.world.go()
    assert one(sleeper).state is JobState.BUILT
    assert (team.run(team.raj).state, team.tasks) == (JobState.CACHED, 1) or team.tasks == 1
    assert team.world.note(team.job).state is NoteState.DONE  # type: ignore[union-attr]


def test_m1_two_machines_that_reserve_at_once_never_pass_a_cap(tmp_path: Path, template: Path) -> None:
    team = made(tmp_path, template, BLIND)
    cap = Cap(".budget", Decimal(PRICE), story=STORY)
    rules = RunRules(may_buy=True, caps=(cap,))
    one_job, other_job = jobs(2)
    both = [team.world.build(team.mei, [one_job], rules), team.world.build(team.raj, [other_job], rules)]
    team.world.go()
    assert sorted(one(process).state for process in both) == [JobState.BUILT, JobState.SKIPPED]
    assert billed_sum(team.world) == Decimal(PRICE)


def test_intent_that_a_cap_bars_later_leaves_room_for_others(tmp_path: Path, template: Path) -> None:
    """Two intents that were never sent would bar each other for good."""
    team = made(tmp_path, template, BLIND)
    rules = RunRules(may_buy=True, caps=(Cap(".budget", Decimal(PRICE), story=STORY),))
    process = team.begin(team.mei, rules)
    team.world.when(process, "write", lambda: team.world.later(0.0, lambda: kill(team, process)))
    team.world.go()
    tight = RunRules(may_buy=True, caps=(Cap(".budget", Decimal("0.10"), story=STORY),))
    assert team.run(team.mei, tight).state is JobState.SKIPPED
    assert team.world.note(team.job).state is NoteState.WITHDRAWN  # type: ignore[union-attr]
    assert team.world.purse().used() == 0 and not team.mei.lock
    assert (team.run(team.raj, rules).state, team.tasks) == (JobState.BUILT, 1)


def test_word_that_a_store_has_left_is_void_once_it_has_joined_again(tmp_path: Path, template: Path) -> None:
    """Mei leaves while the bucket is away, so her word is kept; her next build must not be taken out by it."""
    team = made(tmp_path, template, SEEING, n2="undelivered")
    team.has_seen_lookups()
    first = team.begin(team.mei, RunRules(may_buy=True, resend="never"))
    team.world.when(first, "leave", lambda: team.world.away.append((0.0, team.world.clock.monotonic() + 20.0)))
    team.world.go(100.0)
    assert one(first).state is JobState.UNKNOWN
    assert team.mei.spool.count() or team.world.note(team.job).may == ()  # type: ignore[union-attr]
    again = team.begin(team.mei)
    seen: list[int] = []

    def look() -> None:
        note = team.world.note(team.job)
        seen.append(0 if note is None else len(note.may))

    team.world.when(again, "POST generation", lambda: team.world.later(0.01, look))
    team.world.go()
    assert (one(again).state, seen) == (JobState.BUILT, [1])


def test_ended_attempt_lets_the_store_that_sent_it_begin_the_next(tmp_path: Path, template: Path) -> None:
    """Mei is killed with her request on its way; Raj finds that its task failed, and Mei buys it anew."""
    team = made(tmp_path, template, SEEING)
    team.has_seen_lookups()
    team.world.gateway.failures = [BUSY]
    team.killed_at(team.mei, "POST generation", 0.01)
    assert team.run(team.raj).state is JobState.UNKNOWN
    result = team.run(team.mei)
    assert result.state is JobState.BUILT
    assert [task.billed for task in team.world.gateway.tasks] == [False, True]
    assert {row.state for row in team.mei.ledger.all()} == {PurchaseState.FAILED, PurchaseState.DONE}
