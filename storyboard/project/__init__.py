"""The public face: open a project, run the stages.

import storyboard

project = storyboard.open_project("films")
"""

from storyboard.project.project import Project, open_project

__all__ = ["Project", "open_project"]
