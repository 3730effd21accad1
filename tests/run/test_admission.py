from __future__ import annotations

import asyncio

import pytest

from storyboard.run.admission import Turns, TurnStep, Wakeup


async def waits(turns: Turns, key: str, step: TurnStep) -> asyncio.Task[None]:
    task = asyncio.create_task(turns.wait(key, step))
    await settled()
    return task


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("step", [TurnStep.RESERVED, TurnStep.SENT])
async def test_a_job_waits_until_all_earlier_jobs_have_done_the_step(step: TurnStep) -> None:
    turns = Turns(Wakeup())
    for key in "abc":
        turns.enter(key)
    third, second = await waits(turns, "c", step), await waits(turns, "b", step)
    turns.reach("a", TurnStep.RESERVED)
    await settled()
    assert (second.done(), third.done()) == (step is TurnStep.RESERVED, False)
    turns.leave("a")
    await settled()
    assert (second.done(), third.done()) == (True, False)
    turns.reach("b", TurnStep.SENT)
    await settled()
    assert third.done()
    assert (await waits(turns, "x", step)).done(), "it is not on its way"


async def test_a_job_that_leaves_does_not_wait_any_longer() -> None:
    turns = Turns(Wakeup())
    turns.enter("a")
    turns.enter("b")
    waiting = await waits(turns, "b", TurnStep.SENT)
    turns.leave("b")
    await settled()
    assert waiting.done()
