"""The commands of the tutorial are run in order, against the simulated gateway, and do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from storyboard.simulator import SimulatorConfig, serve
from tests.support.cli import Cli

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
COMMANDS = [
    (section.partition("\n")[0], line.removeprefix("$ "))
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)
    for block in re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
"""Each command to type, after the heading that it stands under."""


def test_tutorial_goes_from_an_empty_folder_to_a_bought_film(cli: Cli) -> None:
    said: dict[str, list[str]] = {}
    with serve(SimulatorConfig(take=0.05)) as gateway:
        environment = {"STORYBOARD_BASE_URL": gateway.url, "STORYBOARD_API_KEY": "any"}
        for heading, command in COMMANDS:
            program, *arguments = shlex.split(command)
            if program == "cd":
                cli.folder /= arguments[0]
                continue
            assert program == "storyboard", command
            if heading.startswith("7."):
                story = cli.folder / "lantern.story"
                story.write_text(story.read_text("utf-8").replace("Close-up of", "Profile of"), "utf-8")
            bought = heading[:1] in "6789" or heading.startswith("10.")
            done = cli(*arguments, env=environment if bought else None)
            assert done.code == 0, (command, done.out, done.err)
            said.setdefault(heading.partition(".")[0], []).append(done.out)
    first, second = said["6"]
    assert "paid $2.02" in first
    assert "paid" not in second, "the same command once more buys nothing"
    assert "to buy: 1 job" in said["7"][0]
    assert (cli.folder / "lantern.story.lock").exists()
    assert (cli.folder / "build" / "lantern" / "lantern.mp4").exists()
    assert (cli.folder / "lantern.otio").exists()
