"""Build the site: `python docs/site/build.py OUT`. Writes OUT/html, and the man page OUT/man/storyboard.1.

The pages are those of `docs/`, with what is printed from the program: a page for each diagnostic code and one for the
Python API. The same texts lie beside the site in plain Markdown, listed in `llms.txt`. A warning of Sphinx is an error.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SITE = Path(__file__).parent
DOCS = SITE.parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))

import storyboard  # noqa: E402
from storyboard.diagnostics import Rule  # noqa: E402
from storyboard.diagnostics.rules import RULES  # noqa: E402
from storyboard.project.schemas import SCHEMAS  # noqa: E402
from storyboard.report.explain import FAMILIES, rule_section  # noqa: E402

OUTSIDE = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
    "CHANGELOG.md": "changelog.md",
    "examples/README.md": "examples.md",
}
"""Pages that are not in `docs/`, and their names on the site."""
ADDED = {"diagnostics": ["codes/index"], "commands": ["python-api", "json-documents"]}
"""Pages that are made for the site alone, and the page whose section they belong to."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\(((?!https?:|#|mailto:)[^)\s#]*)(#[^)\s]*)?\)")
BESIDE_THE_TREE = "---\norphan: true\n---\n\n"
"""Begins a page that is in no tree of contents: else 130 codes would be listed beside each of 170 pages."""
SUMMARY = re.compile(r"^- \[([\w-]+\.md)\]\([\w-]+\.md\): (.+)$", re.MULTILINE)


