"""SB4xx: budgets, prices, and what the gateway says to a job."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

OVER_BUDGET = Rule(
    code="SB401",
    name="film-over-budget",
    severity=Severity.WARNING,
    summary="the whole film costs more than its `.budget`",
    explanation="""\
`.budget` caps what a story may ever cost: what was spent and what is reserved count, and a job that does not fit is not
bought. By the model's prices the whole film does not fit, so a build of it will stop at some job.

Nothing is wrong where most of the film was bought for less, or where only a part of it is to be bought (`--only`).

Ways out: raise the budget, make the film shorter, or take a cheaper mode (`storyboard models NAME` shows prices).
""",
    bad='story "Night"\n  .model kirin_v3_t2v\n  .budget 0.40 USD\n\nshot street 5s\n  Rain.\n',
    good='story "Night"\n  .model kirin_v3_t2v\n  .budget 0.50 USD\n\nshot street 5s\n  Rain.\n',
)

NO_PRICE = Rule(
    code="SB402",
    name="budget-without-price",
    severity=Severity.WARNING,
    summary="a `.budget` is set, and the price of a model is not known",
    explanation="""\
Under a cap nothing is bought whose price is not known, or the cap would mean nothing.

Way out: name the price in `storyboard.toml`, in US dollars per second:

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
    summary="the gateway did not take a job, or failed it for good",
    explanation="""\
The gateway has seen the job and refused it, at once or later: most often its content policy does not take a prompt, or
its task could not be created. The message has the gateway's own words.

The same job would be refused again, so it is not sent again, in this build or a later one. A refusal at once costs
nothing; where a task failed and nothing was said of its cost, its price stays counted until
`storyboard resolve JOB --unbilled`.

Ways out: change the text of the shots that are shown, or send the job once more as it is with
`storyboard build --retry ADDRESS`.
""",
    bad='story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Something that the gateway does not take.\n',
    good='story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Rain on lanterns.\n',
    when="build",
)
