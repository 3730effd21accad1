"""Reword click's usage errors in our own style."""

from __future__ import annotations

import click

from storyboard.diagnostics.suggest import did_you_mean


def explain_usage(wrong: click.UsageError) -> tuple[str, str]:
    """Return one line, and what to do."""
    pointer = f"{wrong.ctx.command_path if wrong.ctx else 'storyboard'} --help"
    if isinstance(wrong, click.NoSuchOption):
        return f"there is no option `{wrong.option_name}`", did_you_mean(wrong.option_name, _options(wrong)) or pointer
    if isinstance(wrong, click.MissingParameter):
        return f"{_name(wrong.param)} is missing", pointer
    message = wrong.message.rstrip(".")
    if isinstance(wrong, click.BadParameter) and wrong.param:
        return f"{_name(wrong.param)}: {message}", pointer
    return message[:1].lower() + message[1:], pointer


def _options(wrong: click.UsageError) -> list[str]:
    parameters = wrong.ctx.command.params if wrong.ctx else []
    return [name for parameter in parameters for name in parameter.opts if name.startswith("--")]


def _name(parameter: click.Parameter | None) -> str:
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return (parameter.metavar or (parameter.name or "").upper()) if parameter else "something"