def pages() -> Mapping[str, str]:
    """Each page of the site by its name."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    index = found.pop("README.md")
    places = {name: DOCS / name for name in found} | {on_site: ROOT / name for name, on_site in OUTSIDE.items()}
    names = {place: name for name, place in places.items()} | {DOCS / "README.md": "index.md"}
    made = {name: linked(place.read_text(encoding="utf-8"), place, names) for name, place in places.items()}
    codes = {f"codes/{rule.code}.md": code_page(rule) for rule in RULES.values()}
    generated = {"codes/index.md": codes_page(), "python-api.md": api_page(), "json-documents.md": json_page(), **codes}
    made["index.md"] = linked(index, DOCS / "README.md", names) + contents(index)
    return made | generated


def linked(text: str, place: Path, names: Mapping[Path, str]) -> str:
    """A page with its links to pages of the site; what links to other files of the repository is only named."""

    def link(found: re.Match[str]) -> str:
        picture, words, target, anchor = found[1], found[2], found[3], found[4] or ""
        file = (place.parent / target).resolve()
        if picture:
            return f"![{words}](images/{file.name})" if file.parent == DOCS / "images" else words
        name = names.get(file)
        return f"[{words}]({name}{anchor})" if name else words

    return LINK.sub(link, text)


def is_code(name: str) -> bool:
    """Whether a page is the page of one code."""
    return name.startswith("codes/") and name != "codes/index.md"


def contents(index: str) -> str:
    """The tree of contents, out of the lists of `docs/README.md`."""
    parts = []
    for title, listed in re.findall(r"^\*\*(.+)\*\*\n\n((?:- .*\n?)+)", index, re.MULTILINE):
        names = re.findall(r"\]\((?:\.\./)?([\w-]+)\.md\)", listed)
        more = (
            ["codes/index"]
            if "diagnostics" in names
            else ["python-api", "json-documents"]
            if "commands" in names
            else []
        )
        entries = [OUTSIDE.get(f"{name}.md", f"{name}.md").removesuffix(".md") for name in names]
        parts.append(tree(title, [*entries, *more]))
    return "\n" + "\n".join([tree("Begin", ["readme", "examples"]), *parts, tree("About", ["changelog", "reporting"])])


def tree(title: str, entries: list[str]) -> str:
    """A hidden tree of contents: it shows beside the page."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *entries, "```", ""])


def code_page(rule: Rule) -> str:
    """The page of one code."""
    return f"{rule_section(rule, 1)}\n[All codes](index.md)\n"


def codes_page() -> str:
    """The list of all codes."""
    parts = ["# Diagnostic codes\n"]
    for prefix, title in FAMILIES.items():
        family = [rule for code, rule in sorted(RULES.items()) if code.startswith(prefix)]
        parts.append(f"## {title}\n")
        parts += [f"- [{rule.code}]({rule.code}.md) {rule.name}: {rule.summary}" for rule in family]
        parts.append("")
    return "\n".join(parts)


def api_page() -> str:
    """What `import storyboard` gives, from its own docstrings."""
    parts = ["# Python API\n", inspect.cleandoc(storyboard.__doc__ or ""), ""]
    for name in sorted(storyboard.__all__):
        thing = getattr(storyboard, name)
        parts += [f"## {name}\n"]
        if callable(thing):
            parts += ["```python", f"{name}{signature(thing)}", "```", ""]
            parts += [inspect.getdoc(thing) or "", "", *(methods(thing) if inspect.isclass(thing) else ())]
        else:
            parts += [f"`{thing!r}`", ""]
    return "\n".join(parts)


def json_page() -> str:
    """Every document that a command prints or reads, field by field, from its JSON Schema."""
    parts = [
        "# JSON documents\n",
        "`storyboard schema NAME` prints the JSON Schema of each. Fields may be added; none goes.\n",
    ]
    for name, document in SCHEMAS.items():
        schema = document.make()
        parts += [f"## {name}\n", document.about[0].upper() + document.about[1:] + ".\n"]
        parts += fields(schema)
        for title, part in schema.get("$defs", {}).items():
            parts += [f"### {name}: {title}\n", *fields(part)]
    return "\n".join(parts)


def fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """A table of an object's fields."""
    if "description" in schema:
        yield schema["description"] + "\n"
    if "properties" in schema:
        yield "| field | type | |\n|---|---|---|"
        for name, kind in schema["properties"].items():
            about = " ".join(str(kind.get("description", "")).split()).replace("|", "\\|")
            optional = "" if name in schema.get("required", ()) else " (optional)"
            yield f"| `{name}` | {type_name(kind)}{optional} | {about} |"
        yield ""


def type_name(kind: Mapping[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    if "anyOf" in kind:
        return " or ".join(dict.fromkeys(type_name(each) for each in kind["anyOf"]))
    if "enum" in kind:
        return ", ".join(f"`{each}`" for each in kind["enum"])
    if kind.get("type") == "array":
        return f"list of {type_name(kind.get('items', {}))}"
    return str(kind.get("type", "any"))


def methods(cls: type) -> Iterator[str]:
    """The public methods and properties of a class."""
    for name, member in vars(cls).items():
        documented = inspect.getdoc(member)
        if name.startswith("_") or not documented or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        head = f"{name}{signature(member)}" if inspect.isfunction(member) else name
        yield f"### {cls.__name__}.{name}\n\n```python\n{head}\n```\n\n{documented}\n"


def signature(thing: object) -> str:
    """How it is called; "()" where it does not say."""
    try:
        return re.sub(r"'([\w.\[\], |]+)'", r"\1", str(inspect.signature(thing)))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "()"


def llms(made: Mapping[str, str]) -> str:
    """`llms.txt`: which page says what, for programs that read instead of looking."""
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    lines = ["# storyboard", "", "> Write a film as plain text in git; compile it into text-to-video jobs.", ""]
    lines += ["Read language.md before you write a story. Every page is plain Markdown.", "", "## Pages", ""]
    lines += [f"- [{name}]({name}): {about}" for name, about in SUMMARY.findall(index) if name in made]
    lines += ["- [python-api.md](python-api.md): the Python API"]
    lines += [
        "- [json-documents.md](json-documents.md): every JSON document",
        "- [codes/index.md](codes/index.md): every code",
    ]
    return "\n".join((*lines, ""))


def write(source: Path, plain: Path) -> None:
    """Lay out what Sphinx reads, and what lies beside the site in plain Markdown."""
    made = pages()
    for name, text in made.items():
        for path, head in ((source / name, BESIDE_THE_TREE if is_code(name) else ""), (plain / name, "")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(head + text, encoding="utf-8")
    (plain / "llms.txt").write_text(llms(made), encoding="utf-8")
    shutil.copytree(DOCS / "images", source / "images")


def build(out: Path) -> int:
    """Build everything; the exit code."""
    from sphinx.cmd.build import main

    source, plain = out / "source", out / "plain"
    for folder in (source, plain):
        shutil.rmtree(folder, ignore_errors=True)
    write(source, plain)
    os.environ.update(STORYBOARD_ROOT=str(ROOT), STORYBOARD_PLAIN=str(plain))
    for builder in ("html", "man"):
        words = ["-W", "--keep-going", "-q", "-b", builder, "-c", str(SITE), "-d", str(out / "trees")]
        code = main([*words, str(source), str(out / builder)])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]).resolve()))
