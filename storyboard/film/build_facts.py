"""What a build knows about its clips beyond the clips themselves; the contact sheet shows it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.relative import relative


@dataclass(frozen=True, slots=True)
class ClipPurchase:
    """Who made a clip, its cost in US dollars (None: not known) and the gateway's task."""

    provider: str
    cost: Decimal | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """A build's options, and its purchases by the job's content.

    `root` is the folder that paths are shown from. `provider` is the one of this build. `variant` and `values` are
    those of `--as` and `--set`. `since` is set while the build is still running: when the page was written, in seconds
    since the epoch.
    """

    root: Path | None = None
    provider: str = ""
    variant: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    purchases: Mapping[str, ClipPurchase] = field(default_factory=dict)
    since: int | None = None

    def shown(self, file: Path, story: Path) -> str:
        """Return a file's path relative to the project's folder, or to the story's without a project."""
        return _shown(file, self.root or story.parent)

    def reroll_command(self, address: str, take: int, story: Path) -> str:
        """Return the command that puts another take into the film, for a POSIX shell in the project's folder."""
        words = ["storyboard", "reroll", address, self.shown(story, story), "--take", str(take)]
        if self.variant:
            words += ["--as", self.variant]
        for name, value in sorted(self.values.items()):
            words += ["--set", f"{name}={value}"]
        if self.provider:
            words += ["--provider", self.provider]
        return shlex.join(words)


NO_FACTS = BuildFacts()


@lru_cache(maxsize=64)
def _shown(file: Path, folder: Path) -> str:
    """Return the relative path, computed once: all shots of a story are in a few files."""
    return relative(file, folder)
