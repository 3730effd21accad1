"""Reword click's usage errors in our own style."""

from __future__ import annotations

import click

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.files.lazy_pattern import lazy_pattern

_REFUSED = lazy_pattern(r"('.*?'|\".*?\"|\S+) is not (?:one of|in the range|a valid (?:integer|float))")
"""How click refuses a value of a choice or of a range."""


def explain_usage(wrong: click.UsageError) -> tuple[str, str]:
    """Return one line, and what to do."""
    pointer = f"{wrong.ctx.command_path if wrong.ctx else 'storyboard'} --help"
    if isinstance(wrong, click.NoSuchOption):
        return f"there is no option `{wrong.option_name}`", did_you_mean(wrong.option_name, _options(wrong)) or pointer
    if isinstance(wrong, click.MissingParameter):
        if isinstance(wrong.param, click.Argument) and isinstance(wrong.param.type, click.Choice):
            return f"choose one of {', '.join(map(str, wrong.param.type.choices))}", pointer
        return f"{_name(wrong.param)} is missing", pointer
    if isinstance(wrong, click.BadOptionUsage):
        takes_none = any(wrong.option_name in each.opts and each.is_flag for each in _click_options(wrong))
        return f"{wrong.option_name} {'takes no value' if takes_none else 'needs a value'}", pointer
    message = wrong.message.rstrip(".")
    if isinstance(wrong, click.BadParameter) and wrong.param and (found := _REFUSED.match(message)):
        return _refused_value(wrong.param, _unquoted(found[1]), pointer)
    if isinstance(wrong, click.BadParameter) and wrong.param:
        return f"{_name(wrong.param)}: {message}", pointer
    return message[:1].lower() + message[1:], pointer


def _refused_value(parameter: click.Parameter, value: str, pointer: str) -> tuple[str, str]:
    """Say what a choice or a number accepts, because click's own words speak of ranges and types."""
    kind, shown = parameter.type, f"`{value}`"
    name = f"{_name(parameter)}: " if isinstance(parameter, click.Option) else ""
    if isinstance(kind, click.Choice):
        choices = [str(each) for each in kind.choices]
        return f"{name}{shown} is not one of {', '.join(choices)}", did_you_mean(value, choices) or pointer
    number = "a whole number" if isinstance(kind, click.types.IntParamType) else "a number"
    least, most = (getattr(kind, end, None) for end in ("min", "max"))
    span = (f" from {least}" if least is not None else "") + (f" to {most}" if most is not None else "")
    if least is not None and most is None:
        span = f" of {least} or more"
    return f"{name}{shown} is not {number}{span}", pointer


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] else value


def _click_options(wrong: click.UsageError) -> list[click.Option]:
    return [each for each in wrong.ctx.command.params if isinstance(each, click.Option)] if wrong.ctx else []


def _options(wrong: click.UsageError) -> list[str]:
    return [name for option in _click_options(wrong) for name in option.opts if name.startswith("--")]


def _name(parameter: click.Parameter | None) -> str:
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return (parameter.metavar or (parameter.name or "").upper()) if parameter else "something"
