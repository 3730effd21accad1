"""The user's leave: whether the key may go where a project says, and whether what is missing may be bought."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storyboard.cli.output import ask, can_ask

if TYPE_CHECKING:
    from storyboard.plan import Step
    from storyboard.project import Planned, PlannedStory, Terms


def with_leave(planned: Planned, terms: Terms) -> Terms:
    """The terms, with what the user answers where a terminal can ask."""
    from storyboard.project.build_terms import DECLINED
    from storyboard.report.plans import purchase, purchases

    if not can_ask() or not all(_trusted(story) for story in planned.stories):
        return terms
    bought = _to_buy(planned)
    if not bought or terms.locked or terms.leave:
        return terms
    return (
        replace(terms, may_buy=True) if ask(f"Buy {purchase(purchases(bought))}?") else replace(terms, refusal=DECLINED)
    )


def _trusted(story: PlannedStory) -> bool:
    """Whether the key may go to the story's gateway; asked where only the project names it."""
    from storyboard.project.building import needs_gateway
    from storyboard.project.trust import agree, is_trusted

    project, provider = story.compiled.project, story.provider
    if not needs_gateway(story) or is_trusted(project, provider):
        return True
    if not ask(f"storyboard.toml names the gateway {provider.base_url}. Send your API key there?"):
        return False
    agree(project, provider)
    return True


def _to_buy(planned: Planned) -> tuple[Step, ...]:
    """What would be bought with the keys that are there."""
    from storyboard.plan import bought_once

    stories = [story for story in planned.stories if story.provider.pays and story.request.whose.account]
    return bought_once(step for story in stories for step in story.plan.steps)
