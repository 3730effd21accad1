"""Plans and results to report on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from storyboard.film import Film
from storyboard.jobs.job import Job
from storyboard.plan.steps import Plan, Step
from storyboard.report.views import Budget, BuildView, PlanView
from storyboard.run.result import JobError, JobResult, JobState, RunResult
from storyboard.source import Source, Span
from storyboard.store.job_status import Verdict
from storyboard.story.story import Negatives, Origin, Shot
from tests.support.fakes import a_job

FOLDER = Path("/films")
STORY = FOLDER / "lantern_night.story"
HERE = Span(Source(STORY, "shot street 5s"), 0, 14)


def shot(address: str) -> Shot:
    scene, _, name = address.partition(".")
    return Shot(
        address=address,
        scene=scene,
        name=name,
        seconds=Decimal(5),
        prompt="A boat.",
        model="kirin_v3_t2v",
        parameters={},
        negative=Negatives(()),
        pack="auto",
        take=None,
        split_before=False,
        origin=Origin(HERE),
    )


def job(id_: str, seconds: int, *names: str) -> Job:
    scene = id_.partition("#")[0]
    made = a_job(prompt=id_, seconds=seconds)
    return replace(made, id=id_, scene=scene, shots=tuple(shot(f"{scene}.{name}") for name in names))


def step(made: Job, state: Verdict, reason: str, price: str | None = "0", *, wanted: bool = True) -> Step:
    estimate = None if price is None else Decimal(price)
    return Step(made.id, f"key-{made.id}", state, reason, made.seconds, estimate, made, wanted)


ARRIVAL = job("arrival#1", 12, "street", "walk", "face")
WIDE = job("river#1", 7, "wide", "push")
CROWD = job("river#2", 14, 'crowd["north"]', 'crowd["south"]', "boatman.wide", "boatman.push")
TEMPLE = job("灯笼#1", 15, "gate", "steps", "bell")

STEPS = (
    replace(step(ARRIVAL, Verdict.CACHED, ""), worth=Decimal("2.016")),
    step(WIDE, Verdict.BUY, "prompt of `river.push` changed", "1.176"),
    step(CROWD, Verdict.BUY, 'repacked: `river.crowd["south"]` was inserted', "2.352"),
    step(TEMPLE, Verdict.RUNNING, "submitted 2 min ago, usually takes 3 min 10 s"),
    Step("old#1", "key-old", Verdict.UNUSED, "no shot needs it now", 5, Decimal(0), None),
)
PAID = PlanView(STORY, Plan("kirin", STEPS), True, (Budget("budget", Decimal(12), Decimal("4.72")),))
FREE = PlanView(STORY, Plan("animatic", STEPS[:3]), False)


def result(made: Job, state: JobState, reason: str = "", **more: object) -> JobResult:
    return JobResult(made, f"key-{made.id}", state, reason, **more)  # type: ignore[arg-type]


WHOLE = RunResult(
    (
        result(ARRIVAL, JobState.CACHED, "in the store", clip=Path("/store/1")),
        result(WIDE, JobState.BUILT, clip=Path("/store/2"), cost=Decimal("1.176"), task="t-1", attempts=1),
    ),
    Decimal("1.176"),
    notices=("bought once more than needed: nothing to do",),
)
PARTS = RunResult(
    (
        *WHOLE.jobs,
        result(CROWD, JobState.FAILED, "the task failed", error=JobError("006001099", "content refused"), attempts=3),
        result(
            TEMPLE,
            JobState.UNKNOWN,
            "the gateway never answered; it may be rendering and billed",
            reserved=Decimal("1.26"),
        ),
    ),
    reserved=Decimal("1.26"),
)


def film(clips: int, of: int, *, whole: bool, seconds: str) -> Film:
    folder = FOLDER / "build" / "lantern_night"
    names = [folder / "clips" / f"{number:02}-a-1.mp4" for number in range(1, clips + 1)]
    missing: list[Path | None] = [None] * (of - clips)
    made = folder / "lantern_night.mp4" if whole else None
    return Film(folder, made, folder / "index.html", folder / "manifest.json", (*names, *missing), Fraction(seconds))


BUILT = BuildView(PAID, WHOLE, film(2, 2, whole=True, seconds="19"))
BROKEN = BuildView(PAID, PARTS, film(2, 4, whole=False, seconds="48"))
ANIMATIC = BuildView(FREE, replace(WHOLE, paid=Decimal(0), notices=()), film(2, 2, whole=True, seconds="19.5"))
