"""storyboard: write a film as plain text in git, compile it into text-to-video jobs, pay for each once.

The public face is `storyboard.project`; its names are offered here and loaded when first used, so that
`storyboard --version` reads nothing else.
"""

TYPE_CHECKING = False  # what `typing` calls so, without loading it
if TYPE_CHECKING:
    from storyboard.project import Addresses, Project, Run, open_project

__version__ = "0.1.0"

__all__ = ["Addresses", "Project", "Run", "__version__", "open_project"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'storyboard' has no attribute {name!r}")
    from storyboard import project

    return getattr(project, name)


def __dir__() -> list[str]:
    return sorted(__all__)
