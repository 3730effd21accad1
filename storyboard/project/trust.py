"""Which gateways may be sent the key: the built-in one, one that the user names, and a project's once they agreed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from storyboard.errors import AccessError
from storyboard.project.folders import state_folder
from storyboard.project.project import Project
from storyboard.project.settings import read_file, user_file
from storyboard.providers.protocol import Provider


def is_trusted(project: Project, provider: Provider) -> bool:
    """Whether the key may go where the project says."""
    if project.settings.where.get("base_url") != "project":
        return True
    from storyboard.providers.gateway import BUILTIN_BASE_URL

    own = read_file(user_file(os.environ)).get("base_url")
    return provider.base_url in (BUILTIN_BASE_URL, own) or provider.base_url in _agreed().get(str(project.root), [])


def agree(project: Project, provider: Provider) -> None:
    """Remembers that the user agreed to this project's gateway."""
    agreed = _agreed()
    agreed.setdefault(str(project.root), []).append(provider.base_url)
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(agreed, indent=2) + "\n", encoding="utf-8")
    fresh.replace(file)


def refusal(project: Project, provider: Provider) -> AccessError:
    """Why the key is not sent, and what one can do."""
    return AccessError(
        f"the project's storyboard.toml names the gateway {provider.base_url}, and a project alone does not decide "
        "where your API key goes",
        help=f"if you trust it: STORYBOARD_BASE_URL={provider.base_url}, or base_url in your own configuration",
    )


def _agreed() -> dict[str, list[str]]:
    try:
        agreed = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return agreed if isinstance(agreed, dict) else {}


def _file() -> Path:
    return state_folder() / "gateways.json"
