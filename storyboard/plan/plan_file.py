"""A saved plan: `plan --out` writes it, and `build --plan` builds only if it still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from storyboard.errors import SpendingError, StoreError, UsageError
from storyboard.fast_dataclasses import replace
from storyboard.files.disk import read_file
from storyboard.files.relative import relative
from storyboard.files.writing import write_named
from storyboard.forms import is_name, is_text, money_of, money_text
from storyboard.money import exact_dollars
from storyboard.plan.plan_options import PlanOptions, SavedPlanOptions, from_raw, to_raw
from storyboard.plan.steps import Plan, Step
from storyboard.store.job_status import Verdict

VERSION: Literal[1] = 1
_HELP = "make a new plan: `storyboard plan --out FILE`"

Plans = Mapping[str, Plan]
"""Plans by their story, as the caller names it: its path, and variant if there is one."""


class SavedJob(TypedDict):
    """A job and its price when the plan was made; `estimate` is in US dollars, as a text."""

    id: str
    key: str
    buys: bool
    seconds: int
    estimate: str | None


class SavedStory(TypedDict):
    """A story, as the command line names it, and its jobs in order."""

    story: str
    provider: str
    jobs: list[SavedJob]


class SavedPlan(TypedDict):
    """What `plan --out` writes. A plan of an older version has no `asked`."""

    plan: Literal[1]
    asked: NotRequired[SavedPlanOptions]
    stories: list[SavedStory]


def save_plans(plans: Plans, path: Path, asked: PlanOptions | None = None) -> None:
    """Write plans with the options that decided them; raises `StoreError` if the file cannot be written."""
    stories: list[SavedStory] = [
        {"story": story, "provider": plan.provider, "jobs": [_job(step) for step in plan.steps if step.job]}
        for story, plan in plans.items()
    ]
    document: SavedPlan = {"plan": VERSION, "stories": stories}
    if asked is not None:
        document["asked"] = to_raw(_moved(asked, Path.cwd(), path.parent))
    try:
        write_named(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    except OSError as trouble:
        raise StoreError(f"{path} cannot be written: {trouble.strerror}") from trouble


def asked_for(path: Path) -> PlanOptions | None:
    """Return the options that decided the plans in a file; None if an older file does not have them. Raises
    `UsageError` if the file is not a saved plan."""
    return _read(path)[1]


def check_plans(plans: Plans, path: Path) -> None:
    """Raise `SpendingError` if these plans would buy something else than the file says, `UsageError` if the file is not
    a saved plan."""
    saved, _ = _read(path)
    changes = [*_stories(saved, plans)]
    if changes:
        more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
        raise SpendingError(f"{path}: something changed since this plan was made: {changes[0]}{more}", help=_HELP)


def _stories(saved: Mapping[str, Any], plans: Plans) -> Iterator[str]:
    for story in saved.keys() | plans.keys():
        if story not in saved:
            yield f"{story} is new"
        elif story not in plans:
            yield f"{story} is not in this run"
        elif saved[story]["provider"] != plans[story].provider:
            yield f"{story} was for {saved[story]['provider']}"
        else:
            yield from _jobs(saved[story]["jobs"], [_job(step) for step in plans[story].steps if step.job])


def _jobs(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if [job["key"] for job in before] != [job["key"] for job in now]:
        was = {job["key"] for job in before}
        other = next((job["id"] for job in now if job["key"] not in was), None)
        yield f"{other} is a different job now" if other else "the jobs changed"
        return
    for old, new in zip(before, now, strict=True):
        if old["buys"] != new["buys"]:
            yield f"{new['id']} {'would be bought now' if new['buys'] else 'would have been bought and no longer is'}"
        elif old["estimate"] != new["estimate"]:
            yield f"{new['id']} was estimated at {_said(old)} and is at {_said(new)}"


def _said(job: Mapping[str, Any]) -> str:
    return "no known price" if job["estimate"] is None else exact_dollars(Decimal(job["estimate"]))


def _job(step: Step) -> SavedJob:
    return {
        "id": step.id,
        "key": step.key,
        "buys": step.state is Verdict.BUY and step.wanted,
        "seconds": step.seconds,
        "estimate": None if step.estimate is None else money_text(step.estimate),
    }


def _is_job(job: Mapping[str, Any]) -> bool:
    """Whether each field has the form that a saved plan gives it."""
    estimate = job["estimate"]
    priced = estimate is None or money_of(estimate) is not None
    return is_text(job["id"]) and is_text(job["key"]) and isinstance(job["buys"], bool) and priced


def _read(path: Path) -> tuple[dict[str, Any], PlanOptions | None]:
    try:
        raw = json.loads(read_file(path))
        version = raw["plan"]
        stories = {story["story"]: story for story in raw["stories"]} if version == VERSION else {}
        well = all(map(is_text, stories)) and all(is_name(story["provider"]) for story in stories.values())
        well = well and all(_is_job(job) for story in stories.values() for job in story["jobs"])
        asked = _moved(from_raw(raw["asked"]), path.parent, Path.cwd()) if "asked" in raw else None
    except OSError as trouble:
        raise UsageError(f"{path} cannot be read: {trouble.strerror}") from trouble
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise UsageError(f"{path} was not written by `storyboard plan --out`", help=_HELP) from None
    if version != VERSION or not well:
        raise UsageError(f"{path} was written by another version of storyboard", help=_HELP)
    return stories, asked


def _moved(asked: PlanOptions, base: Path, folder: Path) -> PlanOptions:
    """Rewrite paths relative to `base` as relative to `folder`, where the plan file is."""
    return replace(asked, paths=tuple(relative(base / path, folder) for path in asked.paths))
