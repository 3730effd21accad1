"""What one of a team has bought, all have: a build on a fresh machine takes its clips from the bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.buckets import TestBucket
from tests.support.shop import SETTINGS, Shop

YES = "--yes"


@pytest.fixture
def bought(shop: Shop) -> Shop:
    """A film that was bought by a person who shares a bucket."""
    shop.build(YES)
    return shop


def fresh(shop: Shop, folder: Path, *, key: str = "") -> Shop:
    """Another machine: the story and its lock, an empty store, and no key unless one is given."""
    other = shop.elsewhere(folder)
    other.key, other.environment = key, dict(shop.environment)
    other.cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
    return other


def test_purchases_are_in_the_bucket(bought: Shop, bucket: TestBucket) -> None:
    paths = bucket.paths()
    clips = {block["clip"] for block in bought.lock}
    assert {path.rpartition("/")[2] for path in paths if path.startswith("clips/")} == clips
    notes = [json.loads(bucket.content(path)) for path in paths if path.startswith("notes/")]
    assert {note["clip"] for note in notes} == clips
    assert {(note["state"], note["paid_by"]["project"]) for note in notes} == {("done", "lantern")}
    [listed] = [path for path in paths if path.startswith("locks/")]
    assert set(json.loads(bucket.content(listed))["clips"]) == clips


def test_key_is_never_written_to_the_bucket(bought: Shop, bucket: TestBucket) -> None:
    assert all(bought.key.encode() not in bucket.content(path) for path in bucket.paths())


def test_locked_build_on_a_fresh_machine_needs_only_lock_and_bucket(bought: Shop, tmp_path: Path) -> None:
    other, requests = fresh(bought, tmp_path / "other"), bought.requests
    assert set(other.states("--locked").values()) == {"cached"}
    assert bought.requests == requests
    assert (other.cli.folder / "build" / "lanterns" / "lanterns.mp4").exists()


def test_build_with_a_key_on_a_fresh_machine_buys_nothing(bought: Shop, tmp_path: Path) -> None:
    other, requests = fresh(bought, tmp_path / "other", key=bought.key), bought.requests
    assert set(other.states(YES).values()) == {"cached"}
    assert bought.requests == requests


def test_free_build_on_a_fresh_machine_uses_the_bought_clips(bought: Shop, tmp_path: Path) -> None:
    other = fresh(bought, tmp_path / "other")
    assert set(other.states("--provider", "animatic").values()) == {"cached"}


def test_another_take_is_the_teams_as_soon_as_it_is_bought(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    first = next(iter(bought.planned()))
    assert bought("reroll", first, YES).code == 0
    listed = {path.rpartition("/")[2] for path in bucket.paths() if path.startswith("clips/")}
    assert {block["clip"] for block in bought.lock} <= listed
    other = fresh(bought, tmp_path / "other")
    assert set(other.states("--locked").values()) == {"cached"}


def test_earlier_take_comes_from_the_bucket(bought: Shop, tmp_path: Path) -> None:
    first = next(iter(bought.planned()))
    assert bought("reroll", first, YES).code == 0
    other, paid = fresh(bought, tmp_path / "other", key=bought.key), bought.paid
    done = other("reroll", first, "--take", "1")
    assert (done.code, bought.paid) == (0, paid), done.err
    assert set(other.states("--locked").values()) == {"cached"}


def test_damaged_clip_of_the_bucket_is_never_used(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    clip = bought.lock[0]["clip"]
    bucket.put(f"clips/{clip[:2]}/{clip}", b"not a clip")
    other = fresh(bought, tmp_path / "other")
    done = other("build", "--locked")
    assert done.code == 5
    assert "1 clip damaged" in done.err
    assert not list((other.store / "clips").glob(f"*/{clip}*"))
    assert not list((other.store / "scratch").iterdir())


def test_build_continues_without_an_unreachable_bucket(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    other = fresh(bought, tmp_path / "other", key=bought.key)
    bucket.faults.away = True
    done = other("build", YES, "--json")
    assert done.code == 0, done.err
    assert "no clips are fetched from it" in done.err
    assert bought.posts == 2  # the gateway still had the clips of the team's own account


def test_next_build_sends_what_could_not_be_sent(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.away, bucket.faults.away_at = True, r"/clips/.*[0-9a-f]{64}|/locks/"
    done = shop("build", YES)
    assert done.code == 0, done.err
    assert "for the bucket not sent yet" in done.err
    assert "for the bucket not sent yet: storyboard store push" in shop("status").out
    assert shop("status", "--json").json["waiting"] > 0
    bucket.faults.away = False
    assert shop("build").code == 0
    assert len([path for path in bucket.paths() if path.startswith("clips/")]) == 2
    notes = [json.loads(bucket.content(path)) for path in bucket.paths() if path.startswith("notes/")]
    assert [note["state"] for note in notes] == ["done", "done"]
    assert not list((shop.store / "spool").glob("*/*.json"))


def test_next_build_sends_what_an_interrupted_build_bought(shop: Shop, bucket: TestBucket) -> None:
    """As after kill -9: the ledger has the purchase, and no command had the time to send it."""
    clips = shop.environment.pop("STORYBOARD_CLIPS")
    shop.build(YES)
    shop.environment["STORYBOARD_CLIPS"] = clips
    assert set(shop.states(YES).values()) == {"cached"}
    assert len([path for path in bucket.paths() if path.startswith("notes/")]) == 2
    assert len([path for path in bucket.paths() if path.startswith("clips/")]) == 2


def test_build_with_nothing_new_does_not_contact_the_bucket(bought: Shop, bucket: TestBucket) -> None:
    asked = len(bucket.faults.seen)
    assert set(bought.states(YES).values()) == {"cached"}
    assert len(bucket.faults.seen) == asked


def test_lost_reply_writes_a_note_once(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.lose_answers, bucket.faults.path = 2, "/notes/.*json"
    shop.build(YES)
    notes = [json.loads(bucket.content(path)) for path in bucket.paths() if path.startswith("notes/")]
    assert [(note["state"], len(note["tasks"])) for note in notes] == [("done", 1), ("done", 1)]


def test_nothing_is_bought_for_a_team_by_a_project_without_a_name(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", SETTINGS)
    done = shop("build", YES)
    assert done.code == 2
    assert 'write `project = "work"`' in done.err
    assert shop.posts == 0


def test_bucket_named_only_by_the_project_is_not_used(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    other = fresh(bought, tmp_path / "other")
    other.environment.clear()
    other.cli.write("storyboard.toml", f'project = "lantern"\nclips = "{bucket.address}"\n{SETTINGS}')
    asked = len(bucket.faults.seen)
    done = other("build", "--locked")
    assert done.code == 5
    assert f"names the bucket {bucket.address}" in done.err
    assert f"STORYBOARD_CLIPS={bucket.address}" in done.err
    assert len(bucket.faults.seen) == asked


def test_bucket_of_the_users_own_configuration_is_used(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    other = fresh(bought, tmp_path / "other")
    other.environment.clear()
    folder = other.cli.home / "config" / "storyboard"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'clips = "{bucket.address}"\n')
    assert set(other.states("--locked").values()) == {"cached"}


@pytest.mark.parametrize("address", ["ftp://films", "s3://", "s3://user:key@films", "s3://films/../x", "s3://films?a"])
def test_malformed_address_is_refused(shop: Shop, address: str) -> None:
    done = shop("build", env={"STORYBOARD_CLIPS": address})
    assert done.code == 2
    assert "takes the address of a bucket" in done.err


def test_build_without_a_bucket_does_not_import_the_bucket_package(shop: Shop) -> None:
    shop.environment.clear()
    code = (
        "import sys; from storyboard.cli.main import run; run(['build', '--provider', 'animatic']);"
        "print([name for name in sys.modules if name.startswith(('storyboard.bucket', 'obstore'))])"
    )
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
