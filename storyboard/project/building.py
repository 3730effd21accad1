"""From plans to films: the run, and what it leaves beside each story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard.errors import EXIT_PRECEDENCE, ExitCode, UsageTrouble
from storyboard.film import Film, assemble
from storyboard.project.compiling import CompiledStory
from storyboard.project.planning import PlannedStory
from storyboard.project.scan import BUILD
from storyboard.run.events import Notify
from storyboard.run.halt import Halt
from storyboard.run.result import RunResult
from storyboard.run.rules import Rules
from storyboard.run.runner import run
from storyboard.run.session import carry_out
from storyboard.run.world import Machine


@dataclass(frozen=True, slots=True)
class BuiltStory:
    """A story with how its run ended and what it left."""

    planned: PlannedStory
    result: RunResult
    film: Film


def folders_for(stories: Sequence[CompiledStory], out: Path | None) -> tuple[Path, ...]:
    """Where each story's film goes: `build/NAME/` beside it, or below `out` (in `out` itself, where it is alone).

    Raises UsageTrouble where two stories would go to one folder.
    """
    if out is None:
        folders = [story.path.parent / BUILD / story.name for story in stories]
    else:
        folders = [out] if len(stories) == 1 else [out / story.name for story in stories]
    taken: dict[Path, CompiledStory] = {}
    for story, folder in zip(stories, folders, strict=True):
        other = taken.setdefault(folder, story)
        if other is not story:
            raise UsageTrouble(
                f"--out: `{other.path}` and `{story.path}` would both go to {folder}",
                help="build them one at a time, each with its own --out",
            )
    return tuple(folders)


def exit_code_of(stories: Sequence[BuiltStory]) -> ExitCode:
    """What the process tells the shell: the weightiest of all stories."""
    blamed = {story.result.exit_code for story in stories}
    return next((code for code in EXIT_PRECEDENCE if code in blamed), ExitCode.DONE)


def build_all(
    stories: Sequence[PlannedStory], folders: Sequence[Path], rules: Rules, notify: Notify
) -> tuple[BuiltStory, ...]:
    """Runs the plans one after the other and leaves what each brought in its folder."""

    async def work(halt: Halt) -> tuple[BuiltStory, ...]:
        with Machine() as machine:
            builder = _Builder(rules, notify, halt, machine)
            return tuple([await builder.build(story, folder) for story, folder in zip(stories, folders, strict=True)])

    return carry_out(work)


@dataclass(frozen=True, slots=True)
class _Builder:
    """What the stories of a build share."""

    rules: Rules
    notify: Notify
    halt: Halt
    machine: Machine

    async def build(self, story: PlannedStory, folder: Path) -> BuiltStory:
        """One story's film."""
        result = await run(
            story.plan,
            story.provider,
            story.store,
            self.machine,
            rules=self.rules,
            story=story.request.story,
            notify=self.notify,
            halt=self.halt,
        )
        compiled = story.compiled
        film = await self.machine.disk(lambda: assemble(compiled.story, result, folder, compiled.name))
        return BuiltStory(story, result, film)
