"""Which record decides over purchases with a bucket is chosen once, however many machines choose at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from storyboard.bucket.identity import make_identity, read_identity, set_record
from storyboard.errors import StoreError
from tests.support.buckets import TestBucket


def test_machines_that_choose_the_same_ledger_at_one_moment_all_go_on(bucket: TestBucket) -> None:
    identity = make_identity(bucket.objects())
    with ThreadPoolExecutor(6) as pool:
        for chosen in [pool.submit(set_record, bucket.objects(), identity, "ledger-1") for _ in range(6)]:
            chosen.result()
    now = read_identity(bucket.objects())
    assert now is not None
    assert (now.id, now.salt, now.record) == (identity.id, identity.salt, "ledger-1")


def test_second_choice_of_another_ledger_is_refused(bucket: TestBucket) -> None:
    identity = make_identity(bucket.objects())
    set_record(bucket.objects(), identity, "ledger-1")
    with pytest.raises(StoreError, match="has changed"):
        set_record(bucket.objects(), identity, "ledger-2")
