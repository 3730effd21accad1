"""The rules of the gateway's documents, on payloads written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard.cards import builtin_cards
from storyboard.providers.kirin.payload_check import check_payload

CARDS = builtin_cards()
ONE: dict[str, Any] = {"model": "kirin_v3_t2v", "multi_shot": False, "prompt": "Rain.", "duration": "5"}
SHOT = {"index": 1, "prompt": "Rain.", "duration": "5"}
SEVERAL: dict[str, Any] = {
    "model": "kirin_v3_t2v",
    "multi_shot": True,
    "shot_type": "customize",
    "multi_prompt": [SHOT, {"index": 2, "prompt": "Boats.", "duration": "3"}],
    "duration": "8",
}


def wrong(payload: dict[str, Any]) -> list[str]:
    card = CARDS[payload["model"]]
    return [problem.parameter for problem in check_payload(card, payload) if problem.refused]


def useless(payload: dict[str, Any]) -> list[str]:
    card = CARDS[payload["model"]]
    return [problem.parameter for problem in check_payload(card, payload) if not problem.refused]


@pytest.mark.parametrize(
    "payload",
    [
        ONE,
        SEVERAL,
        {"model": "kirin_v3_t2v", "prompt": "Rain."},
        {**ONE, "prompt": "x" * 2500, "negative_prompt": "x" * 2500},
        {**ONE, "sound": "on", "mode": "pro", "aspect_ratio": "9:16", "watermark_info": {"enabled": True}},
        {**ONE, "callback_url": "https://example.test/", "external_task_id": "sb-1"},
        {**SEVERAL, "multi_prompt": [{**SHOT, "prompt": "x" * 512}], "duration": "5"},
        {"model": "kirin_v1_6_t2v", "prompt": "Rain.", "duration": 10, "cfg_scale": 0.5},
        {"model": "kirin_v2_6_t2v", "prompt": "Rain.", "duration": "10", "sound": "on", "mode": "pro"},
        {"model": "kirin_v1_t2v", "prompt": "Rain.", "duration": "5", "camera_control": {}},
    ],
)
def test_accepted_payload(payload: dict[str, Any]) -> None:
    assert check_payload(CARDS[payload["model"]], payload) == ()


@pytest.mark.parametrize(
    ("payload", "parameters"),
    [
        ({**ONE, "prompt": ""}, ["prompt"]),
        ({**ONE, "prompt": "x" * 2501}, ["prompt"]),
        ({**ONE, "negative_prompt": "x" * 2501}, ["negative_prompt"]),
        ({**ONE, "duration": 5}, ["duration"]),
        ({**ONE, "duration": "2"}, ["duration"]),
        ({**ONE, "duration": "16"}, ["duration"]),
        ({**ONE, "duration": "5.0"}, ["duration"]),
        ({**ONE, "duration": "٥"}, ["duration"]),
        ({**ONE, "multi_shot": "false"}, ["multi_shot"]),
        ({**ONE, "sound": "loud"}, ["sound"]),
        ({**ONE, "mode": "PRO"}, ["mode"]),
        ({**ONE, "watermark_info": [{"enabled": True}]}, ["watermark_info"]),
        ({**ONE, "watermark_info": {"enabled": "on"}}, ["watermark_info"]),
        ({**ONE, "callback_url": "example.test"}, ["callback_url"]),
        ({**ONE, "external_task_id": ""}, ["external_task_id"]),
        ({**ONE, "seed": 1}, ["seed"]),
        ({**SEVERAL, "shot_type": "auto"}, ["shot_type"]),
        ({**SEVERAL, "multi_prompt": []}, ["multi_prompt", "multi_prompt"]),
        ({**SEVERAL, "duration": "9"}, ["multi_prompt"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "index": at + 1, "duration": "1"} for at in range(7)], "duration": "7"}, ["multi_prompt"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "index": 0}], "duration": "5"}, ["multi_prompt.0.index"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "prompt": "x" * 513}], "duration": "5"}, ["multi_prompt.0.prompt"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "prompt": ""}], "duration": "5"}, ["multi_prompt.0.prompt"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "duration": 5}], "duration": "5"}, ["multi_prompt.0.duration"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "duration": "0"}, {**SHOT, "index": 2}], "duration": "5"}, ["multi_prompt.0.duration"]),
        ({**SEVERAL, "multi_prompt": [{**SHOT, "seconds": 5}], "duration": "5"}, ["multi_prompt.0.seconds"]),
        ({"model": "kirin_v1_6_t2v", "prompt": "Rain.", "duration": "5"}, ["duration"]),
        ({"model": "kirin_v1_6_t2v", "prompt": "Rain.", "cfg_scale": 1.5}, ["cfg_scale"]),
        ({"model": "kirin_v1_6_t2v", "prompt": "Rain.", "multi_shot": False}, ["multi_shot"]),
        ({"model": "kirin_v2_1_master_t2v", "prompt": "Rain.", "negative_prompt": "x"}, ["negative_prompt"]),
        ({"model": "kirin_v2_6_t2v", "prompt": "Rain.", "sound": "on"}, ["sound"]),
        ({"model": "kirin_v1_t2v", "prompt": "Rain.", "duration": "10", "camera_control": {}}, ["camera_control"]),
        ({"model": "kirin_v1_t2v", "prompt": "Rain.", "mode": "pro", "camera_control": {}}, ["camera_control"]),
    ],
)  # fmt: skip
def test_refused_payload(payload: dict[str, Any], parameters: list[str]) -> None:
    assert wrong(payload) == parameters


@pytest.mark.parametrize(
    ("payload", "parameters"),
    [
        ({**ONE, "shot_type": "customize", "multi_prompt": [SHOT]}, ["shot_type", "multi_prompt"]),
        ({**SEVERAL, "prompt": "Rain."}, ["prompt"]),
        ({**ONE, "negative_prompt": ""}, ["negative_prompt"]),
    ],
)
def test_parameter_without_effect(payload: dict[str, Any], parameters: list[str]) -> None:
    assert useless(payload) == parameters
    assert wrong(payload) == []


def test_unknown_and_missing_model() -> None:
    assert "model" in [p.parameter for p in check_payload(CARDS["kirin_v1_t2v"], ONE)]
    assert [p.parameter for p in check_payload(CARDS["kirin_v1_t2v"], {"prompt": "Rain."})] == ["model"]
