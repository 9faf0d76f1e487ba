"""What every mail is on the wire, whatever the names in it: headers, lines, links, both parts."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.kinds import KINDS, write_mail
from app.mail.mail import Mail
from app.mail.text import folded, header_text, one_line
from tests.mail.mail_begun import (
    FIRST,
    LETTER,
    TO_USER,
    TOKENS,
    begun,
    make_mail,
    page,
    settings_of_mails,
)
from tests.mail.mail_reading import HEADERS, NAME, Hypertext, content, decoded, links, parse

MANY = ["questions", "receipts", "letter"]
EACH = [*((kind, 1) for kind in KINDS), *((kind, 3) for kind in MANY)]
FORMATS = ["text", "both"]


def one_name(kind: str, count: int, names: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A begun mail in which every name and number is one of these."""
    users = [{"email": "camille@studio-camille.example", "full_name": names["full_name"]}]
    item = {name: names[name] for name in ("client_name", "number", "currency")}
    late = {**begun("late_notice")["data"], "invoices": [names["number"]] * 2}
    whole: dict[str, dict[str, Any]] = {
        "letter": {"client_name": names["client_name"], "reply_to": users, "signature": names["signature"]},
        "late_notice": {"data": late},
    }
    everyone = {"organization_name": names["organization_name"], "full_name": names["full_name"]}
    return begun(kind, count, item, **everyone, **whole.get(kind, {}), **changes)


def written(mail: dict[str, Any]) -> Mail:
    return write_mail(mail, TOKENS, settings=settings_of_mails())


HARMLESS = dict.fromkeys(["client_name", "number", "organization_name", "full_name"], "X") | {
    "currency": "EUR",
    "signature": "X",
}


@settings(max_examples=80, deadline=None)
@given(
    names=st.fixed_dictionaries(
        {
            **dict.fromkeys(["client_name", "number", "organization_name", "full_name", "signature"], NAME),
            "currency": st.sampled_from(["EUR", "JPY"]) | NAME.map(lambda text: text[:3]),
        }
    ),
    each=st.sampled_from(EACH),
    tone=st.sampled_from(["courteous", "firm", "formal_notice"]),
    changes=st.fixed_dictionaries(
        {"locale": st.sampled_from(["fr", "en"]), "mail_format": st.sampled_from(FORMATS)}
    ),
    eight_bit=st.booleans(),
)
def test_no_value_reaches_a_header_another_line_or_an_element(
    *, names: dict[str, str], each: tuple[str, int], tone: str, changes: dict[str, str], eight_bit: bool
) -> None:
    """Whatever names and numbers hold, the parsed mail has our headers, lines, elements and links."""
    kind, count = each
    if kind == "letter":
        changes = {**changes, "tone": tone}
        count = 1 if tone == "formal_notice" else count
    mail = written(one_name(kind, count, names, **changes))
    ordinary = written(one_name(kind, count, HARMLESS, **changes))
    wire = mail.wire(eight_bit=eight_bit)
    parsed = parse(mail, eight_bit=eight_bit)

    multipart = mail.html is not None and not eight_bit  # its parts have encodings of their own
    expected = [*HEADERS, "Reply-To"] if kind == "letter" else HEADERS
    assert sorted(parsed.keys()) == sorted(
        name for name in expected if not (multipart and name == "Content-Transfer-Encoding")
    )
    assert not [defect for part in parsed.walk() for defect in part.defects]
    assert parsed["Subject"] == mail.subject
    assert not [
        header for header in parsed.values() if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202e]", header)
    ]
    recipient = LETTER["to_address"] if kind == "letter" else TO_USER["to_address"]
    name = header_text(one_line(names["client_name" if kind == "letter" else "full_name"]))
    assert [address.addr_spec for address in parsed["To"].addresses] == [recipient]
    assert decoded(mail, "To") == (f"{name} <{recipient}>" if name else recipient.join("<>"))

    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert eight_bit or wire.isascii()
    assert content(parsed, "plain") == mail.text

    # A signature has lines of its own; the two of `signed` are no lines of ours.
    own, signed = ordinary.text, mail.text
    if kind == "letter":
        own = own.removesuffix("\nX\n")
        signature = folded(names["signature"]).strip("\n") or (
            f"{one_line(names['full_name'])}\n{one_line(names['organization_name'])}"
        )
        assert signed.endswith(f"\n{signature}\n")
        signed = signed.removesuffix(f"\n{signature}\n")
    assert len(signed.split("\n")) == len(own.split("\n"))
    assert links(signed) == links(own)

    if mail.html is not None and ordinary.html is not None:
        assert content(parsed, "html") == mail.html
        shown, plain = Hypertext(mail.html), Hypertext(ordinary.html)
        # Lines of a signature, and a greeting without a name.
        free = {"br []", "bdi []", "/bdi"}
        assert [element for element in shown.elements if element not in free] == [
            element for element in plain.elements if element not in free
        ]
        assert shown.links == plain.links


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize(("kind", "count"), EACH)
def test_both_parts_say_the_same(kind: str, count: int, locale: str) -> None:
    """The HTML has every word and every link of the plain text, in its order, and no other."""
    tones = ["courteous", "firm", "formal_notice"][: 4 - count] if kind == "letter" else [None]
    for tone in tones:
        mail = make_mail(kind, count, locale=locale, mail_format="both", **({"tone": tone} if tone else {}))
        assert mail.html is not None
        read = Hypertext(mail.html)
        alone = [line for line in mail.text.splitlines() if line not in links(mail.text)]
        # Labels lose their colons, and items of a list their dashes.
        assert re.sub(r"[\s:-]", "", read.said) == re.sub(r"[\s:-]", "", "".join(alone))
        assert read.links == links(mail.text)


