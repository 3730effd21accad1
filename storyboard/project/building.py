"""From plans to films: the run, and what it leaves beside each story."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storyboard.errors import EXIT_PRECEDENCE, ExitCode, UsageTrouble
from storyboard.film import Film, assemble
from storyboard.jobs.lockfile import lock_path, update_lock, write_gitattributes
from storyboard.plan import StepState, take_over
from storyboard.project.compiling import CompiledStory
from storyboard.project.network import LazyClient
from storyboard.project.planning import PlannedStory
from storyboard.project.scan import BUILD
from storyboard.project.spending import Terms, rules_for
from storyboard.project.trust import is_trusted, refusal
from storyboard.run.access import find_key
from storyboard.run.events import Notify
from storyboard.run.halt import Halt
from storyboard.run.result import RunResult
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


def needs_gateway(story: PlannedStory) -> bool:
    """Whether anything of the story has to be asked of, or bought at, its gateway."""
    wanted = (step for step in story.plan.steps if step.wanted and step.state is not StepState.UNUSED)
    return story.provider.pays and any(step.state is not StepState.CACHED for step in wanted)


def build_all(
    stories: Sequence[PlannedStory], folders: Sequence[Path], terms: Terms, notify: Notify
) -> tuple[BuiltStory, ...]:
    """Runs the plans one after the other and leaves what each brought in its folder.

    Raises AccessTrouble where the key would go to a gateway that only a project names.
    """
    for story in stories:
        project = story.compiled.project
        if needs_gateway(story) and not is_trusted(project, story.provider):
            raise refusal(project, story.provider)

    async def work(halt: Halt) -> tuple[BuiltStory, ...]:
        builder = _Builder(terms, notify, halt)
        return tuple([await builder.build(story, folder) for story, folder in zip(stories, folders, strict=True)])

    return carry_out(work)


@dataclass(frozen=True, slots=True)
class _Builder:
    """What the stories of a build share."""

    terms: Terms
    notify: Notify
    halt: Halt
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def build(self, story: PlannedStory, folder: Path) -> BuiltStory:
        """One story's film."""
        provider, settings = story.provider, story.compiled.project.settings
        key = find_key(provider.base_url) if provider.pays else ""
        client = LazyClient(provider.base_url, key, settings.download_hosts)
        with Machine(client) as machine:
            try:
                result = await self._run(story, machine)
            finally:
                await client.aclose()
            compiled = story.compiled
            film = await machine.disk(lambda: assemble(compiled.story, result, folder, compiled.name))
        return BuiltStory(story, result, film)

    async def _run(self, story: PlannedStory, machine: Machine) -> RunResult:
        lock_file = None if self.terms.locked else lock_path(story.compiled.path, story.compiled.variant)
        if lock_file is not None and story.provider.pays:
            await machine.disk(lambda: _begin_lock(story, lock_file))
        return await run(
            story.plan,
            story.provider,
            story.store,
            machine,
            rules=rules_for(story, self.terms, self.run_id),
            story=story.request.story,
            account=story.request.whose.account,
            lock=story.compiled.lock,
            lock_file=lock_file,
            notify=self.notify,
            halt=self.halt,
            run_id=self.run_id,
        )


def _begin_lock(story: PlannedStory, lock_file: Path) -> None:
    """Writes what the ledger knew and the lock lacked; the first lock tells git how locks are merged."""
    request = story.request
    rows = story.store.ledger.of_story(request.story)
    if not lock_file.exists():
        if not rows and not needs_gateway(story):
            return
        write_gitattributes(story.compiled.project.root)
    update_lock(lock_file, lambda lock: take_over(lock, rows, request.whose.provider))
