"""Tables of invoices from spreadsheets: what is right is read, what is wrong is named by row and column."""

import csv
import io
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.files.cells import CellError, clean, read_amount, read_day
from app.files.dialect import TableRefusedError
from app.files.tables import MAX_BYTES, Table, read_table
from app.models.imports import ReadDraft

HEADINGS = {
    "fr": [
        "N° de facture",
        "Raison sociale",
        "Courriel",
        "Date d'émission",
        "Échéance",
        "Montant TTC",
        "Devise",
    ],
    "en": ["Invoice no.", "Customer", "E-mail", "Issued on", "Due date", "Total amount", "Currency"],
}
FIELDS = ["number", "client_name", "client_email", "issued_on", "due_on", "amount_cents", "currency"]
MONTHS = [
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
]


def facts(table: Table) -> list[dict[str, Any]]:
    """The drafts without their rows, each as a batch takes it."""
    for draft in table.drafts:
        ReadDraft.model_validate(draft, strict=False)
    return [{field: draft[field] for field in FIELDS} for draft in table.drafts]


def one(text: str) -> dict[str, Any]:
    """What is read of a table with one row."""
    (draft,) = read_table(text).drafts
    return draft


class Dialect(NamedTuple):
    """How a program writes a table."""

    separator: str
    line_end: str
    quoting: Any
    encoding: str
    day: str
    thousands: str
    mark: str
    language: str
    order: list[int]


def written_day(day: date, form: str) -> str:
    """A day in one of the forms that strftime knows, or in French words."""
    if form == "words":
        return f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]} {day.year}"
    return day.strftime(form)


def written_amount(cents: int, thousands: str, mark: str) -> str:
    """An amount with two decimals."""
    return f"{cents // 100:,}".replace(",", thousands) + f"{mark}{cents % 100:02}"


names = (
    st.text("abcdefghéèçüßABCÉ0123 '&.,;|\"()-/", min_size=2, max_size=30)
    .map(clean)
    .filter(lambda text: any(map(str.isalpha, text)) and "www." not in text.lower() and "://" not in text)
)
invoices = st.lists(
    st.tuples(
        names,
        st.one_of(st.none(), st.sampled_from(["compta@dupont.example", "ap@acme.test"])),
        st.dates(date(2015, 1, 1), date(2035, 1, 1)),
        st.integers(0, 90),
        st.integers(1, 10**10),
        st.sampled_from(["EUR", "USD", "CHF"]),
    ),
    min_size=1,
    max_size=8,
)
amount_forms = [
    ("\u202f", ","),
    ("\u00a0", ","),
    (" ", "."),
    (".", ","),
    (",", "."),
    ("'", "."),
    ("", ","),
    ("", "."),
]


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    """Every way to write, but what an encoding cannot."""
    thousands, mark = draw(st.sampled_from(amount_forms))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return Dialect(
        separator=draw(st.sampled_from([";", ",", "\t", "|"])),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        encoding=encoding,
        day=draw(
            st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d", "%Y-%m-%d 00:00:00", "%m/%d/%Y", "words"])
        ),
        thousands="" if thousands == "\u202f" and encoding == "cp1252" else thousands,
        mark=mark,
        language=draw(st.sampled_from(["fr", "en"])),
        order=draw(st.permutations(range(7))),
    )


@settings(deadline=None, max_examples=200)
@given(invoices=invoices, dialect=dialects())
def test_a_table_of_any_dialect_is_read_back(invoices: list[Any], dialect: Dialect) -> None:
    """Separators, quotes, encodings, days, amounts and columns in any order: what was written is read."""
    if dialect.day == "%m/%d/%Y":  # one day that cannot be a month shows the order of all
        invoices = [(*invoices[0][:2], date(2026, 1, 20), *invoices[0][3:]), *invoices[1:]]
    expected, rows = [], [HEADINGS[dialect.language]]
    for number, (name, email, issued, days, cents, currency) in enumerate(invoices):
        due = issued + timedelta(days=days)
        expected.append(
            dict(
                zip(
                    FIELDS,
                    [f"F-{number}", name, email, issued.isoformat(), due.isoformat(), cents, currency],
                    strict=True,
                )
            )
        )
        amount = written_amount(cents, dialect.thousands, dialect.mark)
        day, later = written_day(issued, dialect.day), written_day(due, dialect.day)
        rows.append([f"F-{number}", name, email or "", day, later, amount, currency])
    file = io.StringIO()
    writer = csv.writer(
        file, delimiter=dialect.separator, lineterminator=dialect.line_end, quoting=dialect.quoting
    )
    writer.writerows([row[place] for place in dialect.order] for row in rows)
    table = read_table(file.getvalue().encode(dialect.encoding))
    assert facts(table) == expected
    assert table.faults == []
    assert [draft["source_row"] for draft in table.drafts] == [*range(2, len(rows) + 1)]


