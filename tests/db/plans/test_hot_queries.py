"""The hot queries stay on their indexes at 100,000 invoices.

The statements live inside functions: EXPLAIN would need copies of them, and a copy proves nothing about the
function; auto_explain, which looks inside, is not part of the embedded server. So each function is called as
its role, often enough for its statements to have their generic plans, and the server's own counters tell what
the last call did: no sequential scan of a table that grows, no more rows fetched than the answer needs
(pg_stat_xact_user_tables, exact within the transaction), by the indexes that are there for it
(pg_stat_user_indexes).
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from tests.support.cast import Cast

GROWING = [
    *("access_token", "client", "invoice", "checkin_task", "mail", "mail_attempt", "mail_item"),
    *("checkin_click", "relance", "activity_event", "rubis_entry"),
]
TIMES_UNTIL_GENERIC = 7
"""plpgsql plans a statement's first five calls each for their own values."""

CURSOR = "MTc0ODczNjAwMDAwMDAwMC41MDA"
"""1 June 2025, id 500: far down every list."""

NEWEST = "-created_at.1748736000000000.500"
"""The same place in a sorted list."""

OPEN, CLIENT = 213, 10_001
"""In the busy organization: an open invoice that is scheduled, and a client."""

Act = Callable[[], object]


class Hot(NamedTuple):
    """A call: what makes it, how many rows it may fetch, the indexes it must use."""

    name: str
    prepare: Callable[[Cast], Act]
    rows: int
    indexes: set[str]


def tenth(function: str, **params: Any) -> Callable[[Cast], Act]:
    """The same of an organization that has 10 % of all: what counts all of its own reads an index alone."""
    return busy(function, signed_in=b"1", **params)


def busy(function: str, signed_in: bytes = b"0", **params: Any) -> Callable[[Cast], Act]:
    """Call an api function as the user of the organization that has 70 % of all."""
    access = hashlib.sha256(signed_in).digest()
    return lambda cast: lambda: cast.public(function, access_token_hash=access, **params)


def place(text: str) -> str:
    """The cursor of a place in a sorted list."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def own(act: Callable[[Cast, int], object]) -> Callable[[Cast], Act]:
    """Do something with an invoice of the cast's own, issued before."""

    def prepare(cast: Cast) -> Act:
        invoice_id = cast.invoice()
        return lambda: act(cast, invoice_id)

    return prepare


def asked(answer: str) -> Callable[[Cast], Act]:
    """Click a link that was mailed before."""

    def prepare(cast: Cast) -> Act:
        token = cast.ask(cast.invoice(due_on=date(2026, 3, 1)))
        return lambda: cast.click(token, answer)

    return prepare


def attempted(end: Callable[[Cast, Any], None]) -> Callable[[Cast], Act]:
    """End an attempt that was begun before."""

    def prepare(cast: Cast) -> Act:
        begun = cast.sending(cast.invoice(due_on=date(2026, 3, 1)))
        return lambda: end(cast, begun)

    return prepare


def a_day_later(cast: Cast) -> Act:
    """The tick of the busy organization with work of every kind: questions unanswered, questions due."""
    cast.clock.set("2026-03-03 09:00 UTC")
    return lambda: cast.worker("tick_organization", organization_id=1, limit=20)


def due(cast: Cast) -> Act:
    """Which organizations have something due."""
    cast.clock.set("2026-03-03 09:00 UTC")
    return lambda: cast.worker("due_organizations", worker="test:1", limit=100)


def queued(cast: Cast) -> Act:
    """Begin a mail of questions of the busy organization, of which thousands are due."""
    cast.clock.set("2026-03-20 09:00 UTC")
    (mail,) = cast.dba(
        "insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)"
        " values (1, 1, 'questions', rubis.clock()) returning mail_id"
    )
    cast.worker("queue_mails", mails=cast.json([[1, mail["mail_id"]]]))
    hashes = [bytes([number]) * 32 for number in range(30)]
    return lambda: cast.worker(
        "begin_mails",
        mails=cast.json([[1, mail["mail_id"]]]),
        message_ids=["<hot@rubis.test>"],
        token_hashes=hashes,
    )


def reopen(cast: Cast, invoice_id: int) -> None:
    """Pay and reopen."""
    cast.update(invoice_id, status="paid")
    cast.update(invoice_id, status="open")


