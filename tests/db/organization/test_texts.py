"""What a user wrote is kept whole, or refused by name; names hold no link."""

import pytest

from tests.support.cast import Cast

LINKS = [
    "voir http://evil.test",
    "WWW.evil.test",
    "a@evil.test",
    "\uff57\uff57\uff57.evil.test",
    "a\uff20evil.test",
]


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Camille\r\nBIC ABCDEF\r\n", "Camille\nBIC ABCDEF"),
        ("Camille \t\rBIC\tABCDEF", "Camille\nBIC ABCDEF"),
        ("Camille\u2028\u2029BIC\u0085", "Camille\n\nBIC"),
    ],
    ids=ascii,
)
def test_a_pasted_signature_is_taken(cast: Cast, pasted: str, kept: str, *, by_hand: bool) -> None:
    """With whatever its lines end, and whether the API or a DBA writes it."""
    if by_hand:
        cast.settings(signature=pasted)
    else:
        cast.api("update_organization", changes=cast.json({"signature": pasted}))
    assert cast.api("get_me")["organization"]["signature"] == kept


def test_a_word_that_no_line_holds_is_refused(cast: Cast) -> None:
    """Of more than 200 characters; a line may be as long as the signature."""
    cast.settings(signature="x" * 200 + " " + "y" * 200)
    with cast.raises("23514", "organization__signature"):
        cast.settings(signature="x" * 201)


@pytest.mark.parametrize("link", LINKS, ids=ascii)
def test_a_name_holds_no_link(cast: Cast, link: str) -> None:
    """Of a person, an organization, a client, a plan; nor does a number, nor a draft."""
    for statement in (
        "update rubis.app_user set full_name = %s",
        "update rubis.organization set name = %s",
        "update rubis.relance_plan set name = %s",
        "insert into rubis.client (organization_id, name) select organization_id, %s from rubis.organization",
    ):
        with cast.raises("23514", "name__no_link"):
            cast.dba(statement, link)
    with cast.raises("23514", "name__no_link"):
        cast.invoice(number=link)
    for field in ("number", "client_name"):
        with cast.raises("RB422", f"import_draft__{field}", f"drafts[0].{field}"):
            cast.api("create_import_batch", drafts=cast.json([{field: link}]))


@pytest.mark.parametrize("name", ["Booking.com", "Dr.Martin", "evil.example/pay", "A: B", "www"])
def test_a_name_may_hold_a_dot(cast: Cast, name: str) -> None:
    """A bare domain cannot be told from a name."""
    assert cast.api("create_client", name=name, email=None)["name"] == name
