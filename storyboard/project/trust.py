"""Decide what a project's own files may choose: which gateway gets the key, which store counts the money.

A project may come from a stranger, so its `storyboard.toml` alone decides neither: the user is asked once on a
terminal; elsewhere the command ends with exit code 5. Consent is stored in the user's state folder, by project. Whoever
opens a gateway, a store, a bucket or a ledger comes through here: `gateway_key`, `store_folder`, `bucket_address`,
`ledger_address`, and `check_store` before buying. What a project may do with every other setting is in `settings.KEYS`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.errors import AccessError, PermissionNeeded, StoreError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import is_folder, list_folder, read_file
from storyboard.files.environment import environ
from storyboard.files.user_folders import state_folder
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.project.project import Project
from storyboard.project.settings import of_provider, read_configuration, user_file
from storyboard.providers.protocol import Provider
from storyboard.run.credentials import find_key, host_of
from storyboard.store.local import LEDGER, default_store_path

Subject: TypeAlias = Literal["gateway", "store", "bucket", "ledger"]


@dataclass(frozen=True, slots=True)
class Permission:
    """What a project asks its user for: a gateway, a store, a bucket or a ledger that its `storyboard.toml` names."""

    root: Path
    subject: Subject
    named: str

    @property
    def is_given(self) -> bool:
        """Whether the user has agreed to it in this project."""
        return self.named in _given().get(self.subject, {}).get(str(self.root), ())

    def give(self) -> None:
        """Store the user's consent; raises StoreError if that cannot be written."""
        given = {subject: dict(projects) for subject, projects in _given().items()}
        projects = given.setdefault(self.subject, {})
        projects[str(self.root)] = tuple(sorted({*projects.get(str(self.root), ()), self.named}))
        file = _file()
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(file, json.dumps(given, indent=2) + "\n", mode=PRIVATE)
        except OSError as error:
            raise StoreError(f"{file} cannot be written: {error.strerror}") from error


def gateway_key(project: Project, provider: Provider) -> str:
    """Return the key to send to a project's gateway, "" if there is none; raises PermissionNeeded.

    This is the only way to a key that is sent: whatever makes a client gets the key from here.
    """
    if not provider.pays:
        return ""
    check_gateway(project, provider)
    return find_key(provider.base_url)


def check_gateway(project: Project, provider: Provider) -> None:
    """Raise PermissionNeeded if the key may not go to the gateway: only the project names it.

    Raises AccessError if it would go there without encryption.
    """
    if not provider.pays:
        return
    _check_encryption(provider)
    if project.settings.where.get("base_url") != "project":
        return
    from storyboard.providers.kirin.gateway import BUILTIN_BASE_URL

    own = _own_base_url(provider)
    permission = Permission(project.root, "gateway", provider.base_url)
    if provider.base_url in (BUILTIN_BASE_URL, own) or permission.is_given:
        return
    raise PermissionNeeded(
        f"the project's storyboard.toml names the gateway {provider.base_url}, and a project alone does not decide "
        "where your API key goes",
        f"storyboard.toml names the gateway {provider.base_url}. Send your API key there?",
        permission.give,
        help=f"if you trust it: STORYBOARD_BASE_URL={provider.base_url}, or base_url in your own configuration",
    )


def _check_encryption(provider: Provider) -> None:
    from storyboard.run.url_policy import is_loopback

    base_url, own = provider.base_url, _own_base_url(provider)
    if base_url.lower().startswith("http:") and not is_loopback(base_url) and host_of(base_url) != host_of(own or ""):
        raise AccessError(
            f"the gateway {base_url} is not encrypted, so your API key could be read in transit",
            help=f"use https://, or set base_url to a gateway on {host_of(base_url)} in your own configuration",
        )


def _own_base_url(provider: Provider) -> str | None:
    """Return the gateway that the user's own configuration names for a provider."""
    own = of_provider(provider.name, read_configuration(user_file(environ)))
    return own.get("base_url")