CALLS = [
    Hot("access token", busy("get_client", client_id=CLIENT), 5, {"access_token__token_hash"}),
    # The letter ahead may be about the client's other invoices too.
    Hot("invoice", busy("get_invoice", invoice_id=OPEN), 80, {"invoice__pkey", "checkin_task__invoice_id"}),
    Hot("invoices", tenth("list_invoices", limit=20), 250, {"invoice__created_at", "invoice__due_on"}),
    Hot(
        "invoices below", tenth("list_invoices", limit=20, cursor=place(NEWEST)), 250, {"invoice__created_at"}
    ),
    Hot("open", tenth("list_invoices", limit=20, view="open"), 250, {"invoice__due_on"}),
    Hot("largest", tenth("list_invoices", limit=20, sort="-amount"), 250, {"invoice__due_on"}),
    Hot(
        "cancelled below",
        tenth("list_invoices", limit=20, view="cancelled", cursor=place(NEWEST)),
        *(250, {"invoice__status_created_at"}),
    ),
    Hot(
        "today",
        busy("show_today"),
        *(
            1700,
            {"checkin_task__due", "relance__due", "relance__held", "relance__undecided", "invoice__owed"},
        ),
    ),
    Hot("of a client", tenth("list_invoices", client_id=20_001), 250, {"invoice__client_id"}),
    Hot("search", tenth("list_invoices", limit=20, q="F-7777"), 6_000, {"invoice__due_on"}),
    Hot("clients", tenth("list_clients", limit=20), 6_000, {"client__created_at", "invoice__due_on"}),
    Hot("client", tenth("show_client", client_id=20_001), 200, {"invoice__client_id"}),
    Hot("statement", tenth("show_statement", client_id=20_001), 200, {"invoice__client_id"}),
    Hot("money", tenth("show_money"), 10, {"invoice__owed", "invoice__received"}),
    Hot("clients as typed", busy("find_clients", q="client 12"), 40, {"client__name"}),
    Hot("clients that hold it", busy("find_clients", q="lient 12"), 2_100, {"client__created_at"}),
    Hot("next number", busy("suggest_number"), 250, {"invoice__created_at", "invoice__number"}),
    Hot(
        "doubles",
        busy(
            "find_doubles",
            client_id=None,
            client_name="Client 1",
            amount_cents=100,
            currency="EUR",
            issued_on=date(2026, 2, 1),
            number="F/1",
        ),
        *(700, {"invoice__client_id", "client__name_email", "invoice__created_at"}),
    ),
    Hot("ask about a sample", own(lambda cast, _: cast.api("ask_sample")), 60, {"invoice__is_sample"}),
    Hot("activity", busy("list_activity", limit=20), 90, {"activity_event__occurred_at"}),
    Hot(
        "activity below", busy("list_activity", limit=20, cursor=CURSOR), 90, {"activity_event__occurred_at"}
    ),
    Hot(
        "activity of a kind",
        busy("list_activity", limit=20, kind=["invoice_paid", "relance_sent"], cursor=CURSOR),
        *(130, {"activity_event__kind"}),
    ),
    Hot(
        "activity of a client", busy("list_activity", limit=20, client_id=CLIENT), 150, {"invoice__client_id"}
    ),
    Hot("page of an invoice", busy("show_invoice", invoice_id=OPEN), 300, {"activity_event__invoice_id"}),
    Hot("timeline", busy("list_activity", invoice_id=OPEN), 20, {"activity_event__invoice_id"}),
    Hot(
        "create",
        own(lambda cast, _: cast.invoice()),
        *(40, {"client__name_email", "client__pkey", "checkin_task__invoice_id"}),
    ),
    Hot(
        "change",
        busy("update_invoice", invoice_id=OPEN, changes=Cast.json({"amount_cents": 7})),
        *(60, {"checkin_task__one_live"}),
    ),
    Hot(
        "plan tried",
        busy("preview_plan", steps=Cast.json([{"days_after_due": 3, "tone": "firm"}]), invoice_id=None),
        70,
        {"invoice__status_created_at"},
    ),
    Hot(
        "letters shown",
        busy("preview_letters", invoice_id=None, tone=None, locale=None, wording=None),
        20,
        {"invoice__status_created_at"},
    ),
    Hot("mark paid", busy("mark_invoice_paid", invoice_id=OPEN), 60, {"checkin_task__one_live"}),
    Hot("cancel", busy("cancel_invoice", invoice_id=OPEN), 60, {"checkin_task__one_live"}),
    Hot("reopen", own(reopen), 100, {"rubis_entry__invoice_id"}),
    Hot("ask again", busy("ask_checkin_again", invoice_id=OPEN), 60, {"checkin_task__one_live"}),
    Hot(
        "answer in the app",
        busy("answer_invoice_checkin", invoice_id=OPEN, answer="pending"),
        *(60, {"checkin_task__invoice_id"}),
    ),
    Hot("click paid", asked("paid"), 80, {"mail_item__token_hash", "checkin_task__pkey"}),
    Hot("click pending", asked("pending"), 60, {"mail_item__token_hash", "checkin_task__pkey"}),
    Hot("due organizations", due, 20, {"mail__leased"}),
    Hot(
        "tick of an organization",
        a_day_later,
        *(40_000, {"checkin_task__due", "checkin_task__expiring", "relance__due"}),
    ),
    Hot("begin", queued, 4_000, {"checkin_task__due", "checkin_task__pkey", "mail__pkey"}),
    Hot("finish", attempted(lambda cast, begun: cast.finish(begun)), 60, {"mail_item__task_id"}),
    Hot("fail", attempted(lambda cast, begun: cast.fail(begun, "temporary")), 60, {"mail_item__task_id"}),
    Hot(
        "readiness",
        lambda cast: lambda: cast.public("readiness"),
        *(60, {"mail_attempt__accepted_at", "mail_attempt__failed_at"}),
    ),
    Hot(
        "measure the flow",
        lambda cast: lambda: cast.public("measure_flow"),
        # It counts 1,000 held; those on pages that changed lately are fetched for that.
        *(4_000, {"checkin_task__due", "checkin_task__expiring", "relance__due", "relance__waiting"}),
    ),
    Hot(
        "prune tokens",
        lambda cast: lambda: cast.worker("prune_tokens"),
        *(0, {"access_token__expires_at", "refresh_token__expires_at"}),
    ),
]


