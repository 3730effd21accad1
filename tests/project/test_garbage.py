from __future__ import annotations

import gc

import pytest

from storyboard.project.check import uncollected


def test_collector_resumes_after_the_block() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collector_resumes_after_errors_and_nesting() -> None:
    with pytest.raises(KeyError), uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
