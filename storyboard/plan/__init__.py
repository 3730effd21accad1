"""What a build would do, before it does it."""

from storyboard.plan.addresses import check_addresses, jobs_at
from storyboard.plan.history import Past
from storyboard.plan.plan_options import PlanOptions
from storyboard.plan.planner import make_plan
from storyboard.plan.prices import Prices
from storyboard.plan.reconcile import lacking, take_over
from storyboard.plan.reroll import Reroll, reroll
from storyboard.plan.steps import Plan, PlanRequest, Step, bought_once, total
from storyboard.store.job_status import Verdict

__all__ = [
    "Past",
    "Plan",
    "PlanOptions",
    "PlanRequest",
    "Prices",
    "Reroll",
    "Step",
    "Verdict",
    "bought_once",
    "check_addresses",
    "jobs_at",
    "lacking",
    "make_plan",
    "reroll",
    "take_over",
    "total",
]
