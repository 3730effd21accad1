"""The tools that people would use in our place: how the same number of jobs is written for each, and its commands.

A job of a peer copies a small file. A job of ours is a clip that was rendered, kept, checked and joined into a film of
100 jobs, or of 20, as most films are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.tools import Bench

JOBS_A_STORY, JOBS_A_SHORT_FILM = 100, 20
SHORT_FILMS = f"storyboard build, films of {JOBS_A_SHORT_FILM} jobs"
OUT = "out/0"
"""What a peer makes anew when `in/0` was edited."""
REBUILT = tuple(
    f"build/film000/{name}" for name in (r"clips/0*1-main-1\.mp4", r"film000\.mp4", "index.html", "manifest.json")
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its work, how that is brought up to date the first time, and the command that then has nothing to do.

    When the first input was edited, the command makes one file anew for each pattern of `touches`, and says what the
    pattern `says` finds.
    """

    name: str
    place: str
    write: Callable[[Path, int], None]
    first: tuple[str, ...]
    command: tuple[str, ...]
    touches: tuple[str, ...] = (OUT,)
    says: str = ""

    @property
    def ours(self) -> bool:
        """Whether it is storyboard."""
        return self.name.startswith("storyboard")


def tools(bench: Bench) -> Iterator[Tool]:
    """All that are there, ours first."""
    yield from _ours(str(bench.storyboard))
    yield from filter(None, (_peer(bench, *each) for each in _PEERS))


def _ours(program: str) -> Iterator[Tool]:
    build = (program, "build")
    plan = (program, "plan", "--provider", "animatic")
    yield Tool("storyboard build", "stories", write_stories, build, build, REBUILT, r"film000\.mp4")
    short = partial(write_stories, jobs_a_story=JOBS_A_SHORT_FILM)
    yield Tool(SHORT_FILMS, "short-films", short, build, build, REBUILT, r"film000\.mp4")
    yield Tool("storyboard plan", "stories", write_stories, build, plan, (), r"to render: 1 job, ")
    yield Tool("storyboard lint", "stories", write_stories, build, (program, "lint"), ())


def _peer(
    bench: Bench, name: str, write: Callable[[Path, int], None], command: str, first: str = "", says: str = ""
) -> Tool | None:
    words = command.split()
    program = bench.program(words[0])
    if program is None:
        return None
    whole = (program, *words[1:])
    begun = (*whole, *first.split()) if first != "-" else ()
    return Tool(name, name.replace(" ", "-"), write, begun, whole, () if says else (OUT,), says)


def write_stories(place: Path, jobs: int, jobs_a_story: int = JOBS_A_STORY) -> None:
    """Stories of at most so many shots, each shot a job of its own."""
    (place / "storyboard.toml").write_text("[animatic]\nwidth = 64\nfps = 1\n", encoding="utf-8")
    for story in range(-(-jobs // jobs_a_story)):
        top = f'edition 1\n\nstory "Film {story}"\n  .model kirin_v3_t2v\n'
        numbers = range(story * jobs_a_story, min(jobs, (story + 1) * jobs_a_story))
        shots = "".join(f"\nshot s{number} 3s\n  .pack shot\n  Boat number {number}.\n" for number in numbers)
        (place / f"film{story:03}.story").write_text(top + shots, encoding="utf-8")


def _inputs(place: Path, jobs: int, done: bool = False) -> None:
    """The files that are copied, with `done` the copies too."""
    for name in ("in", "out"):
        (place / name).mkdir(exist_ok=True)
    for number in range(jobs):
        for name in ("in", "out") if done else ("in",):
            (place / name / str(number)).write_text(_text(number), encoding="utf-8")


def _text(number: int) -> str:
    return f"Boat number {number}.\n"


def _make(place: Path, jobs: int) -> None:
    _inputs(place, jobs)
    outs = " ".join(f"out/{number}" for number in range(jobs))
    rules = "".join(f"out/{number}: in/{number}\n\tcp $< $@\n" for number in range(jobs))
    (place / "Makefile").write_text(f"all: {outs}\n{rules}", encoding="utf-8")


def _ninja(place: Path, jobs: int) -> None:
    _inputs(place, jobs)
    rules = "".join(f"build out/{number}: copy in/{number}\n" for number in range(jobs))
    (place / "build.ninja").write_text(f"rule copy\n  command = cp $in $out\n{rules}", encoding="utf-8")


def _doit(place: Path, jobs: int) -> None:
    _inputs(place, jobs)
    (place / "dodo.py").write_text(
        "import shutil\n\ndef task_copy():\n"
        f"    for n in map(str, range({jobs})):\n"
        "        yield {'name': n, 'actions': [(shutil.copyfile, ['in/' + n, 'out/' + n])],\n"
        "               'file_dep': ['in/' + n], 'targets': ['out/' + n]}\n\n"
        "DOIT_CONFIG = {'verbosity': 0}\n",
        encoding="utf-8",
    )


def _scons(place: Path, jobs: int) -> None:
    _inputs(place, jobs)
    (place / "SConstruct").write_text(
        "env = Environment(tools=[])\n"
        f"for n in map(str, range({jobs})):\n    env.Command('out/' + n, 'in/' + n, Copy('$TARGET', '$SOURCE'))\n",
        encoding="utf-8",
    )


def _snakemake(place: Path, jobs: int) -> None:
    _inputs(place, jobs, done=True)
    (place / "Snakefile").write_text(
        f"rule all:\n    input: expand('out/{{n}}', n=range({jobs}))\n\n"
        "rule copy:\n    input: 'in/{n}'\n    output: 'out/{n}'\n    shell: 'cp {input} {output}'\n",
        encoding="utf-8",
    )


def _dvc(place: Path, jobs: int) -> None:
    """Its lock is written as it would write it: running so many stages takes minutes."""
    _inputs(place, jobs, done=True)
    (place / ".dvc" / "tmp").mkdir(parents=True, exist_ok=True)
    (place / ".dvc" / "config").write_text("[core]\n    no_scm = True\n    analytics = false\n", encoding="utf-8")
    stages, locked = ["stages:"], ["schema: '2.0'", "stages:"]
    for number in range(jobs):
        text = _text(number)
        told = f"hash: md5, md5: {hashlib.md5(text.encode()).hexdigest()}, size: {len(text)}"
        command = f"cmd: cp in/{number} out/{number}"
        stages.append(f"  s{number}: {{{command}, deps: [in/{number}], outs: [out/{number}: {{cache: false}}]}}")
        deps, outs = f"deps: [{{path: in/{number}, {told}}}]", f"outs: [{{path: out/{number}, {told}}}]"
        locked.append(f"  s{number}: {{{command}, {deps}, {outs}}}")
    (place / "dvc.yaml").write_text("\n".join(stages) + "\n", encoding="utf-8")
    (place / "dvc.lock").write_text("\n".join(locked) + "\n", encoding="utf-8")


_PEERS: tuple[tuple[str, Callable[[Path, int], None], str, str, str], ...] = (
    ("GNU make", _make, "make -rRs", "", ""),
    ("ninja", _ninja, "ninja --quiet", "", ""),
    ("doit", _doit, "doit -v0", "", ""),
    ("SCons", _scons, "scons -Q -s", "", ""),
    ("Snakemake", _snakemake, "snakemake -q all --cores 1", "--touch", ""),
    ("DVC status", _dvc, "dvc status", "-", r"\As0:\s+changed deps:\s+modified:\s+in/0\s*\Z"),
    ("DVC repro", _dvc, "dvc repro -q", "-", ""),
)
"""Name, work, command, what is added to it the first time (`-`: it is not run), and what it says where it makes nothing
itself."""
