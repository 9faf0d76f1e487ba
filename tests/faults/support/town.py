"""Many organizations with many open invoices, which fall due second by second."""

from datetime import datetime, time, timedelta
from typing import Any, Literal

from tests.faults.support.site import Site
from tests.support.cast import connected
from tests.support.database import Database
from tests.support.letters import proven
from tests.support.line import Token
from tests.support.ticker import Ticker
from tests.support.waiting import until

Table = Literal["checkin_task", "relance"]

QUESTIONS_PER_MAIL = 10

_DUE = {"checkin_task": "scheduled_at", "relance": "next_look_at"}
"""When a row of a table is due."""

_INSERT = """
with made as (
  insert into rubis.client (organization_id, name, email)
  select %(organization)s, 'Client ' || n, 'c' || n || '@o' || %(organization)s || '.clients.test'
    from generate_series(1, %(clients)s) as n
  returning organization_id, client_id
)
insert into rubis.invoice (
  organization_id, client_id, number, issued_on, due_on, amount_cents, currency)
select organization_id, client_id, 'F-' || client_id || '-' || n, %(due_on)s::date - 30, %(due_on)s,
       120000, 'EUR'
  from made cross join generate_series(1, %(each)s) as n
"""
_QUEUED = "select organization_id, mail_id from rubis.mail where kind = 'questions' and status = 'queued'"
_ASKED = "select count(*) from rubis.checkin_task where status in ('sent', 'answered')"
_PENDING = """
select count(*) filter (where a.outcome = 'pending')
  from rubis.mail_item as x
 cross join lateral api.answer_checkin(
   p_token_hash => x.token_hash, p_answer => 'pending', p_user_agent => null) as a
 where x.checkin_task_id is not null
"""


class Town:
    """Organizations whose check-ins, and later relances, fall due one after the other.

    Their users have proven their addresses. A mail asks ten questions at most.
    """

    def __init__(
        self,
        site: Site,
        organizations: int,
        invoices: int,
        seconds: float,
        per_client: int = 1,
        **settings: Any,
    ) -> None:
        """`invoices` in each of the organizations; all fall due within about so many seconds.

        Each client has `per_client` of them, and an address of its own. `settings` are columns of the
        organizations.
        """
        self.site = site
        self.emails: list[str] = []
        self.organization_ids: list[int] = []
        database = site.database
        today: datetime = database.clock.now()
        due_on = (today + timedelta(days=30)).date()
        step = round(seconds / organizations)
        for number in range(organizations):
            with connected(database) as cast:
                self.emails.append(cast.email)
                self.organization_ids.append(cast.organization_id)
                since = timedelta(seconds=number * step)
                proven(cast)
                cast.settings(
                    checkin_time=_time(9, since),
                    relance_time=_time(10, since),
                    questions_per_mail=QUESTIONS_PER_MAIL,
                    **settings,
                )
                database.owner().execute(
                    _INSERT,
                    {
                        "organization": cast.organization_id,
                        "clients": invoices // per_client,
                        "each": per_client,
                        "due_on": due_on,
                    },
                )
        self.clients = organizations * (invoices // per_client)
        self.count = self.clients * per_client

    def let_them_fall_due(self, table: Table) -> None:
        """Set the clock to a few seconds before the first check-in, or relance, is due."""
        database = self.site.database
        first: datetime = database.admin.value(
            f"select min({_DUE[table]}) from rubis.{table} where status = 'scheduled'"
        )
        advance_to(database, first - timedelta(seconds=3))

    def answer_all_pending(self) -> None:
        """All were asked and have answered that they were not paid: only time stands before the relances."""
        database = self.site.database
        advance_to(database, database.admin.value("select max(scheduled_at) from rubis.checkin_task"))
        ticker = Ticker(database)

        def all_asked() -> bool:
            # A tick of a worker that was just suspended may hold rows for a moment more.
            ticker.tick()
            _mail_questions(ticker)
            return bool(database.admin.value(_ASKED) == self.count)

        until(all_asked, "not all check-ins could be asked")
        assert database.admin.value(_PENDING) == self.count


def _mail_questions(ticker: Ticker) -> None:
    """Begin and finish every queued mail of questions, as a worker does, without a mail."""
    pairs = [[row["organization_id"], row["mail_id"]] for row in ticker.session.rows(_QUEUED)]
    if not pairs:
        return
    begun = ticker.worker(
        "begin_mails",
        mails=ticker.json(pairs),
        message_ids=[f"<{mail_id}.{organization_id}@town.test>" for organization_id, mail_id in pairs],
        token_hashes=[Token.new() for _ in range(QUESTIONS_PER_MAIL * len(pairs))],
    )
    ticker.worker(
        "finish_mails",
        results=ticker.json(
            [
                {name: mail[name] for name in ("organization_id", "mail_id", "attempt")}
                for mail in begun
                if "skip_reason" not in mail
            ]
        ),
    )


def advance_to(database: Database, instant: datetime) -> None:
    """Let time pass until this instant, and run on from there."""
    database.clock.advance(seconds=(instant - database.clock.now()).total_seconds())


def drain(site: Site, table: Table, seconds: float = 180) -> None:
    """Let time pass until everything of this table that is due has had its mail: leases first, then waits.

    The clock is moved only while no mail is leased, so that no worker loses a lease it would have kept.
    """

    def done() -> bool:
        left = counts(site.database, table)
        if left["leased"] == 0 and left["due"] == 0 and left["next_at"] is not None:
            advance_to(site.database, left["next_at"])
        return bool(left["leased"] == 0 and left["due"] == 0 and left["next_at"] is None)

    until(done, lambda: f"not drained: {counts(site.database, table)}", seconds)


def counts(database: Database, table: Table) -> dict[str, Any]:
    """How many mails are leased, how much is due, and when within the hour the next of what waits is.

    What is due and waits for a mail of its organization that is tried again later waits with it.
    """
    return database.admin.row(
        f"""
        select (select count(*) from rubis.mail where status in ('queued', 'sending')) as leased,
               (select count(*) from rubis.mail
                 where status = 'scheduled' and next_attempt_at <= rubis.clock())
               + (select count(*) from rubis.{table} as t
                   where t.status = 'scheduled' and t.{_DUE[table]} <= rubis.clock()
                     and not exists (
                       select from rubis.mail as m
                        where m.organization_id = t.organization_id and m.status = 'scheduled')) as due,
               (select min(at) from (
                  select next_attempt_at as at from rubis.mail where status = 'scheduled'
                   union all
                  select {_DUE[table]} from rubis.{table} where status = 'scheduled') as w
                 where at > rubis.clock() and at < rubis.clock() + interval '1 hour') as next_at
        """
    )


def _time(hour: int, since: timedelta) -> time:
    return (datetime(2000, 1, 1, hour) + since).time()  # noqa: DTZ001  a time of day
