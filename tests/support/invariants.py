"""What must hold however a run is disturbed: the invariants of the buying protocol, checked on a simulated world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from storyboard.jobs.job import Job
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult, JobState
from storyboard.store import Cap
from tests.support.simulation import STORY, Machine, World


def check(
    world: World, machines: Iterable[Machine], results: Mapping[str, JobResult], jobs: Iterable[Job] = ()
) -> None:
    """I1 of all jobs, I5 of the results of the last run, I4, and that charged and reserved are the gateway's book."""
    for each in (*jobs, *(result.job for result in results.values())):
        billed = world.gateway.billed(each.request.shots[0].prompt)
        assert len(billed) <= 1, f"I1: {each.id} was bought {len(billed)} times"
    for job in results.values():
        billed = world.gateway.billed(job.job.request.shots[0].prompt)
        if job.state in (JobState.FAILED, JobState.LOST):
            assert not billed, f"I5: {job.job.id} is said to be {job.state}, and is billed"
    _accounted(world, list(machines))


def _accounted(world: World, machines: list[Machine]) -> None:
    rows = [row for machine in machines for row in machine.ledger.all()]
    tasks = {row.task for row in rows}
    intents = {row.external_id for row in rows if row.state is PurchaseState.INTENT}
    for task in world.gateway.tasks:
        if task.billed:
            assert task.id in tasks or task.external_id in intents, f"I4: nobody knows of {task}"
    if len(machines) == 1 and all(row.state in _CERTAIN and (row.charged or not row.task) for row in rows):
        book = sum((task.price for task in world.gateway.tasks if task.billed), Decimal(0))
        assert machines[0].ledger.spent(Cap("book", Decimal(0), story=STORY)) == book, "the ledger is not the book"


_CERTAIN = (PurchaseState.DONE, PurchaseState.FINISHED, PurchaseState.FAILED, PurchaseState.WITHDRAWN)
