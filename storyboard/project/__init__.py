"""The public face: open a project, run the stages.

import storyboard

project = storyboard.open_project("films")
"""

from storyboard.project.checking import Checked, CheckedFile
from storyboard.project.project import Project, open_project
from storyboard.project.run import Run

__all__ = ["Checked", "CheckedFile", "Project", "Run", "open_project"]
