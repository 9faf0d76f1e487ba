"""The models of the API and the database's columns have the same limits: the columns are the source."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any, Literal, get_args, get_origin

import psycopg
import pytest
from psycopg import sql
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.core.text import Language
from app.mail.errors import FailureClass
from app.mail.kinds import KINDS
from app.models import auth, clients, imports, invoices, organizations, pauses, relances
from app.models.fields import ClickMode, MailFormat, Request
from tests.support.session import Session

TABLES: dict[type[Request], str] = {
    auth.Registration: "app_user",
    auth.AddressChange: "app_user",
    clients.ClientDraft: "client",
    clients.ClientChanges: "client",
    imports.ImportDraftFields: "import_draft",
    imports.ImportDraftChanges: "import_draft",
    imports.ReadDraft: "import_draft",
    imports.ImportBatchDraft: "import_batch",
    invoices.InvoiceDraft: "invoice",
    invoices.InvoiceChanges: "invoice",
    organizations.OrganizationChanges: "organization",
    organizations.UserChanges: "app_user",
    relances.StepDraft: "relance_plan_step",
    relances.PlanDraft: "relance_plan",
    relances.WordingDraft: "letter_wording",
    relances.LetterTrial: "letter_wording",
}
ELSEWHERE = {
    (auth.Registration, "organization_name"): "organization.name",
    (auth.Registration, "locale"): "organization.locale",
    # A draft keeps any date; it becomes an invoice's.
    (imports.ImportDraftFields, "issued_on"): "invoice.issued_on",
    (imports.ImportDraftFields, "due_on"): "invoice.due_on",
    (imports.ReadDraft, "issued_on"): "invoice.issued_on",
    (imports.ReadDraft, "due_on"): "invoice.due_on",
    (imports.ImportDraftChanges, "issued_on"): "invoice.issued_on",
    (imports.ImportDraftChanges, "due_on"): "invoice.due_on",
    (pauses.PauseRequest, "reason"): "client.pause_reason",
}
NO_LIMIT = {
    "password": "its hash is stored",
    "new_password": "its hash is stored",
    "act": "a function asks which",
    "invoice_ids": "a list, counted by test_lists_are_as_long_as_the_functions_allow",
    "answer": "a word of the links; the column says still_pending",
    "until": "a function asks that it lies ahead",
    "holiday_region": "a trigger asks whether the country has it",
    "time_zone": "a function asks whether PostgreSQL knows it",
    "reason": "of a reopening: in the data of an event",
    "terms_end_of_month": "yes or no",
    "client": "a model of its own",
    "steps": "models of their own, counted by test_lists_are_as_long_as_the_functions_allow",
    "faults": "a model of its own, kept by test_faults_have_one_form",
    **dict.fromkeys(("field", "code", "text", "column"), "parts of a fault"),
    "wording": "a model of its own",
    "drafts": "models of their own, counted by test_lists_are_as_long_as_the_functions_allow",
}


def requests(base: type[BaseModel] = Request) -> Iterator[type[BaseModel]]:
    """Every model of a request's body."""
    for model in base.__subclasses__():
        yield model
        yield from requests(model)


def column_of(model: type[BaseModel], name: str, field: FieldInfo) -> str | None:
    """The column that a field is written to; None for one without a limit of its own.

    Raises KeyError for a model that is in none of the tables above. Credentials are compared, not kept.
    """
    if (model, name) in ELSEWHERE:
        return ELSEWHERE[model, name]
    compared = model in (auth.Credentials, auth.ForgottenPassword)
    if compared or field.annotation is bool or name.endswith("_id") or name in NO_LIMIT:
        return None
    return f"{TABLES[model]}.{name}"  # type: ignore[index]


