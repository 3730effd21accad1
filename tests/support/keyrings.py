"""Keyrings that touch no system's own."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Memory(KeyringBackend):
    """Keeps everything for as long as it lives."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("there is none")
        del self.kept[service, username]


class Asked(Memory):
    """Counts how often a password was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.times += 1
        return super().get_password(service, username)


class Locked(Memory):
    """Gives and takes nothing."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the person did not unlock it")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("the person did not unlock it")
