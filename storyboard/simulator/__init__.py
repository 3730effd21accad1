"""A local gateway that sells clips: for tests, demos and pipelines. Needs the extra `simulate` to be served."""

from typing import TYPE_CHECKING

from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.faults import FaultRule, read_rules, rules_from
from storyboard.simulator.gateway import Gateway
from storyboard.simulator.handlers import account_of

if TYPE_CHECKING:
    from storyboard.simulator.server import serve

__all__ = ["FaultRule", "Gateway", "SimulatorConfig", "account_of", "read_rules", "rules_from", "serve"]


def __getattr__(name: str) -> object:
    """`serve` needs starlette and uvicorn, the rest does not."""
    if name == "serve":
        from storyboard.simulator.server import serve

        return serve
    raise AttributeError(name)
