"""An organization in the middle of its work, lived day by day: what the pages of the app are looked at with.

It has each state that a page shows: questions that wait, letters that left, are ahead, held, refused or of
unknown fate, promises, invoices paid, cancelled and paused, drafts; and names, amounts and currencies of
every size.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from app.core.settings import Settings
from app.mail.letters import read_letter, write_letter
from tests.support.cast import Cast
from tests.support.letters import begin_notice, calendar
from tests.support.line import Line

START = datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Europe/Paris"))
END = datetime(2026, 5, 19, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
"""When the pages are looked at: a Tuesday."""

LONG = "Etablissements" + "X" * 186
"""200 letters and no space."""
RTL = "שלום וברכה לכולם בע״מ"

# Client, address, number, due date, euros, currency, and what its user answers: paid, pending or nothing.
_INVOICES: list[tuple[str, str | None, str, date, int | str, str, str | None]] = [
    ("Studio Vert", "compta@studio-vert.example", "F-2026-001", date(2026, 3, 6), 980, "EUR", "paid"),
    ("Studio Vert", "compta@studio-vert.example", "F-2026-002", date(2026, 4, 10), 1_240, "EUR", "paid"),
    ("Studio Vert", "compta@studio-vert.example", "F-2026-003", date(2026, 5, 8), 640, "EUR", "paid"),
    ("Imprimerie Moreau", "contact@moreau.example", "F-2026-004", date(2026, 3, 4), 500, "EUR", "pending"),
    (
        "Cabinet Lefèvre & Associés",
        "compta@lefevre.example",
        "F-2026-005",
        date(2026, 4, 24),
        950,
        "EUR",
        "pending",
    ),
    (
        "Cabinet Lefèvre & Associés",
        "compta@lefevre.example",
        "F-2026-006",
        date(2026, 5, 8),
        2_400,
        "EUR",
        "pending",
    ),
    (
        "Garage Nord",
        "direction@garage-nord.example",
        "F-2026-007",
        date(2026, 4, 30),
        1_500,
        "EUR",
        "pending",
    ),
    ("Mme Okonkwo", None, "F-2026-008", date(2026, 5, 4), 120, "EUR", "pending"),
    ("Librairie Quentin", "libraire@quentin.example", "F-2026-009", date(2026, 4, 27), 310, "EUR", "pending"),
    (
        "Hôtel du Port",
        "reception@hotel-du-port.example",
        "F-2026-010",
        date(2026, 5, 6),
        725,
        "EUR",
        "pending",
    ),
    (
        "Boulangerie Dupont",
        "boulangerie@dupont.example",
        "F-2026-011",
        date(2026, 5, 19),
        "450.50",
        "EUR",
        None,
    ),
    ("Ferme des Tilleuls", "ferme@tilleuls.example", "F-2026-012", date(2026, 5, 18), 89, "EUR", None),
    ("Traiteur Armand", "commandes@armand.example", "F-2026-013", date(2026, 5, 19), 1_860, "EUR", None),
    (LONG, "long@etablissements.example", "F-" + "9" * 58, date(2026, 5, 19), "99999999.99", "EUR", None),
    (RTL, "office@shalom.example", "F-2026-014", date(2026, 5, 19), 12, "USD", None),
    ("Aria Design Ltd", "accounts@aria.example", "F-2026-015", date(2026, 5, 22), 3_300, "GBP", None),
    ("Tokyo Print", "keiri@tokyo-print.example", "F-2026-016", date(2026, 6, 12), 250_000, "JPY", None),
    ("Nouvelle Piste", "bonjour@nouvelle-piste.example", "F-2026-017", date(2026, 6, 30), 1_800, "EUR", None),
    ("Atelier Bleu", "atelier@bleu.example", "F-2026-018", date(2026, 5, 29), 460, "EUR", None),
]
_REFUSES, _LOSES = "libraire@quentin.example", "reception@hotel-du-port.example"


class Busy(Cast):
    """That organization; `ids` are its invoices by number."""

    ids: dict[str, int]

    def newest(self, table: str) -> int:
        """The id of the newest row of this table."""
        newest: int = self.session.value(
            f"select max({table}_id) from rubis.{table} where organization_id = %s", [self.organization_id]
        )
        return newest

    def live(self, until: datetime) -> None:
        """Let days pass, ticks and mails with them; questions are answered as `_INVOICES` has it."""
        while (now := self.now()) < until:
            self.tick()
            for mail in self._queued():
                self._mail(mail)
            awake = 8 <= now.astimezone(START.tzinfo).hour < 16
            self.clock.set(min(now + timedelta(hours=1 if awake else 4), until))
        self.tick()

    def _queued(self) -> list[DictRow]:
        return self.session.rows(
            "select mail_id, kind, address_key from rubis.mail"
            " where organization_id = %s and status = 'queued' order by mail_id",
            [self.organization_id],
        )

    def _mail(self, mail: DictRow) -> None:
        begun = self.begin_mail(mail["mail_id"])
        if begun["skip_reason"] is not None:
            return
        text = _letter(begun) if mail["kind"] == "letter" else {}
        if mail["kind"] == "letter" and mail["address_key"] == _REFUSES:
            self.fail(begun, "refused", "550 5.1.1 no such mailbox", **text)
        elif mail["kind"] == "letter" and mail["address_key"] == _LOSES:
            self.fail(begun, "unknown", "timed out", **text)
        else:
            self.finish(begun, **text)
        if mail["kind"] == "questions":
            self.clock.advance(minutes=20)
            for item in begun["items"]:
                answers = [one[6] for one in _INVOICES if self.ids.get(one[2]) == item["invoice_id"]]
                if answers and answers[0] is not None:
                    self.click(begun["tokens"][item["position"]], answers[0])


def _letter(begun: DictRow) -> dict[str, str]:
    """Subject and body, as the worker writes them."""
    written = write_letter(read_letter(begun), settings=Settings(_env_file=None))
    return {"subject": written.subject, "body": written.text}


def busy(line: Line, *, extremes: bool = True) -> Busy:
    """Live through eleven weeks, up to END, where time stands still.

    Without `extremes` all is as people know it, for pictures.
    """
    cast = Busy(
        line, now=START, name="Atelier Martin", email="lea@atelier-martin.example", client_spacing_days=2
    )
    cast.ids = {}
    cast.dba("update rubis.app_user set full_name = 'Léa Martin' where user_id = %s", cast.user_id)
    calendar(cast)
    cast.api("request_email_proof")
    proof = begin_notice(cast)
    cast.finish(proof)
    cast.public("prove_email", token_hash=proof["token"])
    cast.api("ask_sample")
    cast.live(START + timedelta(hours=1))
    cast.api("remove_sample")
    for client, address, number, due_on, amount, currency, _ in _INVOICES:
        if extremes or not (currency in ("USD", "JPY") or client == LONG):
            cast.ids[number] = cast.invoice(
                client_name=client,
                client_email=address,
                number=number,
                amount_cents=round(float(amount) * (1 if currency == "JPY" else 100)),
                currency=currency,
                issued_on=min(START.date(), due_on - timedelta(days=30)),
                due_on=due_on,
            )
    cast.live(datetime(2026, 5, 12, 10, tzinfo=START.tzinfo))
    promised = {"until": date(2026, 5, 21), "reason": "promis au téléphone"}
    cast.api("pause_invoice", invoice_id=cast.ids["F-2026-007"], **promised)
    cast.api("cancel_invoice", invoice_id=cast.ids["F-2026-018"])
    cast.live(END)
    draft = {"issued_on": "2026-05-01", "due_on": "2026-06-01", "amount_cents": 12_300, "currency": "EUR"}
    drafts = [
        {**draft, "number": "F-2026-019", "client_name": "Studio Vert"},
        {
            **draft,
            "number": "F-2026-020",
            "client_name": LONG if extremes else "Hôtel du Port",
            "due_on": None,
        },
        {"number": "F-2026-021", "client_name": "Garage Nord", "amount_cents": 48_000, "currency": "EUR"},
        {"number": "F-2026-022"},
    ]
    cast.api("create_import_batch", drafts=cast.json(drafts))
    return cast
