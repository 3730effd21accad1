from __future__ import annotations

import os
from pathlib import Path

import pytest

from storyboard.diagnostics import Outcome
from storyboard.errors import UsageError
from storyboard.source import Position, Source
from storyboard.syntax import Loader, project_root
from storyboard.syntax.tree import Unit


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.story").write_text(text, "utf-8")


def found(outcome: Outcome[Unit]) -> list[tuple[str, str, Position]]:
    return [(d.code, d.span.source.path.stem, d.span.position) for d in outcome.diagnostics]


def test_imports_are_loaded_with_their_own_mistakes_and_shared(tmp_path: Path) -> None:
    write(tmp_path, a='import "b.story"\nimport "c.story" as c\n', b='import "c.story"\nlet x\n', c="let y = 1\n")
    loader = Loader(tmp_path)
    outcome = loader.load(tmp_path / "a.story")
    assert outcome.value is not None
    [(_, b), (_, c)] = outcome.value.imports
    assert b.imports[0][1] is c
    assert found(outcome) == [("SB019", "b", (2, 1))]
    again = loader.load(tmp_path / "b.story")
    assert again.value is b
    assert found(again) == found(outcome)


def test_a_missing_import_names_its_place_and_the_file_that_was_meant(tmp_path: Path) -> None:
    write(tmp_path, main='import "hose.story"\nimport "house"\nimport ""\n', house="let x = 1\n")
    outcome = Loader(tmp_path).load(tmp_path / "main.story")
    assert found(outcome) == [("SB030", "main", (1, 8)), ("SB030", "main", (2, 8)), ("SB030", "main", (3, 8))]
    assert [d.help for d in outcome.diagnostics][:2] == ["did you mean `house.story`?"] * 2


def test_misspelt_import_is_followed_with_one_error(tmp_path: Path) -> None:
    write(tmp_path, main="import house.story\nimport nowhere.story\n", house="let x\n")
    outcome = Loader(tmp_path).load(tmp_path / "main.story")
    assert found(outcome) == [("SB019", "house", (1, 1)), ("SB014", "main", (1, 8)), ("SB014", "main", (2, 8))]


def test_an_import_stays_in_the_project_links_resolved(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    write(outside, secret="let x = 1\n")
    (inside / "link.story").symlink_to(outside / "secret.story")
    write(inside, main=f'import "../out/secret.story"\nimport "link.story"\nimport "{outside}/secret.story"\n')
    outcome = Loader(inside).load(inside / "main.story")
    assert [code for code, _, _ in found(outcome)] == ["SB031"] * 3
    assert not found(Loader(tmp_path).load(inside / "main.story"))


@pytest.mark.posix("it has no pipes among its files")
def test_folders_pipes_and_link_loops_are_not_files(tmp_path: Path) -> None:
    (tmp_path / "folder.story").mkdir()
    os.mkfifo(tmp_path / "pipe.story")
    (tmp_path / "loop.story").symlink_to("loop.story")
    write(tmp_path, main='import "folder.story"\nimport "pipe.story"\nimport "loop.story"\nimport "main.story/x"\n')
    outcome = Loader(tmp_path).load(tmp_path / "main.story")
    assert [code for code, _, _ in found(outcome)] == ["SB033", "SB033", "SB033", "SB030"]
    for name in ("folder", "pipe", "loop", "nothing"):
        with pytest.raises(UsageError, match=name):
            Loader(tmp_path).load(tmp_path / f"{name}.story")


def test_import_cycle_is_one_error_at_the_requested_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='let x = 1\nimport "b.story"\nimport "d.story"\n',
        b='import "c.story"\n',
        c='import "b.story"\n',
        d='import "c.story"\n',
    )
    outcome = Loader(tmp_path).load(tmp_path / "a.story")
    assert found(outcome) == [("SB032", "a", (2, 8))]
    [circle] = outcome.diagnostics
    assert [related.message for related in circle.related] == [
        "`b.story` imports `c.story`",
        "`c.story` imports `b.story`",
    ]


def test_import_cycle_is_one_error_per_run(tmp_path: Path) -> None:
    write(tmp_path, a='import "b.story"\n', b='import "a.story"\n')
    loader = Loader(tmp_path)
    assert found(loader.load(tmp_path / "a.story")) == [("SB032", "a", (1, 8))]
    assert found(loader.load(tmp_path / "b.story")) == []
    assert found(Loader(tmp_path).load(tmp_path / "b.story")) == [("SB032", "b", (1, 8))]


def test_a_file_that_imports_itself(tmp_path: Path) -> None:
    write(tmp_path, a='import "a.story"\nimport "./a.story" as b\n')
    assert found(Loader(tmp_path).load(tmp_path / "a.story")) == [("SB032", "a", (1, 8))]


def test_a_long_chain_of_imports_is_followed(tmp_path: Path) -> None:
    for number in range(1500):
        write(tmp_path, **{f"f{number}": f'import "f{number + 1}.story"\n'})
    assert found(Loader(tmp_path).load(tmp_path / "f0.story")) == [("SB030", "f1499", (1, 8))]


def test_undecodable_text_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "house.story").write_bytes(b"let x\xff\nlet\n")
    write(tmp_path, main='import "house.story"\nlet a = {{ x }}\n')
    outcome = Loader(tmp_path).load(tmp_path / "main.story")
    assert found(outcome) == [("SB001", "house", (1, 6))]
    assert outcome.value is not None
    assert outcome.value.imports == ()


def test_standard_input_imports_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, house="let x = 1\n")
    outcome = Loader(project_root(Path("-"))).load_source(Source(Path("-"), 'import "house.story"\n'))
    assert outcome.value is not None
    assert len(outcome.value.imports) == 1
    assert not outcome.diagnostics


def test_project_root_is_the_folder_with_its_marker(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "storyboard.toml").touch()
    (tmp_path / "a" / ".git").mkdir()
    assert project_root(deep / "x.story") == tmp_path
    (tmp_path / "storyboard.toml").unlink()
    assert project_root(deep / "x.story") == tmp_path / "a"
    assert project_root(deep) == tmp_path / "a"
