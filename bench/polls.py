"""What a poll costs by itself: `polls.py URL POLLS TOGETHER`; prints the CPU seconds of all."""

from __future__ import annotations

import asyncio
import sys
import time

from storyboard.providers.calls import HttpCall, HttpReply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.http_client import HttpClient


async def _asked(url: str, polls: int, together: int) -> float:
    client = HttpClient(Kirin(url), "sk-bench")
    call = HttpCall("GET", f"{url}/model/v1/generation/task/none")

    async def some() -> None:
        for _ in range(polls // together):
            reply = await client.ask(call)
            assert isinstance(reply, HttpReply)
            assert reply.status == 404

    begun = time.process_time()
    await asyncio.gather(*(some() for _ in range(together)))
    taken = time.process_time() - begun
    await client.aclose()
    return taken


def main() -> None:
    """CPU time of this process alone."""
    url, polls, together = sys.argv[1:]
    print(asyncio.run(_asked(url, int(polls), int(together))))


if __name__ == "__main__":
    main()
