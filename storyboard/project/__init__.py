"""The public face: open a project, run the stages.

    import storyboard

    run = storyboard.Run(["films"])
    for finding in run.lint().diagnostics: ...

Each name is loaded on first use: linting loads no encoder, no network library and no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storyboard.project.build import BuiltStory
    from storyboard.project.build_terms import Terms
    from storyboard.project.compile import Compiled, CompiledStory
    from storyboard.project.plan import Addresses, PlannedStory
    from storyboard.project.project import Project, open_project
    from storyboard.project.workspace import Planned, Run

_HOMES = {
    "Addresses": "plan",
    "BuiltStory": "build",
    "Compiled": "compile",
    "CompiledStory": "compile",
    "Planned": "workspace",
    "PlannedStory": "plan",
    "Project": "project",
    "Run": "workspace",
    "Terms": "build_terms",
    "open_project": "project",
}

__all__ = [
    "Addresses",
    "BuiltStory",
    "Compiled",
    "CompiledStory",
    "Planned",
    "PlannedStory",
    "Project",
    "Run",
    "Terms",
    "open_project",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
