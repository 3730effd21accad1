"""The requirements of a model's parameters on each other and on the job's length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storyboard.cards.model_card import Json, ModelCard, Requirement


def settle(card: ModelCard, parameters: Mapping[str, Json]) -> dict[str, Json]:
    """Return parameters with the card's defaults."""
    return {**card.defaults, **parameters}


def lengths(card: ModelCard, parameters: Mapping[str, Json]) -> tuple[int, ...]:
    """Return the job lengths, in seconds, for which these parameters break no requirement."""
    settled = settle(card, parameters)
    needed = [
        requirement.needs["duration"]
        for requirement in card.requirements
        if "duration" in requirement.needs and _applies(requirement, parameters, settled)
    ]
    if not needed:
        return card.duration.allowed
    return tuple(seconds for seconds in card.duration.allowed if all(str(seconds) in values for values in needed))


def broken(
    card: ModelCard, parameters: Mapping[str, Json], seconds: int | None = None
) -> Iterator[tuple[Requirement, str]]:
    """Return the broken requirements, each with what it needs: a parameter, or `duration`. Defaults count as set,
    except for a requirement on any value. Without `seconds`, the job's length is not checked.
    """
    settled = settle(card, parameters)
    for requirement in card.requirements:
        if not _applies(requirement, parameters, settled):
            continue
        for name, values in requirement.needs.items():
            if name == "duration" and seconds is None:
                continue
            value = str(seconds) if name == "duration" else settled.get(name)
            if value not in values:
                yield requirement, name


def _applies(requirement: Requirement, parameters: Mapping[str, Json], settled: Mapping[str, Json]) -> bool:
    if requirement.values:
        return settled.get(requirement.parameter) in requirement.values
    return requirement.parameter in parameters
