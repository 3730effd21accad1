from __future__ import annotations

import gc

import pytest

from storyboard.project.garbage import uncollected


def test_garbage_is_looked_for_again_behind_it() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_also_behind_trouble_and_within_itself() -> None:
    with pytest.raises(KeyError), uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
