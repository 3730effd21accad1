"""Who holds claims on a shared ledger: one process of one store."""

from __future__ import annotations

import os
import platform
from uuid import UUID, uuid4

from storyboard.fast_dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HolderIdentity:
    """A process that works on jobs. `name` is for people and for `worker bury`; `store` is its local store's id,
    `client` the version of storyboard."""

    name: str
    person: str
    store: str
    client: str
    id: UUID = field(default_factory=uuid4)
    host: str = field(default_factory=platform.node)
    pid: int = field(default_factory=os.getpid)

    @property
    def sender(self) -> str:
        """What stands for it among those who may still send: readable, and of no other process."""
        return f"{self.name} {self.id.hex}"
