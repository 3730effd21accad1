"""The user's permission: whether what is missing may be bought."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from storyboard.cli.output import ask, can_ask, note, view

if TYPE_CHECKING:
    from storyboard.project import Planned, PlannedStory, Run, Terms
    from storyboard.report.confirm import Purchasable


def ask_to_buy(run: Run, planned: Planned, terms: Terms) -> Terms | None:
    """Ask, where a terminal can, whether to buy what is missing: what, where, for how much, and with which warnings.

    Return the terms with the permission that was given; None where the answer was no.
    """
    from storyboard.report.confirm import buying_question, buying_report

    if not can_ask() or terms.locked or terms.leave:
        return terms
    bought = _to_buy(planned)
    if not bought:
        return terms
    note(buying_report(bought, _settings(planned), planned.compiled.diagnostics, view(sys.stderr)))
    return replace(terms, may_buy=True) if ask(buying_question(bought)) else None


def ask_about_values(planned: Planned, terms: Terms) -> bool:
    """Ask whether a variant may be built with other values than those that its lock keeps; False where the answer was
    no. Raise SpendingError where nobody can be asked."""
    from storyboard.errors import SpendingError

    for story in planned.stories:
        kept, now = story.compiled.lock.values, story.compiled.values
        if not kept or kept == now or terms.locked or terms.may_buy:
            continue
        name = f"variant {story.compiled.variant} of {story.compiled.path.name}"
        said = f"{name} was built with {_listed(kept)}, and now has {_listed(now)}"
        if not can_ask():
            raise SpendingError(said, help="pass --yes to change the variant, or give the new values another --as")
        if not ask(f"{said}. Build it with the new values?"):
            return False
    return True


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text}" for name, text in sorted(values.items()))


def check_trust(planned: Planned, terms: Terms) -> None:
    """Raise PermissionNeeded where a project's own files alone would decide over the key or the money."""
    from storyboard.project.build import check_permissions

    check_permissions(planned.stories, buying=not terms.locked and (terms.leave or can_ask()))


def _to_buy(planned: Planned) -> tuple[Purchasable, ...]:
    """What would be bought with the keys that are there, each key once."""
    from storyboard.report.confirm import Purchasable

    found: dict[str, Purchasable] = {}
    for story in planned.stories:
        if story.provider.pays and story.request.whose.account:
            for step in story.plan.buying:
                take = step.job.take if step.job else 0
                kept = tuple(each for each in _takes_kept(story, step.job.base if step.job else "") if each != take)
                found.setdefault(step.key, Purchasable(step, kept, _gateway(story)))
    return tuple(found.values())


def _takes_kept(story: PlannedStory, base: str) -> list[int]:
    """The takes of a job whose clips are kept, by the story's lock."""
    return sorted(block.take for block in story.compiled.lock.blocks.values() if block.base == base and block.clip)


def _gateway(story: PlannedStory) -> str:
    from storyboard.run.credentials import host_of
    from storyboard.run.url_policy import is_loopback

    url = story.provider.base_url
    return f"a simulated gateway at {host_of(url)}" if is_loopback(url) else host_of(url) or story.provider.name


def _settings(planned: Planned) -> str:
    """The variants and their values; "" where there are none."""
    return "; ".join(dict.fromkeys(filter(None, (story.compiled.in_words for story in planned.stories))))
