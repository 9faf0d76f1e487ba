"""Many organizations with many open invoices, which fall due second by second."""

from datetime import datetime, time, timedelta
from typing import Any

from tests.faults.support.site import Site
from tests.support.cast import connected
from tests.support.database import Database
from tests.support.waiting import until

_INSERT = """
with made as (
  insert into rubis.client (organization_id, name, email)
  select %(organization)s, 'Client ' || n, 'c' || n || '@o' || %(organization)s || '.clients.test'
    from generate_series(1, %(count)s) as n
  returning organization_id, client_id
)
insert into rubis.invoice (
  organization_id, client_id, number, issued_on, due_on, amount_cents, currency)
select organization_id, client_id, 'F-' || client_id, %(due_on)s::date - 30, %(due_on)s, 120000, 'EUR'
  from made
"""
# As a worker and a person do it, through the same functions, without a mail.
_ASK = """
select count(*) from (
  select worker.begin_checkin_send(
           t.organization_id, t.checkin_task_id, sha256(t.checkin_task_id::text::bytea))
    from rubis.checkin_task as t where t.status = 'queued') as begun
"""
_ACCEPT = """
select count(*) from (
  select worker.finish_checkin_send(
           m.organization_id, m.checkin_mail_id, '<' || m.checkin_mail_id || '@town.test>')
    from rubis.checkin_mail as m where m.accepted_at is null) as accepted
"""
_PENDING = """
select count(*) filter (where a.outcome = 'pending') from rubis.checkin_mail as m
 cross join lateral api.answer_checkin(
   p_token_hash => m.token_hash, p_answer => 'pending', p_user_agent => null) as a
"""


class Town:
    """Organizations whose check-ins, and later relances, fall due one after the other."""

    def __init__(self, site: Site, organizations: int, invoices: int, seconds: float) -> None:
        """`invoices` in each of the organizations; all fall due within about so many seconds."""
        self.site = site
        self.emails: list[str] = []
        database = site.database
        today: datetime = database.clock.now()
        due_on = (today + timedelta(days=30)).date()
        step = max(1, round(seconds / organizations))
        for number in range(organizations):
            with connected(database) as cast:
                self.emails.append(cast.email)
                since = timedelta(seconds=number * step)
                database.owner().execute(
                    "update rubis.organization set checkin_time = %s, relance_time = %s"
                    " where organization_id = %s",
                    [_time(9, since), _time(10, since), cast.organization_id],
                )
                database.owner().execute(
                    _INSERT, {"organization": cast.organization_id, "count": invoices, "due_on": due_on}
                )
        self.count = organizations * invoices

    def let_them_fall_due(self, table: str) -> None:
        """Set the clock to a few seconds before the first check-in, or relance, is due."""
        database = self.site.database
        first: datetime = database.admin.value(
            f"select min(next_attempt_at) from rubis.{table} where status = 'scheduled'"
        )
        advance_to(database, first - timedelta(seconds=3))

    def answer_all_pending(self) -> None:
        """All were asked and have answered that they were not paid: only time stands before the relances."""
        database = self.site.database
        advance_to(database, database.admin.value("select max(next_attempt_at) from rubis.checkin_task"))
        worker = database.worker()

        def all_asked() -> bool:
            # A tick of a worker that was just suspended may hold rows for a moment more.
            worker.call("worker.tick", p_worker="the town", p_limit=5000)
            database.admin.value(_ASK)
            database.admin.value(_ACCEPT)
            asked = "select count(*) from rubis.checkin_task where status in ('sent', 'answered')"
            return bool(database.admin.value(asked) == self.count)

        until(all_asked, "not all check-ins could be asked")
        assert database.admin.value(_PENDING) == self.count


def advance_to(database: Database, instant: datetime) -> None:
    """Let time pass until this instant, and run on from there."""
    database.clock.advance(seconds=(instant - database.clock.now()).total_seconds())


def drain(site: Site, table: str, seconds: float = 180) -> None:
    """Let time pass until everything of this table that is due has had its mail: leases first, then waits.

    The clock is moved only while nothing is leased, so that no worker loses a lease it would have kept.
    """

    def done() -> bool:
        left = counts(site.database, table)
        if left["leased"] == 0 and left["mail_leased"] == 0 and left["waiting"] > 0 and left["due"] == 0:
            advance_to(site.database, left["next_at"])
        return bool(left["leased"] + left["waiting"] + left["due"] == 0)

    until(done, lambda: f"not drained: {counts(site.database, table)}", seconds)


def counts(database: Database, table: str) -> dict[str, Any]:
    """How many rows are leased, due, or wait for a later attempt, which must be within the hour."""
    return database.admin.row(
        f"""
        select count(*) filter (where status in ('queued', 'sending')) as leased,
               count(*) filter (where status = 'scheduled' and next_attempt_at <= rubis.clock()) as due,
               count(*) filter (where status = 'scheduled' and next_attempt_at > rubis.clock()
                 and next_attempt_at < rubis.clock() + interval '1 hour') as waiting,
               min(next_attempt_at) filter (
                 where status = 'scheduled' and next_attempt_at > rubis.clock()) as next_at,
               (select count(*) from rubis.user_mail where status in ('queued', 'sending')) as mail_leased
          from rubis.{table}
        """
    )


def _time(hour: int, since: timedelta) -> time:
    return (datetime(2000, 1, 1, hour) + since).time()  # noqa: DTZ001  a time of day