FIELDS = [
    pytest.param(model, name, column, id=f"{model.__name__}.{name}")
    for model in dict.fromkeys(requests())
    for name, field in model.model_fields.items()
    if (column := column_of(model, name, field)) is not None
]
WORDS: dict[str, Any] = {
    "invoice_status": invoices.InvoiceStatus,
    "paid_via": invoices.Invoice.model_fields["paid_via"].annotation,
    "checkin_status": invoices.CheckinStatus,
    "checkin_answer": invoices.Checkin.model_fields["answer"].annotation,
    "relance_status": relances.RelanceStatus,
    "tone": relances.Tone,
    "draft_status": imports.ImportDraft.model_fields["status"].annotation,
    "click_mode": ClickMode,
    "locale": Language,
    "failure_class": FailureClass,
    "mail_kind": Literal[tuple(KINDS)],
    "mail_format": MailFormat,
}


LEAST = ("minLength", "minimum")
MOST = ("maxLength", "maximum")


class Column:
    """A column of the catalogue: its type, and the rules of its domain and table about it alone."""

    def __init__(self, tx: Session, name: str) -> None:
        self.tx = tx
        self.name = name.partition(".")[2]
        self.row = tx.row(
            "select format_type(a.atttypid, a.atttypmod) as type, array_remove(array_agg(distinct"
            " pg_get_expr(c.conbin, c.conrelid)), null) as table_rules, array_remove(array_agg(distinct"
            " pg_get_constraintdef(d.oid)), null) as domain_rules"
            " from pg_attribute as a"
            " left join pg_constraint as c on c.conrelid = a.attrelid and c.conkey = array[a.attnum]"
            " and c.contype = 'c'"
            " left join pg_type as t on t.oid = a.atttypid"
            " left join pg_constraint as d on d.contypid in (t.oid, t.typbasetype)"
            " where a.attrelid = format('rubis.%%s', %s::text)::regclass and a.attname = %s"
            " group by a.atttypid, a.atttypmod",
            [name.partition(".")[0], self.name],
        )

    def numbers(self) -> set[int]:
        """The whole numbers that its rules name."""
        rules = " ".join([*self.row["table_rules"], *self.row["domain_rules"]])
        return {int(number) for number in re.findall(r"(?<![\w\\.])\d+(?![\w.-])", rules)}

    def words(self) -> set[str]:
        """The words that its rules name."""
        rules = " ".join([*self.row["table_rules"], *self.row["domain_rules"]])
        return set(re.findall(r"'([^']*)'::text", rules))

    def takes(self, value: Any) -> bool:
        """Whether the column could hold this value."""
        rules = " and ".join(f"coalesce({rule}, true)" for rule in self.row["table_rules"]) or "true"
        question = sql.SQL("select {} as holds, t.* from (select (%s::text)::{} as {}) as t").format(
            sql.SQL(rules), sql.SQL(self.row["type"]), sql.Identifier(self.name)
        )
        try:
            with self.tx.connection.transaction():
                return bool(self.tx.connection.execute(question, [str(value)]).fetchone()["holds"])  # type: ignore[index]
        except (psycopg.DataError, psycopg.errors.CheckViolation):
            return False


def limits(schema: Any, names: tuple[str, ...]) -> set[int]:
    """The whole numbers that a JSON schema has under these names, at any depth."""
    if isinstance(schema, list):
        return set().union(*(limits(part, names) for part in schema))
    if not isinstance(schema, dict):
        return set()
    own = {int(schema[name]) for name in names if name in schema}
    return own.union(*(limits(part, names) for part in schema.values()))


def mail_address(length: int) -> str:
    """An address of this length that is right in all else."""
    domain = ".".join(["d" * 60] * 4)[: max(length - 65, 1)].rstrip(".")
    local = "a" * (length - len(domain) - 1)
    return f"{local}@{domain}"


