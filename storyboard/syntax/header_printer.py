"""A statement's header as text, with one space between its parts."""

from __future__ import annotations

from storyboard.syntax.tree import (
    EditionDecl,
    ForDecl,
    Given,
    ImportDecl,
    LetDecl,
    LoopValue,
    Parameter,
    PhraseDecl,
    RangeValue,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    Statement,
    StoryDecl,
    TemplateDecl,
    UseDecl,
    WordsValue,
)


def header_of(statement: Statement) -> str:
    """Strings, numbers and durations as the author wrote them."""
    match statement:
        case EditionDecl(number=number):
            return f"edition {number.written}"
        case StoryDecl(title=title, promise=promise):
            return f"story {title.span.text}" + (f" {promise.written}" if promise else "")
        case ImportDecl(path=path, alias=alias):
            return f"import {path.span.text}" + (f" as {alias.text}" if alias else "")
        case LetDecl():
            return _let(statement)
        case PhraseDecl(name=name, parameters=parameters):
            return f"phrase {name.text}({_parameters(parameters)})"
        case TemplateDecl(name=name, parameters=parameters):
            return f"template {name.text}({_parameters(parameters)})"
        case UseDecl(template=template, arguments=arguments, label=label):
            given = ", ".join(_given(argument) for argument in arguments)
            return f"use {template.text}({given})" + (f" as {label.text}" if label else "")
        case ForDecl(variable=variable, values=values):
            return f"for {variable.text} in {', '.join(_value(value) for value in values)}"
        case SceneDecl(name=name, title=title, promise=promise):
            shown = f" {title.span.text}" if title else ""
            return f"scene {name.text}{shown}" + (f" {promise.written}" if promise else "")
        case ShotDecl(name=name, length=length):
            return f"shot {name.text} {length.span.text}"
        case SplitDecl():
            return "split"


def _let(statement: LetDecl) -> str:
    keyword = "param" if statement.is_param else "let"
    if statement.choices:
        return f"param {statement.name.text} in {', '.join(_value(value) for value in statement.choices)}"
    if statement.value.starts[0] > statement.span.end:
        return f"{keyword} {statement.name.text}"
    return f"{keyword} {statement.name.text} =" + (f" {statement.value.raw}" if statement.value.raw else "")


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    return ", ".join(
        each.name.text if each.default is None else f"{each.name.text} = {each.default.span.text}"
        for each in parameters
    )


def _given(given: Given) -> str:
    return given.value.span.text if given.name is None else f"{given.name.text} = {given.value.span.text}"


def _value(value: LoopValue) -> str:
    match value:
        case WordsValue(words=words):
            return words
        case RangeValue(first=first, last=last):
            return f"{first}..{last}"
        case _:
            return value.span.text
