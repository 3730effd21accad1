"""`storyboard explain NAME`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from storyboard.cli import completers, options
from storyboard.cli.commands import COMMANDS, OTHER_NAMES
from storyboard.cli.output import out, out_json, out_text
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.report.manual import (
    LANGUAGE,
    SHORT,
    ManualEntry,
    entries_about,
    manual_document,
    manual_page,
    manual_pages,
    names_explained,
)


@options.command(
    "explain",
    ("storyboard explain SB203", "what a code means, why, and how to fix it"),
    ("storyboard explain language --short", "the language in 60 lines; without --short the whole page"),
    ("storyboard explain .avoid", "a setting; also models, commands, states, exit codes and pages"),
    ("storyboard explain", "list every code"),
)
@click.argument("name", required=False, shell_complete=completers.codes)
@click.option("--short", is_flag=True, help="Print the short page of the language.")
@options.as_json
def command(name: str | None, short: bool, as_json: bool) -> None:
    """Explain a diagnostic code, the language, a model, a setting, a command, a state or an exit code."""
    from storyboard.diagnostics.rules import RULES
    from storyboard.report.explain import catalogue, explanation, rules_document

    if short:
        name = SHORT if name in (None, LANGUAGE) else name
    if name is None:
        rules = sorted(RULES.values(), key=lambda rule: rule.code)
        return out_json(rules_document(rules)) if as_json else out(catalogue(rules))
    rule = RULES.get(name.upper()) or next((rule for rule in RULES.values() if rule.name == name), None)
    if rule is not None:
        return out_json(rules_document([rule])) if as_json else out(explanation(rule))
    entries = list(_entries(name))
    if not entries:
        is_code = name[:2].upper() == "SB" and name[2:].isdecimal()
        what = f"there is no code `{name}`" if is_code else f"nothing is called `{name}`"
        raise UsageError(what, help=_near(name, RULES))
    if as_json:
        return out_json(manual_document(name, entries))
    return out_text("\n\n".join(_told(entry) for entry in entries).rstrip("\n") + "\n")


def _entries(name: str) -> Iterator[ManualEntry]:
    """Yield the entries for a name: a page, a model, a command, and what the pages say about it."""
    page = manual_page(name.lower().removesuffix(".md"))
    if page is not None:
        yield ManualEntry(name.lower(), "", page)
        return
    yield from _of_models(name)
    wanted = name.lower().removeprefix("storyboard ").strip()
    wanted = wanted if wanted in COMMANDS else OTHER_NAMES.get(wanted, "") if not entries_about(name) else ""
    if wanted:
        yield ManualEntry("commands", wanted, _help_of(wanted))
    yield from entries_about(name) or entries_about(name.removeprefix("exit code ").removeprefix("exit "))


def _of_models(name: str) -> Iterator[ManualEntry]:
    """Yield the entries for a model, or for a setting of models."""
    from storyboard.project import open_project
    from storyboard.report.models import pages_about

    for subject, text in pages_about(name, open_project().catalog):
        yield ManualEntry("models", subject, text)


def _help_of(name: str) -> str:
    command = COMMANDS[name].load()
    context = click.Context(command, info_name=f"storyboard {name}", help_option_names=["-h", "--help"])
    return command.get_help(context)


def _told(entry: ManualEntry) -> str:
    """Format an entry: whole texts unchanged, table rows with their source."""
    if "\n" in entry.text:
        return entry.text.rstrip("\n")
    where = f"{entry.page}, {entry.heading}" if entry.heading else entry.page
    return f"{entry.text}\n  (from: {where})"


def _near(name: str, codes: Iterable[str]) -> str:
    known = (*codes, *COMMANDS, *manual_pages(), *names_explained())
    return (
        did_you_mean(name.upper(), codes)
        or did_you_mean(name.lower(), known)
        or "storyboard explain lists every code; storyboard explain language prints the language"
    )