@pytest.mark.parametrize(("kind", "count"), EACH)
def test_the_plain_part_comes_first_and_is_the_same_without_html(kind: str, count: int) -> None:
    """multipart/alternative: the last part is the one preferred (RFC 2046, 5.1.4), the first is complete."""
    plain, both = (make_mail(kind, count, mail_format=mail_format) for mail_format in FORMATS)
    assert plain.message.get_content_type() == "text/plain"
    assert plain.html is None
    parsed = parse(both)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert content(parsed, "plain") == plain.text == both.text


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_tells_programs_what_it_is(kind: str, locale: str) -> None:
    """Its language (RFC 3282), its time, and that a program wrote it (RFC 3834): no program answers."""
    parsed = parse(make_mail(kind, locale=locale))
    assert parsed["Content-Language"] == locale
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert parsed["Date"].datetime.tzinfo is not None
    assert parsed["Message-ID"] == begun(kind)["message_id"]
    assert not [name for name in parsed if name.lower().startswith(("list-", "precedence", "bcc"))]


@pytest.mark.parametrize("mail_format", FORMATS)
@pytest.mark.parametrize("eight_bit", [True, False])
def test_a_long_url_is_left_whole(*, mail_format: str, eight_bit: bool) -> None:
    """A URL of 850 characters comes back as one line, also where only ASCII is sent."""
    base = f"https://rubis.example/{'a' * 750}"
    mail = write_mail(
        begun("questions", mail_format=mail_format), TOKENS, settings=settings_of_mails(app_url=base)
    )
    parsed = parse(mail, eight_bit=eight_bit)
    whole = [url.replace(page().partition("/checkin")[0], base) for url in links(make_mail().text)]
    assert links(content(parsed, "plain")) == whole
    assert max(len(line) for line in mail.wire(eight_bit=eight_bit).split(b"\r\n")) <= 998
    if mail_format == "both":
        assert Hypertext(content(parsed, "html")).links == whole


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(NAME, min_size=1, max_size=30),
    thread=st.lists(
        st.integers(1, 200).map(lambda length: f"<{'a' * length}@{'b' * length}.example>"), max_size=80
    ),
)
def test_many_users_and_threads_fold_into_short_lines(names: list[str], thread: list[str]) -> None:
    """Every address of Reply-To and every Message-ID comes back from lines of at most 998 octets."""
    users = [
        {"full_name": name, "email": f"user{number}@studio-camille.example"}
        for number, name in enumerate(names)
    ]
    mail = make_mail("letter", reply_to=users, thread=[FIRST, *thread])
    parsed = parse(mail)
    assert [address.addr_spec for address in parsed["Reply-To"].addresses] == [
        user["email"] for user in users
    ]
    known = list(dict.fromkeys([FIRST, *thread]))[:50]
    assert parsed["References"].split() == parsed["In-Reply-To"].split() == known
    assert not parsed["Reply-To"].defects
    assert max(len(line) for line in mail.wire().split(b"\r\n")) <= 998


@pytest.mark.parametrize(("kind", "count"), EACH)
def test_french_spacing_is_right(kind: str, count: int) -> None:
    """No ordinary space stands before French double punctuation, and no straight apostrophe in our words."""
    mail = make_mail(kind, count)
    for text in (mail.subject, mail.text.replace("Rubis Sur l'Ongle", "")):
        assert re.findall(r"\S* [?!:;»%€]|« |\d h\b", text) == []
        assert re.findall(r"\S*(?<![\u00a0\u202f/])[?!;»](?!\w)|\S*(?<![\u00a0/s])[:](?!//)", text) == []
        assert "'" not in text


def test_a_mail_is_written_to_bytes_once() -> None:
    """A server is told a message's size before it gets it: both are of the same bytes."""
    mail = make_mail(mail_format="both")
    assert mail.wire() is mail.wire()
    assert mail.wire(eight_bit=False) != mail.wire()
