"""The package's structure: every public class has a name of its own, and no two modules import each other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "storyboard"
TESTS = PACKAGE.parent / "tests"
TIMER = re.compile(r"\b(perf_counter|process_time|thread_time|timeit)\b")
COMPARED = re.compile(r"\btime\.monotonic\(\) - \w+ <|\btime\.time\(\) - \w+ <")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module's syntax tree by its full name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def imports_of(tree: ast.Module, known: Mapping[str, ast.Module]) -> set[str]:
    """Modules of the package that a module imports anywhere: at its top, in a function, or for types alone."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "imports are absolute"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in known else node.module)
    return found & known.keys()


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """The modules of one import cycle, in order; empty where there is none."""
    done: set[str] = set()
    path: dict[str, None] = {}

    def visit(module: str) -> list[str]:
        if module in path:
            names = list(path)
            return [*names[names.index(module) :], module]
        if module in done:
            return []
        path[module] = None
        for imported in sorted(graph[module]):
            if cycle := visit(imported):
                return cycle
        del path[module]
        done.add(module)
        return []

    return next((cycle for module in sorted(graph) if (cycle := visit(module))), [])


def public_classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


def test_no_public_class_name_occurs_twice() -> None:
    places = defaultdict(list)
    for module, tree in modules().items():
        for each in public_classes(tree):
            places[each.name].append(f"{module}:{each.lineno}")
    twice = [f"{name}: {', '.join(where)}" for name, where in sorted(places.items()) if len(where) > 1]
    assert not twice, "one word, one type: rename all but one of\n" + "\n".join(twice)


def test_no_modules_import_each_other_in_a_cycle() -> None:
    known = modules()
    cycle = cycle_in({name: imports_of(tree, known) - {name} for name, tree in known.items()})
    assert not cycle, " imports ".join(cycle)


def test_check_finds_a_cycle() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c", "b"]
    assert cycle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


ARCHITECTURE = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")


def test_architecture_lists_every_package_and_a_file_to_open_first_in_each() -> None:
    rows = re.findall(r"^\| (`.+`) \| .+ \| (?:`(.+)`)? \|$", ARCHITECTURE, re.MULTILINE)
    first = {name: file for names, file in rows for name in re.findall(r"`([^`]+)`", names)}
    top = {path for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    packages = {f"{path.name}/" for path in top if path.is_dir()} | {path.name for path in top if path.suffix == ".py"}
    assert packages - {"grammar/"} == first.keys() - {"grammar/"}
    for name, file in first.items():
        folder = PACKAGE / name if name != "grammar/" else PACKAGE.parent / name
        assert not folder.is_dir() or (folder / file).is_file(), f"{name}{file}"


def test_architecture_names_only_files_that_exist() -> None:
    for name in re.findall(r"`([\w/.]+/[\w.]+\.py)`", ARCHITECTURE):
        assert (PACKAGE / name).is_file() or (PACKAGE.parent / name).is_file(), name


def test_dataclasses_are_the_fast_ones() -> None:
    """`asdict` alone is taken from the standard library: ours is a `dataclass` without its cost at every start."""
    found = [
        f"{module}:{node.lineno} {alias.name}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses" and module != "storyboard.fast_dataclasses"
        for alias in node.names
        if alias.name != "asdict"
    ]
    assert not found, "import from storyboard.fast_dataclasses: " + ", ".join(found)


def test_patterns_of_modules_are_compiled_on_first_use() -> None:
    found = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "re.compile"
        and not ast.unparse(node.args[0]).startswith(("b", "rb"))
    ]
    assert not found, "use storyboard.files.lazy_pattern: " + ", ".join(found)


def test_named_tuples_are_the_fast_ones() -> None:
    found = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and module != "storyboard.fast_named_tuples"
        for alias in node.names
        if (node.module, alias.name) in {("typing", "NamedTuple"), ("collections", "namedtuple")}
    ]
    assert not found, "import NamedTuple from storyboard.fast_named_tuples: " + ", ".join(found)


def test_no_test_passes_or_fails_by_the_speed_of_the_machine() -> None:
    """Speed is measured in bench/. A test counts steps, or has a limit that only a hang reaches."""
    timed = [
        f"{path.name}: {line.strip()}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if (TIMER.search(line) or (COMPARED.search(line) and "PATIENCE" not in line))
        and path.name != Path(__file__).name
    ]
    assert timed == []
