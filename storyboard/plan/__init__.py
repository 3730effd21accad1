"""What a build would do, before it does it."""

from storyboard.plan.asked import Asked
from storyboard.plan.model import Plan, Request, Step, StepState, bought_once, total
from storyboard.plan.past import Past
from storyboard.plan.planner import make_plan
from storyboard.plan.prices import Prices
from storyboard.plan.reroll import Reroll, reroll
from storyboard.plan.saved import asked_for, check_plans, save_plans
from storyboard.plan.select import check_addresses, jobs_at
from storyboard.plan.takeover import lacking, take_over

__all__ = [
    "Asked",
    "Past",
    "Plan",
    "Prices",
    "Request",
    "Reroll",
    "Step",
    "StepState",
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
