"""What an invoice leaves on disk and in the WAL from its issue to its payment, beside the bare rows."""

from typing import Any

from bench import loading
from bench.ground import Connection, Database, Ground
from bench.measures.mails import mail_all
from bench.results import Row
from bench.sizes import Sizes

_TABLES = (
    "invoice",
    "checkin_task",
    "relance",
    "mail",
    "mail_attempt",
    "mail_item",
    "checkin_click",
    "activity_event",
    "rubis_entry",
)
_ISSUE = """
select count(api.create_invoice(
         sha256(('a' || lpad(o.id::text, 42, '0'))::bytea), (o.id - 1) * %(clients)s + 1, null, null,
         'L-' || i, current_date - 30, current_date - 1, 12000, 'EUR'))
  from generate_series(%(number)s::int, %(number)s) as i
 cross join lateral (select 1 + (i - 1) %% %(organizations)s) as o (id)
"""
_FALL_DUE = """
update rubis.checkin_task set scheduled_at = rubis.clock() - interval '1 second' where status = 'scheduled'
"""
_SIZE = """
select sum(pg_total_relation_size(c.oid))::bigint from pg_class as c
 where c.relkind = 'r' and c.relnamespace in ('rubis'::regnamespace, 'queue'::regnamespace)
"""


class _Scales:
    """Weighs what is written between two looks."""

    def __init__(self, session: Connection) -> None:
        self._session = session
        self._lsn = ""
        self.wal = 0
        session.execute("vacuum")
        session.execute("checkpoint")
        self._size = self._value(_SIZE)
        self.go_on()

    def pause(self) -> None:
        """What follows is not weighed."""
        written = self._value(f"select (pg_current_wal_insert_lsn() - '{self._lsn}')::bigint")
        self.wal += int(written)

    def go_on(self) -> None:
        """What follows is."""
        self._lsn = str(self._value("select pg_current_wal_insert_lsn()"))

    def disk(self) -> int:
        """How much larger the tables and indexes are now, tidied up."""
        self._session.execute("vacuum")
        return int(self._value(_SIZE) - self._size)

    def _value(self, query: str) -> Any:
        row = self._session.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """Two rows: bytes on disk and bytes of WAL."""
    with (
        ground.clone(ground.organizations_template(), "life") as lived,
        ground.clone(ground.organizations_template(), "bare_rows") as bare,
    ):
        disk, wal = _live(ground, lived, sizes)
        bare_disk, bare_wal = _copy(lived, bare)
    return [
        Row.of_rounds(
            key,
            f"{what} of an invoice's whole life",
            "bytes",
            [(ours / sizes.lives, theirs / sizes.lives)],
            baseline_is="its rows alone, by COPY with indexes and constraints",
            bound="at most",
        )
        for key, what, ours, theirs in (
            ("life_disk", "disk", disk, bare_disk),
            ("life_wal", "WAL", wal, bare_wal),
        )
    ]


def _live(ground: Ground, database: Database, sizes: Sizes) -> tuple[int, int]:
    """Invoices are issued, asked about by a real worker, and paid by a click: their disk and WAL."""
    with database.session() as admin, database.session("rubis_api") as api:
        scales = _Scales(admin)
        for number in range(1, sizes.lives + 1):
            values = {
                "number": number,
                "clients": loading.CLIENTS_PER_ORGANIZATION,
                "organizations": sizes.organizations,
            }
            api.execute(_ISSUE, values)
        scales.pause()
        admin.execute(_FALL_DUE)
        admin.execute("vacuum rubis.checkin_task")
        scales.go_on()
        mail_all(ground, database, sizes.lives)
        scales.pause()
        query = "select token_hash from rubis.mail_item where token_hash is not null"
        hashes = [bytes(row[0]) for row in admin.execute(query)]
        scales.go_on()
        for hashed in hashes:
            api.execute("select * from api.answer_checkin(%s, 'paid', 'bench')", [hashed])
        scales.pause()
        return scales.disk(), scales.wal


def _copy(lived: Database, bare: Database) -> tuple[int, int]:
    """The rows that these lives left, copied: their disk and WAL."""
    with lived.session() as source, bare.session() as target:
        scales = _Scales(target)
        for table in _TABLES:
            target.execute(f"alter table rubis.{table} disable trigger user".encode())
            with (
                source.cursor().copy(f"copy rubis.{table} to stdout (format binary)".encode()) as read,
                target.cursor().copy(f"copy rubis.{table} from stdin (format binary)".encode()) as write,
            ):
                for block in read:
                    write.write(block)
        scales.pause()
        return scales.disk(), scales.wal
