"""What the gateway refused, as findings at the shots that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.diagnostics import Diagnostic, Related, sort_by_place
from storyboard.diagnostics.rules.money import REFUSED
from storyboard.run.result import JobResult, RunResult


def refusals(results: Sequence[RunResult]) -> tuple[Diagnostic, ...]:
    """One finding for each job that would be refused again, with the server's words."""
    return sort_by_place(finding for result in results for job in result.jobs for finding in _refusal(job))


def _refusal(result: JobResult) -> Iterator[Diagnostic]:
    error, shots = result.error, result.job.shots
    if error is None or not error.refused or not shots:
        return
    code = f" ({error.code})" if error.code else ""
    first, *others = shots
    yield REFUSED.at(
        first.origin.span,
        f"the gateway refused `{first.address}`: {error.message}{code}",
        label=f"its job, {result.job.id}, would be refused again" if others else "it would be refused again",
        help=f"change its text, or send it again unchanged: storyboard build --retry {first.address!r}",
        related=[
            *(Related(f"`{shot.address}` is part of the same job", shot.origin.span) for shot in others),
            *first.origin.chain,
        ],
    )
