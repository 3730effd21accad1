"""The public face: open a project, run the stages.

import storyboard

project = storyboard.open_project("films")
"""

from storyboard.project.building import BuiltStory
from storyboard.project.compiling import Compiled, CompiledStory
from storyboard.project.planning import Addresses, PlannedStory
from storyboard.project.project import Project, open_project
from storyboard.project.run import Planned, Run

__all__ = [
    "Addresses",
    "BuiltStory",
    "Compiled",
    "CompiledStory",
    "Planned",
    "PlannedStory",
    "Project",
    "Run",
    "open_project",
]
