"""Read a submit from either dialect, and check it by the model's card as the reference says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from storyboard.cards import Catalog, ModelCard
from storyboard.fast_dataclasses import dataclass
from storyboard.providers.kirin.payload import settings_in
from storyboard.providers.kirin.payload_check import check_payload
from storyboard.simulator.messages import IncomingRequest

TRANSPORT = ("callback_url", "external_task_id")


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """The content of a submit. `payload` is a digest of it without ids and addresses; `price` is the card's, in US
    dollars, None if it has none."""

    model: str
    seconds: int
    ratio: str
    prompt: str
    payload: str
    price: Decimal | None
    external_id: str | None
    callback_url: str | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a submit is refused, in the gateway's words."""

    message: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The flat parameters of a submit, without `model`."""

    model: str
    parameters: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text parameter, "" if it is not text."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""

    @property
    def prompt(self) -> str:
        """Every prompt in it, one per line."""
        several = self.parameters.get("multi_prompt")
        shots = several if isinstance(several, list) else []
        texts = [self.text("prompt"), *(str(shot.get("prompt", "")) for shot in shots if isinstance(shot, dict))]
        return "\n".join(text for text in texts if text)


def opened(ask: IncomingRequest) -> Envelope | Unreadable:
    """Extract the parameters from the dialect's envelope."""
    try:
        body = json.loads(ask.body)
    except (ValueError, RecursionError):
        return Unreadable("the body is not JSON")
    if not isinstance(body, dict):
        return Unreadable("the body is not an object")
    return _flat(ask.model, body) if ask.dialect == "queue" else _nested(body)


def _flat(model: str, body: dict[str, Any]) -> Envelope | Unreadable:
    if "callback_url" in body:
        return Unreadable("callback_url is not supported by queue requests")
    if "model" in body:
        return Unreadable("unknown parameter: model")
    return Envelope(model, body)


def _nested(body: dict[str, Any]) -> Envelope | Unreadable:
    match body:
        case {"model": str(model), "input": [{"params": dict(parameters)}]}:
            return Envelope(model, parameters)
        case {"model": str(), "input": _}:
            return Unreadable('input must be [{"params": {...}}]')
    return Unreadable("model and input are required")


def order_from(envelope: Envelope, catalog: Catalog) -> SubmitRequest | Unreadable:
    """Parse the order; return Unreadable if the reference does not allow it."""
    card = catalog.get(envelope.model)
    if card is None:
        return Unreadable(f"unknown model: {envelope.model}")
    wrong = check_payload(card, {"model": envelope.model, **envelope.parameters})
    refused = [f"{problem.parameter} {problem.message}" for problem in wrong if problem.refused]
    return Unreadable("; ".join(refused)) if refused else _order(card, envelope)


def _order(card: ModelCard, envelope: Envelope) -> SubmitRequest:
    payload = {name: value for name, value in envelope.parameters.items() if name not in TRANSPORT}
    seconds = int(payload.get("duration", card.duration.default))
    price = card.price_per_second(settings_in(card, payload))
    canonical = json.dumps({"model": envelope.model, **payload}, sort_keys=True, ensure_ascii=False)
    return SubmitRequest(
        model=envelope.model,
        seconds=seconds,
        ratio=envelope.text("aspect_ratio") or "16:9",
        prompt=envelope.prompt,
        payload=hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        price=None if price is None else price * seconds,
        external_id=envelope.text("external_task_id") or None,
        callback_url=envelope.text("callback_url") or None,
    )