def test_faults_are_named_and_good_rows_kept() -> None:
    """A fault has its row as the spreadsheet counts, its column and its text; an empty row counts."""
    table = read_table(
        "Mes factures;;;;\n"
        "Numéro;Client;Mail;Émise le;Échéance;Montant TTC\n"
        "F-1;Dupont;a@b.fr;02/11/2026;02/12/2026;1 200,00 €\n"
        ";;;;;\n"
        "F-2;Martin;a-b.fr;31/02/2026;bientôt;-5\n"
        "F-3;;;;;1 2OO\n"
        ";;;;;0\n"
        "Total;;;;;1 200,00 €\n"
    )
    assert [draft["number"] for draft in table.drafts] == ["F-1", "F-2", "F-3", None]
    assert [tuple(fault) for fault in table.faults] == [
        (5, "C (Mail)", "email_form", "a-b.fr"),
        (5, "D (Émise le)", "date_impossible", "31/02/2026"),
        (5, "E (Échéance)", "date_form", "bientôt"),
        (5, "F (Montant TTC)", "amount_negative", "-5"),
        (6, "F (Montant TTC)", "amount_form", "1 2OO"),
        (7, "F (Montant TTC)", "amount_zero", "0"),
    ]
    assert table.drafts[1]["client_name"] == "Martin"
    assert table.headings_row == 2
    facts(table)


@pytest.mark.parametrize(
    ("headings", "chosen"),
    [
        ("Total HT;TVA;Total TTC", "Total TTC"),
        ("Total TTC;Reste dû;Total HT", "Reste dû"),
        ("Montant HT;TVA", "Montant HT"),
        ("Net amount;Amount due", "Amount due"),
        ("Montant (EUR);Code", "Montant (EUR)"),
    ],
)
def test_of_several_amounts_the_one_that_is_owed_is_read(headings: str, chosen: str) -> None:
    """What is left to pay, else with tax, else without."""
    table = read_table(f"Facture;Client;{headings}\nF-1;Dupont;1;2;3\n")
    assert [column.heading for column in table.columns if column.field == "amount_cents"] == [chosen]
    assert table.columns[0].field == "number"


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Statut", "Payée"),
        ("Status", "PAID"),
        ("Payé", "oui"),
        ("Date de paiement", "03/11/2026"),
        ("Etat", "Annulée"),
    ],
)
def test_a_row_that_says_it_is_paid_is_in_doubt(heading: str, cell: str) -> None:
    """Its amount is kept, and the doubt names the cell."""
    draft = one(f"Numéro;Client;Montant;{heading}\nF-1;Dupont;12,50;{cell}\n")
    assert draft["amount_cents"] == 1250
    assert [(fault["field"], fault["code"], fault["text"]) for fault in draft["faults"]] == [
        ("amount_cents", "settled", cell)
    ]
    unpaid = one(f"Numéro;Client;Montant;{heading}\nF-1;Dupont;12,50;{'non' if heading == 'Payé' else ''}\n")
    assert unpaid["faults"] == []


def test_without_headings_the_cells_say_what_they_are() -> None:
    """A paste of bare rows: the later day is the due date, the largest amount with decimals the total."""
    table = read_table(
        "Dupont SARL\t2026-117\t02/11/2026\t1 000,00\t1 200,00\t02/12/2026\tcompta@dupont.example\n"
        "Martin & Fils\t2026-118\t03/11/2026\t250,00\t300,00\t03/12/2026\tm@martin.example\n"
    )
    assert [column.field for column in table.columns] == [
        *("client_name", "number", "issued_on", None, "amount_cents", "due_on", "client_email")
    ]
    assert table.drafts[1]["amount_cents"] == 30000
    assert table.drafts[0]["source_row"] == 1