def probes(name: str, schema: Any, column: Column) -> Iterator[Any]:
    """Values on both sides of each limit that the model or the column has, and characters of each kind."""
    bounds = {
        bound + step for bound in limits(schema, (*LEAST, *MOST)) | column.numbers() for step in (-1, 0, 1)
    }
    if "email" in name:
        yield from (mail_address(length) for length in bounds if length > 100)
    elif name.endswith("_on"):
        yield from ("1969-12-31", "1970-01-01", "2999-12-31", "3000-01-01", "2026-02-30", "infinity")
    elif name.endswith("_time"):
        yield from ("00:00", "23:59", "24:00")
    elif name in (
        *("amount_cents", "contradiction_seconds", "question_valid_days"),
        *("questions_per_mail", "question_mails_per_day", "client_spacing_days", "letters_kept_days"),
        *("days_after_due", "late_penalty_rate", "terms_days", "source_row"),
    ):
        yield from (bound for bound in bounds | {-1, 0, 1})
    elif words := column.words() & {"fr", "courteous", "direct", "text"}:
        yield from (*column.words(), *words, "", "other", "FR")
    elif name in ("currency", "country"):
        yield from ("EUR", "eur", "EU", "EURO", "FR", "fr", "F", "FRA", "E1R", "", "EUR\n", "FR\n")
    elif name in ("siren", "vat_number"):
        yield from numbers_of_firms()
    else:
        yield from ("x" * bound for bound in bounds if bound >= 0)
        yield from (f"a{chr(code)}b" for code in (1, 9, 10, 13, 31, 127, 128, 159, 160, 0x2028, 0x2029))


def numbers_of_firms() -> Iterator[str]:
    """SIRENs and VAT numbers, right, nearly right, and of other countries."""
    for siren in ("732829320", "552100554", "732829321", "723829320", "73282932", "7328293200", "73282932a"):
        yield siren
        yield from (f"{prefix}{siren}" for prefix in ("FR", "FR44", "FR45", "FR44 ", "FRK7", "FRO7", "fr44"))
    yield from ("DE123456789", "IE1234567*A", "NL123456789B01", "X1", "DE1", "DE12345678901234", "", "FR44\n")


@pytest.mark.parametrize(("model", "name", "column_name"), FIELDS)
def test_a_model_and_its_column_take_the_same_values(
    tx: Session, model: type[BaseModel], name: str, column_name: str
) -> None:
    """What the API lets through the column holds, and what it refuses the column refuses."""
    column = Column(tx, column_name)
    schema = model.model_json_schema()["properties"][name]
    assert limits(schema, MOST) <= column.numbers()
    tried = list(probes(name, schema, column))
    kept = {value: validated(model, name, value) for value in tried}
    refused = [value for value in tried if kept[value] is None]
    assert [value for value in tried if value not in refused and not column.takes(kept[value])] == []
    assert [value for value in refused if column.takes(value)] == []
    assert 0 < len(refused) < len(tried)


def validated(model: type[BaseModel], name: str, value: Any) -> Any:
    """The value as the model keeps it; None if it refuses it."""
    try:
        kept: Any = model.__pydantic_validator__.validate_assignment(model.model_construct(), name, value)
    except ValidationError:
        return None
    value = getattr(kept, name)
    return value.isoformat() if isinstance(value, date | time) else value


@pytest.mark.parametrize("domain", WORDS)
def test_the_words_of_a_domain_are_those_of_python(tx: Session, domain: str) -> None:
    """A status, tone or kind that one side lacks would be an error for its first reader."""
    [definition] = tx.rows(
        "select pg_get_constraintdef(oid) as rule from pg_constraint where contypid = %s::regtype",
        [f"rubis.{domain}"],
    )
    words = set(re.findall(r"'([^']*)'::text", definition["rule"])) - {f"rubis.{domain}"}
    assert words == set(literals(WORDS[domain]))


def literals(annotation: Any) -> Iterator[str]:
    """The words of a Literal, also of an optional one."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for choice in get_args(annotation):
            yield from literals(choice)


@pytest.mark.parametrize(
    ("model", "name", "function"),
    [
        (relances.PlanSteps, "steps", "rubis.check_steps"),
        (imports.ImportBatchDraft, "drafts", "api.create_import_batch"),
    ],
)
def test_lists_are_as_long_as_the_functions_allow(
    tx: Session, model: type[BaseModel], name: str, function: str
) -> None:
    """The function that keeps a list names the same number of items."""
    longest = model.model_json_schema()["properties"][name]["maxItems"]
    source: str = tx.value("select prosrc from pg_proc where oid = %s::regproc", [function])
    asked = re.search(rf"jsonb_array_length\(p_{name}\) (?:> |not between 1 and )(\d+)", source)
    assert asked is not None
    assert int(asked[1]) == longest
