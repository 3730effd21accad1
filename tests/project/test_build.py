"""Builds of several stories: no story stands in another one's way."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Timer

from storyboard import Run
from storyboard.files.lock import alone_in
from storyboard.run.events import Ended, Event
from tests.support.waiting import PATIENCE

STORIES = 9
"""More than there are threads for the disk."""


def test_jobs_continue_while_other_films_are_joined(tmp_path: Path) -> None:
    (tmp_path / "storyboard.toml").write_text("[animatic]\nwidth = 128\nfps = 6\n", encoding="utf-8")
    for number in range(STORIES):
        text = f'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  Boat {number}.\n'
        (tmp_path / f"a{number}.story").write_text(text, encoding="utf-8")
    others = ExitStack()  # other builds, which are at work on all the films
    for number in range(STORIES):
        folder = tmp_path / "build" / f"a{number}"
        folder.mkdir(parents=True)
        others.enter_context(alone_in(folder))
    ended: list[Event] = []

    def notify(event: Event) -> None:
        ended.extend([event] if isinstance(event, Ended) and not hangs.finished.is_set() else [])
        if len(ended) == STORIES:
            hangs.cancel()
            others.close()

    hangs = Timer(PATIENCE, others.close)
    hangs.start()
    run = Run([str(tmp_path)], flags={"store": str(tmp_path / "store")})
    built = run.build(run.plan(building=True), notify=notify)
    assert len(ended) == STORIES
    assert all(story.film.film is not None for story in built)
