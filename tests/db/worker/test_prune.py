"""Heartbeats and outages of long ago are forgotten; what readiness and notices still read stays."""

from tests.support.cast import Cast

_HEARTBEATS = """
insert into rubis.worker_heartbeat (worker, started_at, last_tick_at)
select 'crash:' || n, rubis.clock(), rubis.clock() - n * interval '1 second'
  from generate_series(1, 1500) as n
"""
_OUTAGES = """
insert into rubis.outage (kind, began_at, ended_at)
select k.kind, rubis.clock() - interval '5 years' + n * interval '1 hour',
       rubis.clock() - interval '5 years' + n * interval '1 hour' + interval '20 minutes'
  from generate_series(1, 1200) as n cross join (values ('ticks'), ('mail')) as k (kind)
"""


def workers(cast: Cast) -> list[str]:
    """Those with a heartbeat, the last one to tick first."""
    rows = cast.session.rows("select worker from rubis.worker_heartbeat order by last_tick_at desc")
    return [row["worker"] for row in rows]


def outages(cast: Cast) -> dict[str, int]:
    """How many there are, by kind."""
    rows = cast.session.rows("select kind, count(*) as n from rubis.outage group by kind order by kind")
    return {row["kind"]: row["n"] for row in rows}


def test_a_thousand_heartbeats_stay_at_most(cast: Cast) -> None:
    """A worker that dies at each start leaves one each time: those that ticked first go."""
    cast.dba(_HEARTBEATS)
    cast.worker("prune_heartbeats")
    assert workers(cast) == [f"crash:{n}" for n in range(1, 1001)]


def test_the_last_outage_of_each_kind_stays(cast: Cast) -> None:
    """It tells up to when failures were told of, however long ago that was."""
    cast.dba(_OUTAGES)
    for _ in range(3):
        cast.worker("prune_outages")
    assert outages(cast) == {"mail": 1, "ticks": 1}
    ended = "select min(ended_at) from rubis.outage"
    last = "select rubis.clock() - interval '5 years' + interval '1200 hours 20 minutes'"
    assert cast.session.value(ended) == cast.session.value(last)


def test_outages_go_a_thousand_at_a_time(cast: Cast) -> None:
    """The oldest first, so that no piece holds a worker up."""
    cast.dba(_OUTAGES)
    cast.worker("prune_outages")
    assert sum(outages(cast).values()) == 1400


def test_outages_of_the_last_two_years_stay(cast: Cast) -> None:
    """At two years to the microsecond an outage stays, and goes after that if another followed."""
    cast.dba(
        "insert into rubis.outage (kind, began_at, ended_at)"
        " select 'mail', e.ended_at - interval '1 hour', e.ended_at"
        " from (values (rubis.clock() - interval '2 years'), (rubis.clock())) as e (ended_at)"
    )
    cast.worker("prune_outages")
    assert outages(cast) == {"mail": 2}
    cast.clock.advance(microseconds=1)
    cast.worker("prune_outages")
    assert outages(cast) == {"mail": 1}
