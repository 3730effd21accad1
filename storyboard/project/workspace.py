"""One run of a command: its files, their projects, and the stages."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.disk import is_unsaved, record_doubt
from storyboard.files.project_root import own_folder, root_above
from storyboard.files.transcript import Transcript, recording, recording_for_run
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.project.check import STDIN, Checked, Checker
from storyboard.project.compile import Compiled, CompiledStory, compile_all, refuse_libraries, stored_lock
from storyboard.project.discovery import Target, find_targets
from storyboard.project.project import Project, project_id
from storyboard.project.settings import load_settings
from storyboard.syntax import decode, project_root

if TYPE_CHECKING:  # each stage is imported by the method that needs it
    from storyboard.plan import PlanOptions
    from storyboard.project.at_commit import StoriesAtCommit
    from storyboard.project.build import BuiltStory
    from storyboard.project.build_terms import Terms
    from storyboard.project.file_cache import Recalled
    from storyboard.project.plan import Addresses, PlannedStory
    from storyboard.project.team_ledger import TeamLedger
    from storyboard.providers.protocol import Provider
    from storyboard.run.events import Notify
    from storyboard.store import LocalStore

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Planned:
    """A run with the plan of every story that was not recalled; no plans where any file has an error.

    `traces` summarise the ledger's purchases for a story, if its plan depends on nothing else in the ledger.
    """

    compiled: Compiled
    stories: tuple[PlannedStory, ...]
    traces: Mapping[Path, str] = field(default_factory=dict)

    def in_order(self, parts: Mapping[Path, P], kind: type[P]) -> list[P]:
        """Return the report of each story, recalled or from `parts`, in the run's order; empty if there are errors."""
        known = {file.path: file.recalled.part for file in self.compiled.files if file.recalled}
        told = (parts.get(file.path) or known.get(file.path) for file in self.compiled.files)
        return [] if self.compiled.has_errors else [part for part in told if isinstance(part, kind)]


