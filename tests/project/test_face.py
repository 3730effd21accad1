from __future__ import annotations

from pathlib import Path

import pytest

import storyboard
from storyboard import project


def test_every_public_name_is_there() -> None:
    for name in storyboard.__all__:
        assert getattr(storyboard, name) is not None
    for name in project.__all__:
        assert getattr(project, name).__name__ == name
    assert sorted(project.__all__) == sorted(project._HOMES)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        storyboard.nothing_like_it  # noqa: B018


def test_stages_can_be_run_from_python(tmp_path: Path) -> None:
    story = tmp_path / "a.story"
    story.write_text('story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n', encoding="utf-8")
    (tmp_path / "storyboard.toml").write_text("[animatic]\nwidth = 128\nfps = 6\n", encoding="utf-8")
    run = storyboard.Run([str(story)], flags={"store": str(tmp_path / "store")})
    assert run.lint().diagnostics == ()
    (compiled,) = run.compile().stories
    assert compiled.jobs[0].request.shots[0].prompt == "A boat."
    (built,) = run.build(run.plan(building=True))
    assert built.film.film == tmp_path / "build" / "a" / "a.mp4"
    assert storyboard.open_project(tmp_path).settings.animatic.width == 128


def test_closed_run_leaves_no_open_ledger(tmp_path: Path) -> None:
    story = tmp_path / "a.story"
    story.write_text('story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n', encoding="utf-8")
    run = storyboard.Run([str(story)], flags={"store": str(tmp_path / "store")})
    run.store_of(run.project_of(story)).ledger.salt()
    log = tmp_path / "store" / "ledger.sqlite3-wal"
    assert log.exists()
    run.close()
    assert not log.exists()
