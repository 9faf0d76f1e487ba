"""No plain token stays anywhere: every site is searched when it has stopped; here the search is tried."""

from pathlib import Path

import pytest

from app.core.security import new_token
from tests.faults.conftest import Figures
from tests.faults.support.site import Site, running_site, search_site
from tests.support.leaks import forms
from tests.support.person import Person
from tests.support.search import search_files, tokens_of
from tests.support.stack import Stack


def mailed(site: Site) -> set[str]:
    """The tokens of two check-in mails and of the mail that asks to prove an address."""
    stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
    with Person(stack) as ana:
        ana.asked()
        ana.asked()
    return tokens_of(site.peer.mails)


@pytest.mark.parametrize("form", ["text", "raw", "hex of text", "hex of raw"])
def test_a_token_in_a_file_is_found(tmp_path: Path, form: str) -> None:
    """Among thousands of tokens, and whatever bytes it is made of, each is found in each form."""
    tokens = [new_token() for _ in range(3000)]
    for number, token in enumerate(tokens[:20]):
        (tmp_path / str(number)).write_bytes(b"before\n" * number + forms(token)[form] + b"\0after")
    (tmp_path / "another").write_bytes(forms(new_token())[form])
    found = search_files([tmp_path], tokens)
    assert {path.name for path in found.holding} == {str(number) for number in range(20)}
    assert found.tokens == 3000


def test_a_token_left_in_a_table_is_found(figures: Figures) -> None:
    """A token in a table is found in the table's file and in the write-ahead log; those mailed nowhere."""
    with running_site() as site:
        tokens = mailed(site)
        assert len(tokens) >= 2
        site.database.admin.execute("checkpoint")
        before = search_site(site)
        assert before.holding == []
        site.database.admin.execute("create table public.planted (content text)")
        site.database.admin.execute("insert into public.planted values (%s)", [planted := new_token()])
        site.database.admin.execute("checkpoint")
        holding = search_files(site.folders, [planted]).holding
        places = {path.relative_to(site.home.postgres.cluster).parts[0] for path in holding}
        assert places == {"base", "pg_wal"}
        figures.tell(tokens_searched_for=before.tokens, megabytes_searched=before.size // 1_000_000)
