from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storyboard.errors import StoreError
from storyboard.store import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data" / "store")


def add(store: LocalStore, content: bytes, name: str = "one") -> tuple[str, Path]:
    part = store.clips.scratch(name)
    part.write_bytes(content)
    return store.clips.add(part)


def test_a_clip_is_found_by_its_content_and_leaves_nothing_unfinished(store: LocalStore) -> None:
    sha256, path = add(store, b"moving pictures")
    assert store.clips.path(sha256) == path
    assert path.read_bytes() == b"moving pictures"
    assert not store.clips.scratch("one").exists()
    assert list(store.clips.all()) == [sha256]
    assert store.clips.path("0" * 64) is None


def test_a_damaged_clip_is_set_aside(store: LocalStore) -> None:
    sha256, path = add(store, b"moving pictures")
    path.write_bytes(b"moving pictureS")
    assert store.clips.path(sha256) is None
    assert not path.exists()
    assert [p.read_bytes() for p in (store.folder / "damaged").iterdir()] == [b"moving pictureS"]


def test_verify_reads_every_clip_again(store: LocalStore) -> None:
    good, _ = add(store, b"good")
    bad, path = add(store, b"bad")
    path.write_bytes(b"BAD")
    assert dict(store.verify()) == {good: True, bad: False}


def test_everything_in_the_store_is_private(store: LocalStore) -> None:
    add(store, b"moving pictures")
    assert {p.stat().st_mode & 0o077 for p in (store.folder, *store.folder.rglob("*"))} == {0}


def test_failed_store_creation_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be created") as caught:
        LocalStore(tmp_path / "file" / "store")
    assert "--store" in (caught.value.help or "")


def test_a_claim_is_held_by_one_and_free_again_when_released(store: LocalStore) -> None:
    other = LocalStore(store.folder)
    claim = store.claim("animatic/1 key")
    assert claim is not None
    assert other.claim("animatic/1 key") is None
    assert store.claim("animatic/1 key") is None
    assert store.claim("another") is not None
    claim.release()
    assert other.claim("animatic/1 key") is not None


def test_a_claim_ends_with_the_process_that_holds_it(store: LocalStore) -> None:
    script = (
        "import sys, pathlib; from storyboard.store import LocalStore; "
        "store = LocalStore(pathlib.Path(sys.argv[1])); claim = store.claim('key'); print('claimed', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, store.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"claimed\n"
        assert store.claim("key") is None
        holder.kill()
        holder.wait()
        assert store.claim("key") is not None
