"""Where the time of stored functions goes, as PostgreSQL itself counts it."""

from bench.ground import Connection, Database

_SELF_TIMES = b"""
select f.schemaname || '.' || f.funcname, f.self_time
  from pg_stat_user_functions as f
 where f.schemaname in ('api', 'worker', 'rubis') and f.self_time > 0
 order by f.self_time desc
"""
_SHOWN = 5


def count_functions(session: Connection, role: str) -> None:
    """From the next session of `role` on, count the time of each function, which costs time itself."""
    session.execute(f"alter role {role} set track_functions = 'all'".encode())
    session.execute("select pg_stat_reset()")


def stop_counting(session: Connection, role: str) -> None:
    """The opposite."""
    session.execute(f"alter role {role} reset track_functions".encode())


def self_times(database: Database) -> str:
    """The functions that took most time in their own statements, triggers' apart, each with its share."""
    with database.session() as session:
        rows = session.execute(_SELF_TIMES).fetchall()
    total = sum(own for _, own in rows)
    return ", ".join(f"{name} {own / total:.0%}" for name, own in rows[:_SHOWN])
