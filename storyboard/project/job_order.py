"""A job as an order: all that a worker needs to buy it without the story, as JSON in the team's ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.forms import money_of, money_text
from storyboard.jobs.job import Job
from storyboard.jobs.request import Request
from storyboard.providers.protocol import Order, Provider
from storyboard.run.run_state import RunRules
from storyboard.store import Cap, StoryRef

VERSION = 1


@dataclass(frozen=True, slots=True)
class OrderedJob(Job):
    """A job that was ordered elsewhere: of its shots only the addresses are known."""

    ordered: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its shots' addresses, in order."""
        return self.ordered


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What a build orders: the job for a key, on the build's terms.

    `price` is the estimate in US dollars, None if no price is known. `last` is the highest attempt number that the
    story's lock mentions. `payload` is the job as the build's provider would send it, without ids.
    """

    key: str
    job: Job
    story: StoryRef
    rules: RunRules
    price: Decimal | None
    last: int
    payload: dict[str, Any]


def payload_of(provider: Provider, job: Job) -> dict[str, Any]:
    """Return the job in the provider's format, for comparison: two machines may have different cards of the same
    name."""
    found: dict[str, Any] = json.loads(json.dumps(provider.payload(Order("", job.request, job.written))))
    return found


def write_order(order: JobOrder) -> str:
    """Return an order as JSON."""
    job, rules = order.job, order.rules
    document = {
        "v": VERSION,
        "key": order.key,
        "id": job.id,
        "scene": job.scene,
        "addresses": list(job.addresses),
        "request": job.request.document,
        "base": job.base,
        "take": job.take,
        "content": job.content,
        "written": sorted(job.written),
        "transport": dict(job.transport),
        "max_clip_bytes": job.max_clip_bytes,
        "story": list(order.story.identity),
        "price": None if order.price is None else money_text(order.price),
        "last": order.last,
        "payload": order.payload,
        "attempts": rules.attempts,
        "resend": rules.resend,
        "wait": rules.wait,
        "first_poll": rules.first_poll,
        "task_life": rules.task_life,
        "rebuy": order.key in rules.rebuy,
        "retry": order.key in rules.retry,
        "download_hosts": list(rules.download_hosts),
        "callback_url": rules.callback_url,
        "caps": [_cap_document(cap) for cap in rules.caps],
    }
    return json.dumps(document, ensure_ascii=False)


def read_order(text: str) -> JobOrder:
    """Return the order in a text that `write_order` made; raises UsageError for any other text, and for a newer
    order."""
    try:
        said = json.loads(text)
        if said["v"] != VERSION:
            raise UsageError(
                f"the order has version {said['v']}; this storyboard reads {VERSION}",
                help="update storyboard, here or where the build runs",
            )
        return _order(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError("the order of a job is damaged", help="run the build that wants it again") from None


def _order(said: dict[str, Any]) -> JobOrder:
    key = str(said["key"])
    job = OrderedJob(
        id=str(said["id"]),
        scene=str(said["scene"]),
        shots=(),
        request=Request.from_document(said["request"]),
        base=str(said["base"]),
        take=int(said["take"]),
        content=str(said["content"]),
        written=frozenset(map(str, said["written"])),
        transport=dict(said["transport"]),
        max_clip_bytes=said["max_clip_bytes"],
        ordered=tuple(map(str, said["addresses"])),
    )
    rules = RunRules(
        may_buy=True,
        caps=tuple(_cap(cap) for cap in said["caps"]),
        attempts=int(said["attempts"]),
        resend="never" if said["resend"] == "never" else "auto",
        wait=float(said["wait"]),
        first_poll=float(said["first_poll"]),
        task_life=float(said["task_life"]),
        rebuy=frozenset([key] if said["rebuy"] else []),
        retry=frozenset([key] if said["retry"] else []),
        download_hosts=tuple(map(str, said["download_hosts"])),
        callback_url=said["callback_url"],
    )
    price = None if said["price"] is None else _money(said["price"])
    return JobOrder(key, job, StoryRef(*map(str, said["story"])), rules, price, int(said["last"]), said["payload"])


def shared_caps(caps: Iterable[Cap]) -> tuple[Cap, ...]:
    """Return the caps that the whole team shares: those of a run, a story or a project. What other stores have spent is
    added up."""
    return tuple(
        replace(cap, pruned=cap.pruned + sum(cap.elsewhere.values(), Decimal(0)), elsewhere={})
        for cap in caps
        if (cap.run or cap.story or cap.project) is not None
    )


def _cap_document(cap: Cap) -> dict[str, Any]:
    story = None if cap.story is None else list(cap.story.identity)
    return {
        "name": cap.name,
        "limit": money_text(cap.limit),
        "run": cap.run,
        "story": story,
        "project": cap.project,
        "pruned": money_text(cap.pruned),
    }


def _cap(said: dict[str, Any]) -> Cap:
    story = None if said["story"] is None else StoryRef(*map(str, said["story"]))
    name, limit, pruned = str(said["name"]), _money(said["limit"]), _money(said["pruned"])
    return Cap(name, limit, said["run"], story, said["project"], pruned=pruned)


def _money(text: object) -> Decimal:
    amount = money_of(text)
    if amount is None:
        raise ValueError(text)
    return amount