@pytest.mark.parametrize(
    ("text", "cents", "currency"),
    [
        ("1 200,00 €", 120000, "EUR"),
        ("1\u202f200,50€", 120050, "EUR"),
        ("1.234.567,89", 123456789, None),
        ("1,234,567.89", 123456789, None),
        ("$1,200.50", 120050, "?"),
        ("US$ 12.5", 1250, "USD"),
        ("CHF 1'200.-", 120000, "CHF"),
        ("1\u2019200.05 CHF", 120005, "CHF"),
        ("1,200", 120000, None),
        ("1.200 €", 120000, "EUR"),
        ("1234,5", 123450, None),
        ("1200.000", 120000, None),
        ("12", 1200, None),
        (",50", 50, None),
        ("1 200 JPY", 1200, "JPY"),
        ("1,234 TND", 1234000, "TND"),
        ("1 200 € TTC", 120000, "EUR"),
    ],
)
def test_amounts_as_people_write_them(text: str, cents: int, currency: str | None) -> None:
    """Thousands by spaces, points, commas and apostrophes; a currency before or after."""
    assert read_amount(text) == (cents, currency)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("-5", "amount_negative"), ("(1 200,00)", "amount_negative"), ("12,00-", "amount_negative")),
        *(("0", "amount_zero"), ("0,00 €", "amount_zero"), ("12,345 678", "amount_form")),
        *(("1 20000", "amount_form"), ("1 2OO", "amount_form"), ("12/03/2026", "amount_form")),
        *(("1.2E+03", "amount_form"), ("env. 1200", "amount_form"), ("1,2,3", "amount_form")),
        *(("0,125", "amount_decimals"), ("1234.567", "amount_decimals"), ("1,5 JPY", "amount_decimals")),
        *(("١٢", "amount_form"), ("12 %", "amount_form"), ("12 000 000 km", "amount_form")),
    ],
)
def test_amounts_that_are_refused_by_name(text: str, code: str) -> None:
    """What is not surely one positive amount is not guessed."""
    with pytest.raises(CellError) as refused:
        read_amount(text)
    assert refused.value.code == code


def test_three_digits_after_a_sign_are_what_the_column_says() -> None:
    """12.345 is twelve thousand, unless a neighbour shows that the point stands before decimals."""
    head = "Numéro;Client;Montant\n"
    thousands = read_table(f"{head}1;A;12.345\n2;B;900\n3;C;1.200,50\n")
    assert [draft["amount_cents"] for draft in thousands.drafts] == [1234500, 90000, 120050]
    decimals = read_table(f"{head}1;A;12.345\n2;B;900.5\n")
    assert [draft["amount_cents"] for draft in decimals.drafts] == [None, 90050]
    assert decimals.faults[0].code == "amount_decimals"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 mars 2026", date(2026, 3, 3)),
        ("1er août 2026", date(2026, 8, 1)),
        ("lundi 30 novembre 2026", date(2026, 11, 30)),
        ("3 March 2026", date(2026, 3, 3)),
        ("Mar 3rd, 2026", date(2026, 3, 3)),
        ("03-févr.-26", date(2026, 2, 3)),
        ("3/2/26", date(2026, 2, 3)),
        ("03.02.2026", date(2026, 2, 3)),
        ("2026-02-03 00:00:00", date(2026, 2, 3)),
        ("2026-02-03T10:00:00Z", date(2026, 2, 3)),
        ("20260203", date(2026, 2, 3)),
        ("31/12/99", date(1999, 12, 31)),
    ],
)
def test_days_as_people_write_them(text: str, day: date) -> None:
    """Day first, ISO, in words of both languages, with a spreadsheet's time."""
    assert read_day(clean(text)) == day


