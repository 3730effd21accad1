"""A claim is proven by a second process before it is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.store import LocalStore


def test_working_claims_are_proven_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    assert store.unproven() is None
    note = store.folder / "claims-proven"
    written = note.stat().st_mtime_ns
    assert LocalStore(tmp_path / "store").unproven() is None
    assert note.stat().st_mtime_ns == written, "it is not tried again"


def test_proof_from_another_machine_or_file_system_does_not_count(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    note = store.folder / "claims-proven"
    note.write_text("another-machine 0")
    assert store.unproven() is None
    assert "another-machine" not in note.read_text()


@pytest.mark.posix("it has no `flock`")
def test_ineffective_locks_are_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system whose `flock` succeeds and locks nothing."""
    import fcntl

    store = LocalStore(tmp_path / "store")
    monkeypatch.setattr(fcntl, "flock", lambda file, how: None)
    why = store.unproven()
    assert why is not None and "file locks do not work" in why and "--store" in why
    assert not (store.folder / "claims-proven").exists()
