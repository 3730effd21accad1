"""What a build would do, before it does it."""

from storyboard.plan.addresses import check_addresses, jobs_at
from storyboard.plan.history import Past
from storyboard.plan.plan_file import asked_for, check_plans, save_plans
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
    "asked_for",
    "bought_once",
    "check_addresses",
    "check_plans",
    "jobs_at",
    "lacking",
    "make_plan",
    "reroll",
    "save_plans",
    "take_over",
    "total",
]
