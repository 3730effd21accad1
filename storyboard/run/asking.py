"""Questions about tasks, and what is learned of the gateway by asking them."""

from __future__ import annotations

from dataclasses import replace

from storyboard.errors import ExitCode
from storyboard.providers.answers import Denied, Limited, NotFound, Phase, Task, TaskAnswer, Unclear, Unsupported
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Ask
from storyboard.store import Attempt
from storyboard.store.gateway_traits import Lookup

SEVERAL = 3
"""So often a thing is tried before the answer is taken for what it is."""


async def ask(context: Context, wanted: Wanted, name: str) -> TaskAnswer:
    """What the gateway says of a task, by its own id or the caller's; with its result where that is elsewhere."""
    provider = context.provider
    answer = provider.read_task(wanted.job.model, name, await Ask(provider.look_up(wanted.job.model, name)))
    if isinstance(answer, Task) and answer.result is not None and answer.phase is Phase.COMPLETED:
        answer = _joined(answer, provider.read_result(await Ask(answer.result)))
    if isinstance(answer, Limited):
        context.gate.lower(context.clock.monotonic())
    if isinstance(answer, Task) and not answer.known:
        context.say_once(f"the gateway says `{answer.status}`, a word nobody knows here: taken as still running")
    return answer


async def look(context: Context, wanted: Wanted, attempt: Attempt) -> TaskAnswer:
    """What the gateway says of the caller's own id. Only finding something proves that one can ask so."""
    answer = await ask(context, wanted, attempt.external_id)
    if isinstance(answer, Task):
        await context.learn(lookup=Lookup.SEEN)
    elif isinstance(answer, Unsupported):
        await context.learn(lookup=Lookup.ABSENT)
        return NotFound(answer.message)
    return answer


def deny(context: Context, denied: Denied) -> None:
    """Nothing more is bought with this key or balance."""
    if denied.what == "key":
        context.stop(
            f"the gateway does not take the key: {denied.message}. Set STORYBOARD_API_KEY to one that it takes",
            ExitCode.ACCESS,
        )
    else:
        context.stop(
            f"the gateway takes no more orders: {denied.message}. What runs is fetched; "
            "with balance and permission the same command buys the rest",
            ExitCode.ACCESS,
        )


def _joined(task: Task, result: TaskAnswer) -> TaskAnswer:
    """A completed task with what its result says; the price stands wherever it was told."""
    if isinstance(result, NotFound | Unsupported):
        return Unclear(result.message)
    if not isinstance(result, Task):
        return result
    cost = task.cost if result.cost is None else result.cost
    return replace(result, id=task.id, cost=cost, took=result.took or task.took)
