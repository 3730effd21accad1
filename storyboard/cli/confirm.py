"""The user's permission: whether what is missing may be bought."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storyboard.cli.output import ask, can_ask

if TYPE_CHECKING:
    from storyboard.plan import Step
    from storyboard.project import Planned, Terms


def ask_to_buy(planned: Planned, terms: Terms) -> Terms | None:
    """The terms, with the permission that the user gives where a terminal can ask; None where they say no."""
    from storyboard.report.plans import purchase, purchases

    if not can_ask():
        return terms
    bought = _to_buy(planned)
    if not bought or terms.locked or terms.leave:
        return terms
    return replace(terms, may_buy=True) if ask(f"Buy {purchase(purchases(bought))}?") else None


def check_trust(planned: Planned, terms: Terms) -> None:
    """Raise PermissionNeeded where a project's own files alone would decide over the key or the money."""
    from storyboard.project.building import check_permissions

    check_permissions(planned.stories, buying=not terms.locked and (terms.leave or can_ask()))


def _to_buy(planned: Planned) -> tuple[Step, ...]:
    """What would be bought with the keys that are there."""
    from storyboard.plan import bought_once

    stories = [story for story in planned.stories if story.provider.pays and story.request.whose.account]
    return bought_once(step for story in stories for step in story.plan.steps)
