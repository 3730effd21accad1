"""The lock's file: what is written is what is read, merges join, and damage is said and never repaired in silence."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.errors import ExitCode, LockError, StoreError
from storyboard.jobs.lock import EMPTY_LOCK, Block, Lock, join
from storyboard.jobs.lockfile import lock_path, parse_lock, read_lock, update_lock, write_gitattributes
from storyboard.jobs.purchase_history import Paid, Past, PastPurchase
from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState
from tests.support.hashes import hexed
from tests.support.locks import lock_text

BLOCK = Block(
    shots=("s.a", 's.b["雨"]'),
    content=hexed("c0"),
    base=hexed("b0"),
    take=1,
    provider="kirin",
    base_url="https://gateway.test",
    dialect="generation",
    attempt=1,
    task="t1",
    clip=None,
    seconds=8,
    cost=Decimal("0.840"),
    state=PurchaseState.SUBMITTED,
    key=hexed("k0"),
)
NAMES = st.text("abc/é雨", min_size=1, max_size=4)
HASHES = st.sampled_from([hexed(name) for name in ("a0", "a1", "b0", "c0")])
BLOCKS = st.builds(
    Block,
    shots=st.lists(NAMES, max_size=3).map(tuple),
    content=st.sampled_from([hexed("c0"), hexed("c1"), hexed("c2")]),
    base=HASHES,
    take=st.integers(1, 3),
    provider=NAMES,
    base_url=st.sampled_from(["", "https://gateway.test"]),
    dialect=st.just("") | NAMES,
    attempt=st.integers(1, 3),
    task=st.none() | NAMES,
    clip=st.none() | HASHES,
    seconds=st.integers(1, 15),
    cost=st.none() | st.decimals(0, 100, places=3),
    state=st.sampled_from(LOCK_STATES),
    key=st.just("") | HASHES,
)


def locked(*blocks: Block, past: Past | None = None) -> Lock:
    return Lock({block.content: block for block in blocks}, past=past or {})


def once(
    name: str, cost: str, attempt: int = 1, task: str | None = "t1", state: PurchaseState = PurchaseState.DONE
) -> Past:
    return {PastPurchase(name, attempt, task): Paid(state, Decimal(cost))}


def test_lock_is_beside_the_story() -> None:
    assert lock_path(Path("/f/night.story")) == Path("/f/night.story.lock")
    assert lock_path(Path("/f/night.story"), "xian") == Path("/f/night.xian.story.lock")


def test_lock_has_the_documented_form() -> None:
    second = replace(BLOCK, content=hexed("b9"), cost=None)
    past = {**once(hexed("k8"), "1.10"), **once(hexed("k8"), "0.20", 2, None, PurchaseState.FAILED)}
    first_line, *lines = lock_text(locked(BLOCK, second, past=past).choosing(hexed("b0"), 2)).splitlines()
    assert json.loads(first_line) == {
        "version": 2,
        "chosen": {hexed("b0"): [1, 2]},
        "pruned": {hexed("k8"): [[1, "t1", "done", "1.10"], [2, None, "failed", "0.20"]]},
    }
    assert [json.loads(line)["content"] for line in lines] == [hexed("b9"), hexed("c0")]
    assert lines[1] == (
        f'{{"shots": ["s.a", "s.b[\\"雨\\"]"], "content": "{hexed("c0")}", "base": "{hexed("b0")}", "take": 1, '
        '"provider": "kirin", '
        '"base_url": "https://gateway.test", "dialect": "generation", "attempt": 1, "task": "t1", "clip": null, '
        f'"seconds": 8, "cost": "0.840", "state": "submitted", "key": "{hexed("k0")}"}}'
    )


@given(st.lists(BLOCKS, unique_by=lambda block: block.content))
def test_written_lock_is_read_back(blocks: list[Block]) -> None:
    lock = locked(*blocks)
    text = lock_text(lock)
    assert parse_lock(text.encode(), "x") == lock
    assert lock_text(parse_lock(text.encode(), "x")) == text
    assert parse_lock(text.replace("\n", "\r\n").encode(), "x") == lock


@given(st.lists(BLOCKS, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_lines_makes_no_difference(blocks: list[Block], random: Random) -> None:
    lines = [lock_text(locked(block)).splitlines()[1] for block in blocks]
    shuffled = random.sample(lines, len(lines))
    one, other = ("\n".join(['{"version": 2}', *each]).encode() for each in (lines, shuffled))
    assert parse_lock(one, "x") == parse_lock(other, "x")


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"state": PurchaseState.INTENT, "task": None}, {"state": PurchaseState.SUBMITTED}),
        ({"state": PurchaseState.INTENT, "task": None}, {"state": PurchaseState.SUBMITTED}),
        ({"state": PurchaseState.SUBMITTED}, {"state": PurchaseState.FAILED}),
        ({"state": PurchaseState.SUBMITTED}, {"state": PurchaseState.DONE, "clip": hexed("f00")}),
        ({"state": PurchaseState.FAILED}, {"state": PurchaseState.INTENT, "attempt": 2, "task": None}),
        ({"state": PurchaseState.SUBMITTED, "attempt": 2}, {"state": PurchaseState.DONE, "clip": hexed("f00")}),
    ],
)
def test_more_advanced_state_wins(less: dict[str, object], more: dict[str, object]) -> None:
    one, other = replace(BLOCK, **less), replace(BLOCK, **more)  # type: ignore[arg-type]
    assert join([one, other]) == join([other, one]) == other


def test_merge_keeps_fields_of_either_line() -> None:
    one = replace(BLOCK, state=PurchaseState.DONE, clip=hexed("f00"), cost=Decimal(0))
    other = replace(BLOCK, state=PurchaseState.SUBMITTED, cost=Decimal("0.84"))
    joined = join([one, other])
    assert (joined.clip, joined.cost, joined.state) == (hexed("f00"), Decimal("0.84"), "done")


def test_missing_file_is_an_empty_lock(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "n.story.lock") == EMPTY_LOCK


GOOD = lock_text(locked(BLOCK))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        (GOOD.splitlines()[1], ":1: the first line does not state the version of the lock"),
        (GOOD + "<<<<<<< HEAD\n", ":3: unresolved merge conflict"),
        (GOOD + "=======\n", ":3: unresolved merge conflict"),
        (GOOD[:-20], ":2: this line is not JSON"),
        (GOOD + "[1]\n", ":3: this line is not a job"),
        (GOOD + "[" * 100_000 + "\n", ":3: this line is not JSON"),
        (GOOD.replace('"take": 1', '"take": "1"'), ":2: `take`"),
        (GOOD.replace('"take": 1', '"take": true'), ":2: `take`"),
        (GOOD.replace(f'"content": "{hexed("c0")}", ', ""), ":2: `content`"),
        (GOOD.replace('"0.840"', "0.84"), ":2: `cost`"),
        (GOOD.replace('"0.840"', '"NaN"'), ":2: `cost`"),
        (GOOD.replace('"submitted"', '"flying"'), ":2: `state`"),
        (GOOD.replace('"version": 2', '"version": 3'), "version 3; this version of storyboard reads 2"),
        (GOOD.replace('"version": 2', '"version": "2"'), ":1: `version`"),
        (GOOD.replace('"version": 2', f'"version": 2, "chosen": {{"{hexed("b")}": [1, "2"]}}'), ":1: `chosen`"),
        (GOOD.replace('"version": 2', f'"version": 2, "pruned": {{"{hexed("b")}": 1.5}}'), ":1: `pruned`"),
        (GOOD.replace('"version": 2', f'"version": 2, "pruned": {{"{hexed("b")}": "1.5"}}'), ":1: `pruned`"),
        (
            GOOD.replace('"version": 2', f'"version": 2, "pruned": {{"{hexed("b")}": [1, "t", "done", "1"]}}'),
            ":1: `pruned`",
        ),
        (
            GOOD.replace('"version": 2', f'"version": 2, "pruned": {{"{hexed("b")}": [[1, "t", "sold", "1"]]}}'),
            ":1: `pruned`",
        ),
        (
            GOOD.replace('"version": 2', f'"version": 2, "pruned": {{"{hexed("b")}": [[1, "t", "done", 1]]}}'),
            ":1: `pruned`",
        ),
    ],
)
def test_damage_is_reported_with_its_place_and_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "n.story.lock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LockError) as trouble:
        read_lock(path)
    assert said in trouble.value.message
    assert "n.story.lock" in trouble.value.message
    assert trouble.value.help
    assert trouble.value.exit_code is ExitCode.STORY_ERRORS
    with pytest.raises(LockError):
        update_lock(path, lambda lock: lock)
    assert path.read_text(encoding="utf-8") == text


def test_bytes_that_are_not_text_are_damage() -> None:
    with pytest.raises(LockError, match="not JSON"):
        parse_lock(GOOD.encode() + b"\xff\xfe\n", "x")


def test_update_is_atomic_and_leaves_no_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "n.story.lock"
    update_lock(path, lambda lock: lock.with_blocks([BLOCK]))
    path.chmod(0o640)
    lock = update_lock(path, lambda lock: lock.with_blocks([replace(BLOCK, state=PurchaseState.DONE)]))
    assert read_lock(path) == lock
    assert lock.blocks[hexed("c0")].state == "done"
    assert [file.name for file in tmp_path.iterdir()] == ["n.story.lock"]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_an_update_through_a_link_writes_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "n.story.lock"
    link.symlink_to(tmp_path / "real" / "n.story.lock")
    update_lock(link, lambda lock: lock.with_blocks([BLOCK]))
    assert link.is_symlink()
    assert read_lock(link).blocks[hexed("c0")] == BLOCK


def test_an_update_that_changes_nothing_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "n.story.lock"
    update_lock(path, lambda lock: lock.with_blocks([BLOCK]))
    before = path.stat().st_ino
    update_lock(path, lambda lock: lock.with_blocks([BLOCK]))
    assert path.stat().st_ino == before


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        update_lock(tmp_path / "no" / "n.story.lock", lambda lock: lock)


def test_last_choice_counts_after_a_merge() -> None:
    lock = locked(BLOCK).choosing(hexed("b0"), 2)
    ours, theirs = lock.choosing(hexed("b0"), 1).choosing(hexed("b1"), 5), lock.choosing(hexed("b2"), 4)
    assert ours.choices == {hexed("b0"): (2, 1), hexed("b1"): (1, 5)}
    both = lock_text(ours) + lock_text(theirs)
    assert parse_lock(both.encode(), "x").choices == {hexed("b0"): (2, 1), hexed("b1"): (1, 5), hexed("b2"): (1, 4)}
    assert ours.with_blocks([BLOCK]).choices == ours.without([hexed("c0")]).choices == ours.choices


def test_pruning_keeps_spending_and_unfinished_jobs() -> None:
    done = replace(BLOCK, content=hexed("c1"), key=hexed("k1"), state=PurchaseState.DONE, cost=Decimal("1.20"))
    lock = locked(BLOCK, done, past=once(hexed("k9"), "0.10"))
    assert [block.content for block in lock.prunable(used=())] == [hexed("c1")]
    assert lock.prunable(used=[hexed("c1")]) == ()
    after = lock.without([hexed("c1")])
    assert (set(after.blocks), after.past) == (
        {hexed("c0")},
        {**once(hexed("k9"), "0.10"), **once(hexed("k1"), "1.20")},
    )
    assert merged(after) == after


def merged(*locks: Lock) -> Lock:
    return parse_lock("".join(map(lock_text, locks)).encode(), "x")


DONE = replace(BLOCK, state=PurchaseState.DONE, clip=hexed("f00"))
GONE = once(hexed("k0"), "0.840")


def test_pruned_job_that_comes_back_is_not_counted_twice() -> None:
    lock = locked(DONE).without([hexed("c0")])
    assert lock.past == GONE
    assert lock.with_blocks([DONE]) == locked(DONE)
    assert merged(locked(DONE), lock) == merged(lock, locked(DONE)) == locked(DONE)


def test_pruned_job_that_is_bought_again_counts_both_times() -> None:
    anew = replace(BLOCK, attempt=2, task="t2", cost=Decimal("0.9"))
    lock = locked(DONE).without([hexed("c0")]).with_blocks([anew])
    assert lock == locked(anew, past=GONE)
    assert lock.without([hexed("c0")]).past == {
        **GONE,
        **once(hexed("k0"), "0.9", 2, "t2", PurchaseState.SUBMITTED),
    }
    assert merged(lock, locked(DONE).without([hexed("c0")])) == lock
    assert merged(lock, locked(DONE)).past == once(hexed("k0"), "0.9", 2, "t2", PurchaseState.SUBMITTED)


def test_later_attempt_counts_in_addition_to_a_charged_one() -> None:
    second = replace(BLOCK, attempt=2, task="t2")
    failed = replace(BLOCK, state=PurchaseState.FAILED, cost=Decimal("0.3"))
    assert locked(failed).with_blocks([second]).past == once(hexed("k0"), "0.3", state=PurchaseState.FAILED)
    assert locked(replace(failed, cost=Decimal(0))).with_blocks([second]).past == {}
    assert merged(locked(failed), locked(second)) == locked(
        second, past=once(hexed("k0"), "0.3", state=PurchaseState.FAILED)
    )


def test_one_attempt_that_two_machines_made_counts_twice() -> None:
    other = replace(DONE, task="t2", clip=hexed("f01"))
    both = merged(locked(DONE), locked(other))
    assert sum(paid.cost or 0 for paid in both.past.values()) + (both.blocks[hexed("c0")].cost or 0) == Decimal("1.68")
    assert merged(both, locked(DONE), locked(other)) == both


@pytest.mark.parametrize("heard", [None, "t1"])
def test_stated_cost_replaces_the_reserved_price_of_a_purchase(heard: str | None) -> None:
    begun = replace(BLOCK, state=PurchaseState.SUBMITTED if heard else PurchaseState.INTENT, task=heard)
    charged = replace(DONE, cost=Decimal("0.8"))
    assert merged(locked(begun), locked(charged)) == locked(charged)
    assert merged(locked(begun), locked(charged).without([hexed("c0")])).blocks[hexed("c0")].cost == Decimal("0.8")
    assert locked(begun).without([hexed("c0")]).with_blocks([charged]) == locked(charged)


def test_git_merges_two_branches_by_itself(tmp_path: Path) -> None:
    """The real git, with the rule that is written for it."""

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.test", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def commit(change: Block) -> None:
        update_lock(path, lambda lock: lock.with_blocks([change]))
        git("add", "-A")
        git("commit", "-m", "x")

    path = tmp_path / "n.story.lock"
    git("init", "-b", "main")
    assert write_gitattributes(tmp_path)
    commit(BLOCK)
    git("checkout", "-b", "other")
    commit(replace(BLOCK, state=PurchaseState.DONE, clip=hexed("f00")))
    commit(replace(BLOCK, content=hexed("c1")))
    git("checkout", "main")
    commit(replace(BLOCK, content=hexed("c2")))
    commit(replace(BLOCK, state=PurchaseState.FAILED))
    git("merge", "other", "-m", "merge")
    lock = read_lock(path)
    assert set(lock.blocks) == {hexed("c0"), hexed("c1"), hexed("c2")}
    assert lock.blocks[hexed("c0")] == replace(BLOCK, state=PurchaseState.DONE, clip=hexed("f00"))


def test_gitattributes_are_added_to_and_only_once(tmp_path: Path) -> None:
    file = tmp_path / ".gitattributes"
    file.write_text("*.png binary", encoding="utf-8")
    assert write_gitattributes(tmp_path)
    assert not write_gitattributes(tmp_path)
    assert file.read_text(encoding="utf-8") == "*.png binary\n*.story.lock merge=union\n"
