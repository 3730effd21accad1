"""A long-lived process keeps its session: it reconnects for ever, and hears of news without relying on notices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.session_keeper import SessionKeeper
from storyboard.cluster.troubles import LedgerAway
from tests.support.attempts import an_attempt
from tests.support.farm import Farm, joined, wanted
from tests.support.postgres import running_server
from tests.support.waiting import until


@contextmanager
def kept(ledger: PostgresLedger) -> Iterator[tuple[SessionKeeper, list[int]]]:
    opened: list[int] = []
    with closing(SessionKeeper(ledger.session, lambda: opened.append(ledger.session.number))) as keeper:
        yield keeper, opened


def cut_all(farm: Farm) -> None:
    farm.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )


def test_lost_session_is_opened_again(farm: Farm) -> None:
    mei = farm.machine()
    with kept(mei) as (keeper, opened):
        permission = joined(mei, an_attempt())
        cut_all(farm)
        try:
            mei.history(["k1"])
        except LedgerAway:
            keeper.reconnect_soon()
        until(lambda: opened == [2] and mei.session.is_open)
        assert keeper.trouble is None
        assert not mei.may_send(permission), "what was decided in the old session is decided anew"
        assert mei.renew(permission) is None


def test_session_is_opened_again_however_long_the_server_was_away(tmp_path: Path) -> None:
    with running_server() as server, closing(Farm(server.address(), tmp_path)) as farm:
        mei = farm.machine()
        with kept(mei) as (keeper, opened):
            keeper.wait_for_news(0.3)
            server.kill()
            until(lambda: isinstance(keeper.trouble, LedgerAway))
            time.sleep(1.5)
            assert not opened and not mei.session.is_open
            server.start()
            until(lambda: opened == [2])
            assert mei.history(["k1"]) == {}


def test_notice_ends_the_wait_for_news(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    with kept(mei) as (keeper, _):
        while keeper.wait_for_news(1):
            pass  # the first reading of the tables
        thread = Timer(0.3, tom.want, [wanted("k1")])
        thread.start()
        until(keeper.wait_for_news)
        thread.join()


def test_lost_notices_only_cost_time(farm: Farm) -> None:
    """Nobody is told anything, and the tables are read all the same."""
    mei = farm.machine()
    with kept(mei) as (keeper, _):
        farm.sql("SELECT 1")
        until(lambda: not keeper.wait_for_news(0.2))


def test_holder_reports_that_it_is_alive(farm: Farm) -> None:
    mei = farm.machine()
    before = farm.sql("SELECT spoke_at FROM storyboard.holders")
    mei.session.speak()
    assert farm.sql("SELECT spoke_at FROM storyboard.holders") > before
