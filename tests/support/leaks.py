"""Where a secret has been left, in any form it could take."""

import base64
from collections.abc import Iterable
from pathlib import Path

from psycopg import sql

from tests.support.session import Session


def forms(token: str) -> dict[str, bytes]:
    """A token as text, as the 32 bytes behind it, and both as hexadecimal, as PostgreSQL prints a bytea."""
    raw = base64.urlsafe_b64decode(token + "=")
    assert len(raw) == 32
    text = token.encode()
    return {"text": text, "raw": raw, "hex of text": text.hex().encode(), "hex of raw": raw.hex().encode()}


def found_in(content: bytes, needles: Iterable[bytes]) -> list[bytes]:
    """Which of the needles the content holds."""
    return [needle for needle in needles if needle in content]


def files_holding(folder: Path, needles: Iterable[bytes]) -> list[Path]:
    """The files under a folder that hold one of the needles."""
    needles = list(needles)
    return [
        path for path in sorted(folder.rglob("*")) if path.is_file() and found_in(path.read_bytes(), needles)
    ]


def tables_holding(admin: Session, tokens: Iterable[str]) -> list[str]:
    """The tables of all our schemas with a row that holds one of the tokens in any form."""
    needles = [needle.decode() for token in tokens for name, needle in forms(token).items() if name != "raw"]
    tables = admin.rows(
        """select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')"""
    )
    query = sql.SQL(
        """select exists (
             select from {} as r cross join unnest(%s::text[]) as n (needle)
              where strpos(r::text, n.needle) > 0)"""
    )
    return [
        f"{table['nspname']}.{table['relname']}"
        for table in tables
        if admin.connection.execute(
            query.format(sql.Identifier(table["nspname"], table["relname"])), [needles]
        ).fetchone()
        == {"exists": True}
    ]
