"""Who may say that a process is dead, and on what proof."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storyboard.cluster.holder_lock import HolderLock, ended_holders
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.reservation import SendPermission
from storyboard.errors import UsageError
from storyboard.store.attempt_changes import SendersAlive
from tests.cluster.test_session import holding_process
from tests.support.attempts import an_attempt
from tests.support.farm import Farm, joined, latest
from tests.support.waiting import until


def may_join(ledger: PostgresLedger, key: str = "k1") -> bool:
    answer = ledger.join(an_attempt(key), (), latest(ledger, key).version)
    assert isinstance(answer, SendPermission | SendersAlive), answer
    return isinstance(answer, SendPermission)


def test_killed_process_is_buried_by_its_own_store_and_by_no_other(farm: Farm) -> None:
    other, own = farm.machine("two", "p2"), farm.machine("worker")
    with holding_process(farm) as (process, _):
        assert own.bury_ended() == other.bury_ended() == 0, "it lives"
        process.kill()
        process.wait()
        assert other.bury_ended() == 0
        until(lambda: own.claim("k1"))
        assert not may_join(own)
        assert own.bury_ended() == 1
        assert own.bury_ended() == 0
        assert may_join(own)
    (buried,) = farm.sql("SELECT dead_by, dead_why FROM storyboard.holders WHERE dead_by IS NOT NULL")
    assert buried == ("worker", "its lock in the store is free")


def test_process_that_ended_without_leaving_is_buried_by_the_next(farm: Farm) -> None:
    first = farm.machine()
    joined(first, an_attempt())
    first.close()
    second = farm.machine()
    assert second.claim("k1")
    assert not may_join(second)
    assert second.bury_ended() == 1
    assert may_join(second)


def test_process_that_left_everything_leaves_no_file(farm: Farm) -> None:
    mei = farm.machine()
    joined(mei, an_attempt())
    mei.leave(an_attempt())
    mei.close()
    assert not list((farm.folder / "mei@laptop" / "holders").rglob("*/*"))


def test_file_of_a_copied_store_proves_nothing(farm: Farm, tmp_path: Path) -> None:
    """The process of the store that was copied may be running, on the machine that it was copied from."""
    first = farm.machine()
    joined(first, an_attempt())
    shutil.copytree(farm.folder / "mei@laptop", farm.folder / "copy")
    first.close()
    ledger, folder = first.name, farm.folder
    assert ended_holders(folder / "mei@laptop", ledger) == (first.session.holder.id,)
    assert ended_holders(folder / "copy", ledger) == ()
    assert farm.machine("copy").bury_ended() == 0


def test_lock_of_a_process_that_died_before_it_wrote_its_file_proves_nothing(tmp_path: Path, farm: Farm) -> None:
    holder = farm.machine().session.holder.id
    lock = HolderLock(tmp_path, "ledger", holder)
    assert ended_holders(tmp_path, "ledger") == ()
    lock.release(remove_file=False)
    assert ended_holders(tmp_path, "ledger") == (holder,)
    (tmp_path / "holders" / "ledger" / holder.hex).write_text("")
    assert ended_holders(tmp_path, "ledger") == ()
    assert ended_holders(tmp_path, "another ledger") == ()


def test_process_of_the_same_name_buries_the_one_before(farm: Farm) -> None:
    """Who gives names vouches that one of each runs at a time, as systemd and a StatefulSet do; its disk may be new."""
    first = farm.machine("farm-3")
    joined(first, an_attempt())
    first.close()
    shutil.rmtree(farm.folder / "farm-3")
    second = farm.machine("farm-3")
    assert second.bury_ended() == 0
    assert second.bury_namesakes() == 1
    assert second.bury_namesakes() == 0
    assert second.claim("k1")
    assert may_join(second)


def test_name_that_is_in_use_is_refused(farm: Farm) -> None:
    farm.machine("farm-3")
    with pytest.raises(UsageError, match="another process with the name `farm-3` is connected") as refused:
        farm.machine("farm-3").bury_namesakes()
    assert refused.value.help is not None and "--name" in refused.value.help


def test_person_buries_by_name_what_has_no_session(farm: Farm) -> None:
    first, tom = farm.machine("farm-3"), farm.machine("tom@desk", "tom")
    joined(first, an_attempt())
    with pytest.raises(UsageError, match="`farm-3` is not dead"):
        tom.bury_named("farm-3", "it is in the skip")
    first.close()
    assert tom.bury_named("farm-3", "it is in the skip") == 1
    with pytest.raises(UsageError, match="no process `farm-3`"):
        tom.bury_named("farm-3", "it is in the skip")
    assert tom.claim("k1")
    assert may_join(tom)
    (buried,) = farm.sql("SELECT dead_by, dead_why FROM storyboard.holders WHERE dead_by IS NOT NULL")
    assert buried == ("tom", "it is in the skip")
