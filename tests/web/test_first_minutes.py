"""The first five minutes: what Rubis does, three steps, a question to try, the outbox to read it in."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.mail.drivers.file import FileDriver
from app.mail.kinds import write_mail
from app.web.pages.steps import has_outbox
from tests.support.app import App, Visitor, serving_app
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.line import Connections


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory of the app, whose mails are files."""
    return tmp_path / "data"


@pytest.fixture
def app(database: Database, data: Path) -> Iterator[App]:
    """The app of a local installation."""
    with serving_app(database, mail_driver="file", rubis_data_dir=data) as app:
        yield app


@pytest.fixture
def newcomer(database: Database, app: App) -> Iterator[tuple[Visitor, Cast]]:
    """Who has just signed up: no address proven, no invoice."""
    with Cast(Connections(database)) as cast:
        yield app.user(cast), cast


def test_a_stranger_sees_what_it_is(app: App) -> None:
    """In both languages: the mail with its two answers, as a picture without a form, and the way in."""
    for language, words in (("fr", "Oui, elle est payée"), ("en", "Yes, it is paid")):
        page = app.visitor(language).get("/")
        assert words in page.text
        assert 'href="/sign-up"' in page.html
        assert "<form" not in page.html


def test_three_steps_lead_on_until_they_are_done(newcomer: tuple[Visitor, Cast]) -> None:
    """Each says why and has its button; one that is done says so; all done, they are gone."""
    visitor, cast = newcomer
    page = visitor.get("/")
    for words in ("Confirmez votre adresse", "Ajoutez vos factures", "Essayez une question"):
        assert words in page.text
    assert 'href="/outbox"' in page.html

    asked = visitor.press("/sample", back="/")
    assert "La question part." in asked.text
    assert "Essayez une question" not in asked.text
    assert "Retirer l’exemple" in asked.text
    cast.invoice()
    assert "Ajoutez vos factures" not in visitor.get("/").text
    cast.dba("update rubis.app_user set email_proven_at = rubis.clock()")
    assert "Pour commencer" not in visitor.get("/").text

    removed = visitor.press("/sample/remove", back="/")
    assert "L’exemple est retiré." in removed.text
    assert "exemple est encore là" not in removed.text
    assert visitor.press("/sample/remove", back="//evil.example").status == 200


def test_ones_own_mails_are_read_in_the_outbox(
    newcomer: tuple[Visitor, Cast], data: Path, database: Database
) -> None:
    """Newest first, links that can be pressed, all else escaped; nobody else's mails, by whatever case."""
    visitor, cast = newcomer
    assert "Aucun e-mail pour le moment" in visitor.get("/outbox").text
    sample = cast.api("ask_sample")
    settings = database.settings(rubis_data_dir=data, app_url="https://api.example.test")
    other = Cast(cast.line, email=f"x{cast.email}", name="Voisin", now=None)
    foreign = other.api("ask_sample")
    for sender, invoice_id in ((other, foreign["invoice_id"]), (cast, sample["invoice_id"])):
        begun = sender.sending(invoice_id)
        token = begun["token"].plain
        begun["to_address"] = begun["to_address"].upper()
        asyncio.run(FileDriver(settings.outbox_dir).send(write_mail(begun, [token], settings=settings)))
    page = visitor.get("/outbox")
    assert "EXEMPLE-1" in page.text
    assert "Cette facture est un exemple" in page.text
    links = re.findall(r'href="(https://api\.example\.test/[^"]*)"', page.html)
    assert [link for link in links if link.endswith(f"{token}/paid")]
    assert page.html.count("<details") - page.html.count('<details class="menu"') == 1


def test_the_outbox_is_of_a_local_installation_alone(database: Database, data: Path) -> None:
    """Where mails leave there is no such page, and no link to it; nor where others look at the app."""
    with (
        Cast(Connections(database)) as cast,
        serving_app(database, rubis_data_dir=data, mail_driver="smtp", smtp_host="mail.test") as app,
    ):
        visitor = app.user(cast)
        assert visitor.get("/outbox").status == 404
        assert "/outbox" not in visitor.get("/").html
    assert has_outbox(database.settings(web_url="http://localhost:3000"))
    assert not has_outbox(
        database.settings(web_url="https://rubis.example", app_url="https://api.rubis.example")
    )