@pytest.mark.parametrize(
    "text", ["12", "May", "mars 2026", "2026", "03/2026", "1/2/3/4", "demain", "45000", "3 foo 2026"]
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    """Neither today's month nor a bare number is taken for a day."""
    with pytest.raises(CellError) as refused:
        read_day(text)
    assert refused.value.code == "date_form"


def test_one_day_that_cannot_be_day_first_turns_the_whole_table() -> None:
    """The due date's column shows the order for the issue's too; a table of both orders stays day first."""
    head = "Invoice;Customer;Issued;Due\n"
    american = read_table(f"{head}1;A;03/02/2026;03/31/2026\n2;B;04/05/2026;05/05/2026\n")
    assert american.month_first
    assert [draft["issued_on"] for draft in american.drafts] == ["2026-03-02", "2026-04-05"]
    mixed = read_table(f"{head}1;A;03/02/2026;03/31/2026\n2;B;31/03/2026;05/05/2026\n")
    assert not mixed.month_first
    assert [fault.code for fault in mixed.faults] == ["date_impossible"]


def test_a_spreadsheets_number_of_a_day_is_read_in_a_column_of_days() -> None:
    """45992 is 1 December 2025."""
    assert one("Facture;Client;Échéance\n1;A;45992\n")["due_on"] == "2025-12-01"


def test_currencies_beside_in_and_above_the_amount() -> None:
    """The column goes first, then the cell, then the heading; two that disagree, or a bare $, are doubts."""
    head = "Numéro;Client;Montant (USD);Devise\n"
    table = read_table(f"{head}1;A;5;\n2;B;5 €;\n3;C;5;CHF\n4;D;5 €;GBP\n5;E;$5;\n6;F;5;francs\n7;G;5;XYZ\n")
    assert [draft["currency"] for draft in table.drafts] == ["USD", "EUR", "CHF", None, None, None, None]
    assert [(fault.row, fault.code) for fault in table.faults] == [
        (5, "currency_conflict"),
        (6, "currency_unclear"),
        (7, "currency_unclear"),
        (8, "currency_unknown"),
    ]


def test_a_cell_with_line_breaks_and_quotes() -> None:
    """Spreadsheets quote such cells; a quote inside a word is a letter."""
    draft = one('Numéro\tClient\n="0012"\t"Dupont\n""Frères"" SARL"\n')
    assert (draft["number"], draft["client_name"]) == ("0012", 'Dupont "Frères" SARL')
    assert one('Numéro;Client;Montant\n1;Vis 5" inox;3\n')["client_name"] == 'Vis 5" inox'


def test_what_a_field_does_not_take_is_a_fault() -> None:
    """A name with an address in it, one that is too long, a day out of range, an amount too large."""
    table = read_table(
        "Numéro;Client;Échéance;Montant\n"
        f"1;a@b.fr;01/01/3026;99999999999999\n{'x' * 201};{'y' * 201};1/1/26;1\n"
    )
    assert [(fault.row, fault.code) for fault in table.faults] == [
        *((2, "text_form"), (2, "date_range"), (2, "amount_range"), (3, "too_long"), (3, "too_long")),
    ]
    facts(table)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n;;\n", "empty"),
        ("Numéro;Client\n", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"%PDF-1.7", "pdf"),
        (b"a\0b", "binary"),
        ("a\0b", "binary"),
        ("x" * (MAX_BYTES + 1), "too_large"),
        ("Bonjour,\nvoici !\n", "no_columns"),
        ("Numéro;Client\n" + "1;A\n" * 501, "too_many_rows"),
    ],
)
def test_what_is_no_table_is_refused_whole(content: bytes | str, code: str) -> None:
    """By a code, of which the page makes a sentence."""
    with pytest.raises(TableRefusedError) as refused:
        read_table(content)
    assert refused.value.code == code


def test_the_first_line_of_excel_names_the_separator() -> None:
    """`sep=;` is no row of the table, but it is counted."""
    assert one("sep=;\nNuméro;Client\n1;A, B\n")["source_row"] == 3


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_anything_is_read_or_refused(content: bytes | str) -> None:
    """No bytes and no text make it fail otherwise, and each draft is one that a batch takes."""
    try:
        table = read_table(content)
    except TableRefusedError:
        return
    facts(table)
