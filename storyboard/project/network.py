"""The gateway's client, made when the first request is: a build that finds everything in the store needs none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.providers.calls import HttpCall, Reply
from storyboard.providers.protocol import Provider
from storyboard.run.download import Download
from storyboard.run.world import Progress

if TYPE_CHECKING:
    from storyboard.run.client import HttpClient


class LazyClient:
    """`HttpClient`, once it is needed. `key` gives the key, or raises AccessError where it may not be sent there."""

    def __init__(self, provider: Provider, key: Callable[[], str], hosts: tuple[str, ...]) -> None:
        self._provider = provider
        self._key = key
        self._hosts = hosts

    @cached_property
    def _client(self) -> HttpClient:
        from storyboard.run.client import HttpClient

        return HttpClient(self._provider, self._key(), self._hosts)

    async def ask(self, call: HttpCall) -> Reply:
        """Sends one request to the gateway, once."""
        return await self._client.ask(call)

    async def get(self, url: str, target: Path, seconds: int, progress: Progress) -> Download:
        """Downloads and verifies a clip."""
        return await self._client.get(url, target, seconds, progress)

    async def aclose(self) -> None:
        """Closes what was opened."""
        if "_client" in self.__dict__:
            await self._client.aclose()
