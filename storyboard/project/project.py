"""A project: a folder with its settings and its model cards."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard.cards import Catalog, load_catalog
from storyboard.cards.prices import with_prices
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import replace
from storyboard.files.project_root import project_root
from storyboard.files.transcript import recording_for_run
from storyboard.project.settings import Settings, load_settings

if TYPE_CHECKING:
    from storyboard.store import Attempt


def project_id(project: Project) -> str:
    """Return how the ledger knows a project: its name, which is the same on every machine; its folder without one."""
    return project.settings.project or str(project.root)


def located(attempt: Attempt, project: Project) -> Attempt:
    """Return an attempt, placed in the project's folder if it is of this project: the folder may have moved since, and
    a worker that bought for it had none."""
    if attempt.story.project != project_id(project):
        return attempt
    return replace(attempt, story=replace(attempt.story, folder=str(project.root)))


class Project:
    """A folder with its settings; anything else is read on first use."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings

    @cached_property
    def catalog(self) -> Catalog:
        """Every model that its stories can use; raises UsageError for a card or a price that cannot be used."""
        with recording_for_run():
            catalog = load_catalog(self.root, self.settings.buying)
        for where, prices in self.settings.prices:
            catalog = with_prices(catalog, prices, of_project=where == "project")
        return catalog


def open_project(folder: str | os.PathLike[str] = ".", flags: Mapping[str, Any] | None = None) -> Project:
    """Open the project of a folder; `flags` override the configuration.

    Raises UsageError if the folder or the configuration cannot be read.
    """
    try:
        start = Path(folder).resolve(strict=True)
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be read: {error.strerror}") from error
    root = project_root(start)
    return Project(root, load_settings(root, flags or {}))