def store_folder(project: Project) -> Path:
    """Return the folder of a project's store, if it may be opened; raises PermissionNeeded.

    Reading and free work need no permission for a store that the project names and that lies inside the project, or
    is a store already. One that is created here is trusted from then on.
    """
    folder = project.settings.store or default_store_path()
    permission = _needed_for_store(project, folder)
    if permission is None:
        return folder
    inside = _resolved(folder).is_relative_to(_resolved(project.root))
    if inside and not folder.exists():
        permission.give()
    elif _links_in(folder) or not (inside or (folder / LEDGER).exists()):
        raise _store_refusal(permission)
    return folder


def check_store(project: Project) -> None:
    """Raise PermissionNeeded if nothing may be bought with the project's store: only the project names it."""
    permission = _needed_for_store(project, project.settings.store or default_store_path())
    if permission is not None:
        raise _store_refusal(permission)


def bucket_address(project: Project) -> str | None:
    """Return the bucket that a project shares, None if it names none. Raises PermissionNeeded if only the project's own
    file names it: clips would be taken from there, and sent there with the user's credentials."""
    return _shared_address(
        project,
        "clips",
        "bucket",
        "where your clips come from and go to",
        "Share your clips there, with your own credentials?",
    )


def ledger_address(project: Project) -> str | None:
    """Return the database of a project's shared ledger, None if it names none. Raises PermissionNeeded if only the
    project's own file names it: the user's database password would be sent there, and that ledger would decide what is
    bought."""
    return _shared_address(
        project,
        "ledger",
        "ledger",
        "where your database password goes and what counts as bought",
        "Log in there with your own password, and buy by that ledger?",
    )


def _shared_address(
    project: Project, key: Literal["clips", "ledger"], subject: Subject, decides: str, question: str
) -> str | None:
    """Return the address under a key of the settings. Raises PermissionNeeded if only the project's own file has it and
    the user has not agreed; `decides` is what a project alone does not decide, `question` what the user is asked."""
    address: str | None = getattr(project.settings, key)
    if address is None or project.settings.where.get(key) != "project":
        return address
    permission = Permission(project.root, subject, address)
    if address == read_configuration(user_file(environ)).get(key) or permission.is_given:
        return address
    raise PermissionNeeded(
        f"the project's storyboard.toml names the {subject} {address}, and a project alone does not decide {decides}",
        f"storyboard.toml names the {subject} {address}. {question}",
        permission.give,
        help=f"if you trust it: STORYBOARD_{key.upper()}={address}, or {key} in your own configuration",
    )


def _needed_for_store(project: Project, folder: Path) -> Permission | None:
    if project.settings.where.get("store") != "project" or _is_users_own(folder):
        return None
    permission = Permission(project.root, "store", str(folder))
    return None if permission.is_given else permission


def _store_refusal(permission: Permission) -> PermissionNeeded:
    folder = permission.named
    return PermissionNeeded(
        f"the project's storyboard.toml names the store {folder}, and a project alone does not decide where your "
        "purchases are kept and counted",
        f"storyboard.toml names the store {folder}. Keep your purchases there and count them with its ledger?",
        permission.give,
        help=f"if you trust it: STORYBOARD_STORE={folder}, or store in your own configuration",
    )


def _is_users_own(folder: Path) -> bool:
    own = read_configuration(user_file(environ)).get("store")
    return _resolved(folder) in {_resolved(each) for each in (default_store_path(), own) if each is not None}


def _links_in(folder: Path) -> bool:
    """Whether any part of a store is a link: it could lead anywhere."""
    if not is_folder(folder):
        return False
    parts = list_folder(folder)
    folders = [Path(part.path) for part in parts if part.is_dir(follow_symlinks=False)]
    return any(part.is_symlink() for part in (*parts, *(each for below in folders for each in list_folder(below))))


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _given() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the user's consents, by subject and project; empty if the file is malformed."""
    try:
        document = json.loads(read_file(_file()))
    except (OSError, ValueError, RecursionError):
        return {}
    given: dict[str, dict[str, tuple[str, ...]]] = {}
    for subject, projects in document.items() if isinstance(document, dict) else ():
        for root, named in projects.items() if isinstance(projects, dict) else ():
            if isinstance(named, list):
                given.setdefault(subject, {})[root] = tuple(each for each in named if isinstance(each, str))
    return given


def _file() -> Path:
    return state_folder() / "trusted.json"
