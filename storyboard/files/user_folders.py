"""The user's own folders for configuration and for reports of crashes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from storyboard.files.environment import environ

APP = "storyboard"
_XDG: bool = sys.platform.startswith("linux")


def config_folder(environment: Mapping[str, str] = environ) -> Path:
    """Return the folder of the user's configuration."""
    return _folder("config", "XDG_CONFIG_HOME", ".config", environment)


def data_folder(environment: Mapping[str, str] = environ) -> Path:
    """Return the folder for the user's data."""
    return _folder("data", "XDG_DATA_HOME", ".local/share", environment)


def state_folder(environment: Mapping[str, str] = environ) -> Path:
    """Return the folder for crash reports and state."""
    return _folder("state", "XDG_STATE_HOME", ".local/state", environment)


def _folder(kind: str, variable: str, below_home: str, environment: Mapping[str, str]) -> Path:
    """Apply the XDG rules directly, because importing platformdirs slows down every start; on other systems it is used.
    The rules: https://specifications.freedesktop.org/basedir-spec/latest/"""
    if _XDG:
        given = environment.get(variable, "")
        return (Path(given) if given.startswith("/") else Path.home() / below_home) / APP
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
