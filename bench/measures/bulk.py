"""Invoices inserted by one statement, with what the triggers add, beside the same rows written by hand."""

import time

from bench import loading, profile
from bench.ground import Connection, Database, Ground
from bench.results import Row
from bench.sizes import Sizes

_AIM = 0.7
_TABLES = ("invoice", "checkin_task", "relance", "activity_event")


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """One row. Each round begins with two fresh copies of the organizations, without invoices."""
    values = {
        "count": sizes.bulk,
        "organizations": sizes.organizations,
        "clients": loading.CLIENTS_PER_ORGANIZATION,
    }
    template = ground.organizations_template()
    rounds = []
    for _ in range(sizes.rounds):
        with ground.clone(template) as database:
            by_hand, wanted = _by_hand(database, values)
        with ground.clone(template) as database:
            ours, written = _by_triggers(database, values)
        if written != wanted:
            message = f"the triggers wrote {written}, by hand it was {wanted}"
            raise RuntimeError(message)
        rounds.append((ours, by_hand))
    return [
        Row.of_rounds(
            "bulk",
            f"{sizes.bulk:,} invoices inserted in one statement, with all their triggers add",
            "invoices/s",
            rounds,
            baseline_is="the same rows by set-based inserts, constraints kept, triggers off, invoices/s",
            aim=_AIM,
            evidence=f"Self time: {_profile(ground, template, values)}.",
        )
    ]


def _by_triggers(database: Database, values: dict[str, int]) -> tuple[float, object]:
    with database.session() as session:
        session.execute("set role rubis_owner")
        rate = _timed(session, "bulk", values)
        return rate, _written(session)


def _by_hand(database: Database, values: dict[str, int]) -> tuple[float, object]:
    with database.session() as session:
        session.execute("set role rubis_owner")
        for table in _TABLES:
            # `user`: all but the triggers that check foreign keys.
            session.execute(f"alter table rubis.{table} disable trigger user".encode())
        rate = _timed(session, "bulk_by_hand", values)
        return rate, _written(session)


def _timed(session: Connection, script: str, values: dict[str, int]) -> float:
    began = time.perf_counter()
    loading.run(session, script, **values)
    return values["count"] / (time.perf_counter() - began)


def _written(session: Connection) -> object:
    return session.execute(loading.script_text("bulk_written")).fetchone()


def _profile(ground: Ground, template: str, values: dict[str, int]) -> str:
    with ground.clone(template) as database:
        with database.session() as session:
            session.execute("set track_functions = 'all'")
            loading.run(session, "bulk", **values)
        return profile.self_times(database)