class Run:
    """The files that `paths` stand for (none: the project's), the projects they belong to, opened once each.

    `values` are those of `--set`, `variant` that of `--as`; `flags` override the configuration. The path `-` is
    standard input. `recalled` files are unchanged since an earlier run and are not read again.
    """

    def __init__(
        self,
        paths: Sequence[str] = (),
        *,
        values: Mapping[str, str] | None = None,
        variant: str = "",
        flags: Mapping[str, Any] | None = None,
        recalled: Mapping[Path, Recalled] | None = None,
    ) -> None:
        self.base = Path.cwd()
        self.values = values or {}
        self.variant = _checked_variant(variant)
        self.paths = tuple(paths)
        self.search = Transcript()
        """The disk accesses made to find the files."""
        self._recalled = recalled or {}
        self._targets: tuple[Target, ...] | None = None
        self._found: Set[Path] = frozenset()
        """The paths of the targets: files, with links resolved."""
        self._flags = flags or {}
        self._projects: dict[Path, Project] = {}
        self._project_of: dict[Path, Project] = {}
        self._root_above: dict[Path, Path] = {}
        self._providers: dict[tuple[Path, str], Provider] = {}
        self._stores: dict[Path, LocalStore] = {}
        self._named: set[tuple[Path, Path]] = set()
        self._teams: dict[Path, TeamLedger | StoryboardError] = {}

    def targets(self) -> tuple[Target, ...]:
        """Return the files; raises UsageError if an argument does not exist, or a folder holds no story."""
        if self._targets is None:
            with recording(self.search):
                self._targets = find_targets(self._names(), self.base)
            self._found = {target.path for target in self._targets}
        return self._targets

    def _names(self) -> Sequence[str]:
        return self.paths or [str(project_root(self.base))]

    def lint(self) -> Compiled:
        """Run every stage that needs no store, and return all findings."""
        return compile_all(self._check(), self.variant, stored_lock(self.variant))

    def compile(self) -> Compiled:
        """Compile every story, with the locks unchanged."""
        checked = self._check()
        refuse_libraries(checked.files)
        return compile_all(checked, self.variant, stored_lock(self.variant))

    def _check(self) -> Checked:
        """Read, parse and check every file."""
        checker = Checker(
            self.project_of, self.values, self._recalled, remembered=self._remembered if self.variant else None
        )
        if "-" not in self.paths:
            return checker.all(self.targets())
        if len(self.paths) > 1:
            raise UsageError(
                "`-` (standard input) cannot be combined with files", help="name files, or pipe in one text"
            )
        record_doubt("standard input was read")
        source = decode(STDIN, sys.stdin.buffer.read())
        if source.value is None or source.diagnostics:
            return Checked((), source.diagnostics)
        return checker.source(source.value)

    def _remembered(self, path: Path) -> Mapping[str, str]:
        """Return the variant's values without `--set`: those in its lock, and those that the project declares."""
        declared = self.project_of(path).settings.variants.get(self.variant, {})
        return {**read_lock(lock_path(path, self.variant)).values, **declared}

    def project_of(self, path: Path) -> Project:
        """Return the project that a file belongs to."""
        is_unsaved(path)  # records a doubt if texts are laid over the disk
        if path not in self._project_of:
            with recording_for_run():
                folder = path.parent if path in self._found else own_folder(path)
                if folder not in self._root_above:
                    self._root_above[folder] = root_above(folder)
                root = self._root_above[folder]
                if root not in self._projects:
                    self._projects[root] = Project(root, load_settings(root, self._flags))
            self._project_of[path] = self._projects[root]
        return self._project_of[path]

    def plan(self, addresses: Addresses | None = None, *, building: bool = False, locked: bool = False) -> Planned:
        """Plan a build: with the provider of `build` if `building`, otherwise with the paying one. `locked` uses the
        locks unchanged; otherwise they first take over, in memory, what the ledger knows.
        """
        from storyboard.project.plan import Addresses, check_named, lock_with_ledger, plan_story

        if "-" in self.paths:
            raise UsageError("standard input can be checked and compiled, but not built", help="name a file")
        addresses = addresses or Addresses()
        traces = self._traces(building=building)
        self._recalled = {
            path: each for path, each in self._recalled.items() if each.is_library or each.trace == traces.get(path)
        }
        checked = self._check()
        refuse_libraries(checked.files)
        lock_of = stored_lock(self.variant)
        if not locked:
            lock_of = lock_with_ledger(
                self.variant, self.store_of, lambda project: self._team_for(project, building=building)
            )
        compiled = compile_all(checked, self.variant, lock_of)
        check_named(compiled.stories, addresses)
        stories = [
            plan_story(
                story,
                self._locked_provider(story) if locked else self.provider_of(story.project, building=building),
                self.store_of(story.project),
                addresses,
                None if locked else self._team_for(story.project, building=building),
            )
            for story in compiled.stories
        ]
        return Planned(compiled, tuple(stories), traces)

    def _traces(self, *, building: bool) -> Mapping[Path, str]:
        """Summarise the ledgers' purchases for each story whose plan depends on nothing else in them."""
        from storyboard.project.plan import reference

        found: dict[Path, str] = {}
        of_project = dict[Path, tuple[str, Mapping[tuple[str, str], str]] | None]()
        for path, _ in self.targets():
            project = self.project_of(path)
            ref = reference(project, path, self.variant)  # refuses a name that no ledger can be asked about
            if project.root not in of_project:
                of_project[project.root] = self._traces_in(project, building=building)
            known = of_project[project.root]
            if known is not None:
                ledger_name, traces = known
                found[path] = f"{ledger_name} {traces.get((ref.path, ref.variant))}"
        return found

    def _traces_in(self, project: Project, *, building: bool) -> tuple[str, Mapping[tuple[str, str], str]] | None:
        """Return the ledger's name and its traces of a project's stories; None if their plans depend on more in it."""
        if self.provider_of(project, building=building).pays:
            return None
        ledger = self.store_of(project).ledger
        return ledger.name, ledger.traces(project_id(project), project.settings.buying)

    def stories_at(self, commit: str) -> StoriesAtCommit:
        """Return the stories of this run as of a commit; raises UsageError if git does not know it."""
        from storyboard.project.at_commit import stories_at

        names = [self.base / name for name in self._names()]
        return stories_at(commit, names, self.targets(), self._lint_others, self.values)

    def _lint_others(self, paths: Sequence[Path], values: Mapping[str, str]) -> Compiled:
        """Lint these files with these values, with everything else the same."""
        return Run([str(path) for path in paths], values=values, variant=self.variant, flags=self._flags).lint()

    def save_plan(self, planned: Planned, file: Path, asked: PlanOptions) -> None:
        """Save a plan with its options; raises StoreError if it cannot be written."""
        from storyboard.project.plan import save_planned

        save_planned(planned.stories, file, asked)

    def check_plan(self, planned: Planned, file: Path) -> None:
        """Raise SpendingError if a saved plan is not this one, UsageError if the file holds none."""
        from storyboard.project.plan import check_planned

        check_planned(planned.stories, file)

    def build(
        self,
        planned: Planned,
        out: Path | None = None,
        terms: Terms | None = None,
        notify: Notify | None = None,
    ) -> tuple[BuiltStory, ...]:
        """Build the films of all stories; problems with a job are in its result.

        Without `terms` nothing is spent. Raises UsageError if two stories would be left in one folder,
        StoreError if a disk fails, AccessError if the key would go to a gateway that only a project
        names.
        """
        from storyboard.project.build import build_all, folders_for

        folders = folders_for([story.compiled for story in planned.stories], out)
        return build_all(planned.stories, folders, terms, notify)

    @property
    def projects(self) -> Sequence[Project]:
        """The projects that have been opened."""
        return tuple(self._projects.values())

    @property
    def providers(self) -> Sequence[Provider]:
        """The providers that have been created."""
        return tuple(self._providers.values())

    @property
    def stores(self) -> Sequence[LocalStore]:
        """The stores that have been opened."""
        return tuple(self._stores.values())

    def store_of(self, project: Project) -> LocalStore:
        """Return the store of a project; raises PermissionNeeded if it may not be opened."""
        from storyboard.project.trust import store_folder
        from storyboard.store import LocalStore

        with recording_for_run():
            folder = store_folder(project)
        if folder not in self._stores:
            with recording():  # what depends on the ledger records that itself, by `record_file`
                self._stores[folder] = LocalStore(folder)
        store = self._stores[folder]
        if project.settings.project is not None and (project.root, folder) not in self._named:
            self._named.add((project.root, folder))
            store.ledger.name_project(str(project.root), project.settings.project)
        return store

    def team_of(self, project: Project) -> TeamLedger:
        """Return the ledger that a project shares, opened once.

        Raises UsageError if it shares none or the server is not fit for one, PermissionNeeded if only the project's
        own file names it, LedgerAway if it cannot be reached.
        """
        from storyboard.project.team_ledger import open_team_ledger

        found = self._teams.get(project.root)
        if found is None:
            found = self._teams[project.root] = open_team_ledger(project, self.store_of(project))
        if isinstance(found, StoryboardError):
            raise found
        return found

    def _team_for(self, project: Project, *, building: bool) -> TeamLedger | StoryboardError | None:
        """Return the ledger that a project shares, or why it cannot be asked; None where nothing would be bought."""
        if project.settings.ledger is None or not self.provider_of(project, building=building).pays:
            return None
        try:
            return self.team_of(project)
        except StoryboardError as trouble:
            self._teams[project.root] = trouble
            return trouble

    def close(self) -> None:
        """Close the stores, and end the sessions with shared ledgers."""
        for team in self._teams.values():
            if not isinstance(team, StoryboardError):
                team.close()
        self._teams.clear()
        for store in self._stores.values():
            store.close()
        self._stores.clear()

    def _locked_provider(self, story: CompiledStory) -> Provider:
        """Return the provider for `--locked`: the requested one, else the one that the story's lock names."""
        names = {block.provider for block in story.lock.blocks.values()}
        named = names.pop() if len(names) == 1 and self._flags.get("provider") is None else None
        return self.provider_of(story.project, building=True, name=named)

    def provider_of(self, project: Project, *, building: bool = False, name: str | None = None) -> Provider:
        """Return a project's provider: by name, else that of `build` if `building`, else the paying one."""
        from storyboard.project.provider_registry import make_provider

        settings = project.settings
        name = name or (settings.building if building else settings.paying)
        if (project.root, name) not in self._providers:
            self._providers[project.root, name] = make_provider(name, settings, project.catalog)
        return self._providers[project.root, name]


def _checked_variant(variant: str) -> str:
    """Check a variant's name, which becomes part of file names."""
    if variant and not re.fullmatch(r"[\w-][\w.-]*", variant):
        raise UsageError(f"--as: a variant cannot be named `{variant}`", help="use letters, digits, `_`, `-` and `.`")
    return variant