@pytest.mark.parametrize("hot", CALLS, ids=[hot.name for hot in CALLS])
def test_a_hot_query_stays_on_its_indexes(crowd: Cast, hot: Hot) -> None:
    """No table that grows is read from one end to the other, and no more rows than the answer needs."""
    used = index_scans(crowd)
    connection = crowd.session.connection
    for _ in range(TIMES_UNTIL_GENERIC):
        with connection.transaction(force_rollback=True):
            act = hot.prepare(crowd)
            before = counted(crowd)
            act()
            after = counted(crowd)
    done = {
        table: [new - old for new, old in zip(after[table], before[table], strict=True)] for table in after
    }
    assert {table: scans for table, (scans, _) in done.items() if scans} == {}, "sequential scans"
    assert sum(fetched for _, fetched in done.values()) <= hot.rows, done
    now_used = {name for name, scans in index_scans(crowd).items() if scans > used[name]}
    assert hot.indexes <= now_used


def test_a_sequential_scan_is_seen(crowd: Cast) -> None:
    """The counters see what happens inside a function, and the rows that a wrong index brings."""
    crowd.dba(
        "create function pg_temp.scan() returns bigint language plpgsql as"
        " 'begin return (select count(*) from rubis.invoice where amount_cents = 0); end'"
    )
    before = counted(crowd)
    crowd.dba("select pg_temp.scan()")
    crowd.dba("set local enable_seqscan = off")
    crowd.dba("select count(amount_cents) from rubis.invoice where organization_id = 1 and invoice_id < 1000")
    after = counted(crowd)
    crowd.session.connection.rollback()
    assert after["invoice"][0] - before["invoice"][0] == 1
    assert after["invoice"][1] - before["invoice"][1] == 699


def counted(cast: Cast) -> dict[str, tuple[int, int]]:
    """Sequential scans and rows fetched by index so far in this transaction, of each table that grows."""
    rows = cast.session.rows(
        "select relname, seq_scan, coalesce(idx_tup_fetch, 0) as fetched from pg_stat_xact_user_tables"
        " where schemaname = 'rubis' and relname = any (%s)",
        [GROWING],
    )
    return {row["relname"]: (row["seq_scan"], row["fetched"]) for row in rows}


def index_scans(cast: Cast) -> dict[str, int]:
    """How often each index was used, up to the end of the last transaction."""
    cast.session.connection.rollback()
    cast.session.value("select pg_stat_force_next_flush()::text")
    cast.session.connection.rollback()
    rows = cast.session.rows(
        "select indexrelname, idx_scan from pg_stat_user_indexes where schemaname = 'rubis'"
    )
    return {row["indexrelname"]: row["idx_scan"] for row in rows}
