"""SB4xx: budgets, prices, and jobs that the gateway refuses."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

OVER_BUDGET = Rule(
    code="SB401",
    name="film-over-budget",
    severity=Severity.WARNING,
    summary="the whole film costs more than its `.budget`",
    explanation="""\
`.budget` limits what a story may ever cost. Amounts spent and amounts reserved both count, and a job that does not fit
is not bought. At the model's prices the whole film does not fit, so a build will stop before it is complete.

You can ignore this if most of the film was bought for less, or if you want to buy only a part of it (`--only`).

Otherwise raise the budget, make the film shorter, or use a cheaper mode (`storyboard models NAME` shows prices).
""",
    bad='story "Night"\n  .model kirin_v3_t2v\n  .budget 0.40 USD\n\nshot street 5s\n  Rain.\n',
    good='story "Night"\n  .model kirin_v3_t2v\n  .budget 0.50 USD\n\nshot street 5s\n  Rain.\n',
)

NO_PRICE = Rule(
    code="SB402",
    name="budget-without-price",
    severity=Severity.WARNING,
    summary="a `.budget` is set, but the price of a model is unknown",
    explanation="""\
If there is a budget, nothing with an unknown price is bought; otherwise the budget would mean nothing.

State the price in `storyboard.toml`, in US dollars per second:

```toml
[prices]
kirin_v2_6_t2v = "0.10"
```
""",
    bad='story "Night"\n  .model kirin_v2_6_t2v\n  .budget 9 USD\n\nshot street 5s\n  Rain.\n',
    good='story "Night"\n  .model kirin_v3_t2v\n  .budget 9 USD\n\nshot street 5s\n  Rain.\n',
)

REFUSED = Rule(
    code="SB403",
    name="refused-by-gateway",
    severity=Severity.ERROR,
    summary="the gateway refused a job, or the job failed for good",
    explanation="""\
The gateway has seen the job and refused it, at once or later. Usually its content policy rejects a prompt, or the task
could not be created. The message quotes the gateway.

The same job would be refused again, so no build sends it again. An immediate refusal costs nothing. If a task failed
and the gateway did not state a cost, its price stays reserved until you run `storyboard resolve JOB --unbilled`.

Change the text of the shots that are shown, or send the job again unchanged with `storyboard build --retry ADDRESS`.
""",
    bad='story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Something that the gateway does not take.\n',
    good='story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Rain on lanterns.\n',
    when="build",
)
