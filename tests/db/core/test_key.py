"""Two texts that a reader cannot tell apart have one key, and are one."""

import re
import unicodedata
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.session import Session

INVISIBLE = [
    *(
        "\u00ad",
        "\u034f",
        "\u061c",
        "\u115f",
        "\u180e",
        "\u200b",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2060",
        "\u2066",
    ),
    *("\u3164", "\ufe0f", "\ufeff", "\uffa0", "\U000e0041", "\U000e0100"),
]
DASHES = [
    "\u2010",
    "\u2011",
    "\u2012",
    "\u2013",
    "\u2014",
    "\u2015",
    "\u2212",
    "\u058a",
    "\uff0d",
    "\ufe63",
    "\u207b",
]
SPACES = ["  ", "\u00a0", "\u1680", "\u2003", "\u2007", "\u202f", "\u205f", "\u3000", " \u200b ", "\u2800"]
ONE_NUMBER = [
    "F 2026-117",
    "F  2026-117",
    "F\u00a02026-117",
    "F \u200b2026-117",
    "f 2026-117",
    "F 2026\u2011117",
]


def key(session: Session, text: str) -> str:
    """What the database says."""
    found: str = session.value("select rubis.key(%s)", [text])
    return found


@pytest.mark.parametrize("text", ["2026-117", "Société Dupont", "ΔΗΜΟΣ", "Иванов"], ids=ascii)
def test_what_cannot_be_seen_does_not_count(tx: Session, text: str) -> None:
    """Invisible characters, case, width, composition, and spaces around it."""
    for character in INVISIBLE:
        assert key(tx, character.join(["", *text, ""])) == key(tx, text)
    for other in (
        text.upper(),
        text.lower(),
        unicodedata.normalize("NFD", text),
        "\u00a0" + text + " ",
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    ):
        assert key(tx, other) == key(tx, text)


@pytest.mark.parametrize("dash", DASHES, ids=ascii)
def test_a_dash_is_a_dash(tx: Session, dash: str) -> None:
    """Whatever its length and its place in Unicode."""
    assert key(tx, f"2026{dash}117") == "2026-117"


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_a_run_of_spaces_is_one_space(tx: Session, space: str) -> None:
    """Of any kind and number; but no space is not a space."""
    assert key(tx, f"2026{space}117") == "2026 117" != key(tx, "2026117")


@pytest.mark.parametrize(
    ("one", "other"), [("\u0410-1", "A-1"), ("2026-1", "2026/1"), ("O1", "01"), ("Müller", "Muller")]
)
def test_what_only_looks_alike_stays_two(tx: Session, one: str, other: str) -> None:
    """Letters of another script, other signs, accents."""
    assert key(tx, one) != key(tx, other)


def test_every_letter_is_folded_as_unicode_says(tx: Session) -> None:
    """Each pair of single letters of CaseFolding.txt, in the first plane; a key is its own key."""
    letters = [
        c
        for c in map(chr, range(0x21, 0x10000))
        if unicodedata.category(c) not in ("Cs", "Cn", "Cc", "Co") and unicodedata.normalize("NFKC", c) == c
    ]
    found = {
        row["c"]: row
        for row in tx.rows(
            "select c, rubis.key(c) as key, rubis.key(rubis.key(c)) as again from unnest(%s::text[]) as c",
            [letters],
        )
    }
    wrong = [
        ascii(c)
        for c in letters
        if len(c.casefold()) == 1
        and c.casefold() != c
        and found[c]["key"] != unicodedata.normalize("NFKC", c.casefold())
    ]
    assert wrong == []
    assert [ascii(c) for c in letters if found[c]["again"] != found[c]["key"]] == []


