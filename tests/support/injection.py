"""Texts that mean something to what takes data for a program: SQL, format strings, templates, shells."""

from collections.abc import Iterator
from typing import Any

STRINGS = [
    "'; drop table rubis.invoice; --",
    "' or '1'='1",
    "x'); select pg_sleep(20); --",
    "' || (select min(email) from rubis.app_user) || '",
    "$$; update rubis.invoice set status='paid'; $$",
    "\\'; delete from rubis.client; commit; --",
    '"; set role rubis_owner; --',
    "%s %I %L %1$s %n {} {0} %(name)s :name $1 ?",
    "x*/ ; rollback; /* ' -- \"",
    "${jndi:x}{{7*7}}<%=7*7%>`id`$(id)|id;<script>",
    "O''Neil \\u0027 &#39; %27 \u02bc\uff07",
]
"""No longer than the shortest field, an invoice's number, and without white space at either end."""

assert all(text == text.strip() and len(text) <= 64 for text in STRINGS)


def texts(document: Any) -> Iterator[str]:
    """Every text in a document, its keys too."""
    if isinstance(document, dict):
        yield from document
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from texts(item)
    elif isinstance(document, str):
        yield document