def test_the_servers_collation_has_no_say(tx: Session) -> None:
    """Under every collation of the server, the key is the same; the function names none but C."""
    texts = ["É-1", "I", "İ", "ΑΣ", "A\u00a0b"]
    for row in tx.rows(
        "select quote_ident(collname) as name from pg_collation"
        " where collencoding in (-1, 6) and collprovider <> 'i' and collisdeterministic limit 40"
    ):
        for text in texts:
            with_collation = f"select rubis.key(%s::text collate pg_catalog.{row['name']}) as key"
            assert tx.value(with_collation, [text]) == key(tx, text)
    body: str = tx.value("select prosrc from pg_proc where oid = 'rubis.key'::regproc")
    assert set(re.findall(r"collate (\S+?)[,)]", body)) == {'"C"'}


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("number", ONE_NUMBER[1:], ids=ascii)
def test_a_number_in_any_spelling_is_one_number(cast: Cast, number: str, *, by_hand: bool) -> None:
    """The second invoice is refused, through the API and to a DBA."""
    first = cast.invoice(number=ONE_NUMBER[0])
    with cast.raises(*(("23505", "invoice__number") if by_hand else ("RB409", "invoice__number", "number"))):
        (cast.insert if by_hand else cast.invoice)(number=number)
    with cast.raises("RB409", "invoice__number", "number"):
        cast.api("update_invoice", invoice_id=cast.invoice(), changes=cast.json({"number": number}))
    cast.update(first, status="cancelled")
    assert cast.document(cast.invoice(number=number))["number"] == number


def test_a_client_in_any_spelling_is_one_client(cast: Cast) -> None:
    """A no-break space makes no second client, nor does an import without its e-mail."""
    client_id = cast.client("Dupont SARL", "compta@dupont.test")
    drafts: list[dict[str, Any]] = [
        {"client_name": "Dupont\u00a0SARL", "client_email": "Compta@dupont.test"},
        {"client_name": "dupont  sarl"},
    ]
    rest = {"issued_on": "2026-03-01", "due_on": "2026-03-20", "amount_cents": 100}
    batch = cast.api(
        "create_import_batch",
        drafts=cast.json([draft | rest | {"number": f"N-{place}"} for place, draft in enumerate(drafts)]),
    )

    def validate(draft: dict[str, Any]) -> Any:
        return cast.api(
            "validate_import_draft",
            import_batch_id=batch["import_batch_id"],
            import_draft_id=draft["import_draft_id"],
        )

    for draft in batch["drafts"]:
        assert validate(draft)["client"]["client_id"] == client_id
    cast.client("Dupont SARL", "autre@dupont.test")
    with cast.raises("RB422", "client__ambiguous", "client.name"):
        cast.invoice(client_email=None)
    batch = cast.api(
        "create_import_batch", drafts=cast.json([{"number": "N-9", "client_name": "Dupont SARL"} | rest])
    )
    with cast.raises("RB422", "client__ambiguous", "client_name"):
        validate(batch["drafts"][0])
    listed = cast.dba("select what, client_ids from audit.likely_doubles")
    assert [row["what"] for row in listed] == ["same name"]


def test_a_plan_and_a_sign_in_address_are_one_in_any_spelling(cast: Cast) -> None:
    """A second plan, a second account are refused; the account is found."""
    steps = cast.json([{"days_after_due": 3, "tone": "firm"}])
    cast.api("create_relance_plan", name="Très patient", steps=steps)
    with cast.raises("RB409", "relance_plan__name", "name"):
        cast.api("create_relance_plan", name="TRE\u0300S\u00a0patient", steps=steps)
    found = cast.public("find_credentials", email="\u200b" + cast.email.upper())
    assert found is not None
    cast.dba("update rubis.app_user set email_proven_at = now()")
    cast.dba("update rubis.app_user set email = upper(email)")
    assert cast.api("get_me")["user"]["email_proven_at"] is not None


def test_texts_that_identify_are_kept_as_typed_in_nfc(cast: Cast) -> None:
    """Whether the API writes or a DBA, by INSERT or UPDATE."""
    typed = "Cafe\u0301  A\u2011B"
    kept = "Café  A\u2011B"
    invoice_id = cast.insert(number=typed, client_name=typed, client_email="e\u0301@dupont.test")
    document = cast.document(invoice_id)
    assert (document["number"], document["client"]["name"], document["client"]["email"]) == (
        kept,
        kept,
        "é@dupont.test",
    )
    cast.update(invoice_id, number=typed + "2")
    assert cast.document(invoice_id)["number"] == kept + "2"
    plan = cast.api("create_relance_plan", name=typed, steps=cast.json([]))
    assert plan["name"] == kept
    cast.dba("update rubis.app_user set email = %s", "e\u0301@atelier.test")
    assert cast.api("get_me")["user"]["email"] == "é@atelier.test"
