"""The OpenAPI document says what the API does."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.api import routes
from app.api.main import create_app
from app.api.problems import MEDIA_TYPE
from app.core.settings import Settings
from app.models import (
    activity,
    auth,
    clients,
    fields,
    forecast,
    imports,
    invoices,
    money,
    organizations,
    pauses,
    relances,
    today,
)
from tests.api.support import Api

DOCUMENT: dict[str, Any] = create_app(Settings(_env_file=None, database_url="postgresql://x")).openapi()
OPERATIONS = [
    (path, operation) for path, operations in DOCUMENT["paths"].items() for operation in operations.values()
]
PUBLIC = (
    "/api/v1/auth/",
    "/api/v1/checkin/",
    "/api/v1/verify-email/",
    "/checkin/",
    "/healthz",
    "/readyz",
)
by_name = pytest.mark.parametrize(
    ("path", "operation"),
    OPERATIONS,
    ids=[operation["operationId"] for _, operation in OPERATIONS],
)


def schema(reference: dict[str, Any]) -> dict[str, Any]:
    """What a $ref points at."""
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    return found


def test_the_document_is_served(api: Api) -> None:
    """The OpenAPI document is served at /openapi.json."""
    assert api.client().get("/openapi.json").json() == DOCUMENT


@by_name
def test_every_operation_is_described(path: str, operation: dict[str, Any]) -> None:
    """A tag that is described too, a sentence, and an id that is its handler's name."""
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["description"]
    assert re.fullmatch("[a-z_]+", operation["operationId"])
    public = path.startswith(PUBLIC)
    assert bool(operation.get("security")) is not public


@by_name
def test_every_body_has_an_example_and_every_error_is_a_problem(path: str, operation: dict[str, Any]) -> None:
    """Bodies sent and returned have examples; 4xx and 5xx are problems."""
    statuses = set(operation["responses"])
    assert "500" in statuses
    if "requestBody" in operation:
        body = schema(operation["requestBody"]["content"]["application/json"]["schema"])
        assert body["examples"]
        assert body["additionalProperties"] is False
        assert {"400", "413", "422"} <= statuses
    if operation.get("security"):
        assert {"401", "503"} <= statuses
    if "{" in path and "token" not in path:
        assert {"404", "422"} <= statuses
    for status, answer in operation["responses"].items():
        if status[0] in "45":
            assert answer["content"] == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.mark.parametrize(
    "module",
    [activity, auth, clients, forecast, imports, invoices, money, organizations, pauses, relances, today],
)
def test_every_example_is_valid(module: Any) -> None:
    """Every example of a body or of an answer fits its model."""
    seen = 0
    for model in vars(module).values():
        if isinstance(model, type) and issubclass(model, fields.Request | fields.Document):
            for example in model.model_json_schema().get("examples", []):
                assert set(example) <= set(model.model_fields)
                TypeAdapter(model).validate_python(example)
                seen += 1
    assert seen


def sources(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted(folder.glob("*.py")))


def test_every_status_a_function_raises_is_documented() -> None:
    """The `Raises` line of a function's card, against the statuses of the routes that call it."""
    calls = re.compile(
        r'responses=(?:_LINK \| )?problems\(([\d, ]*)\).*?async def (\w+)\(.*?"(api\.\w+)"', re.DOTALL
    )
    functions = Path(__file__).parents[2] / "db" / "functions"
    checked = 0
    for chunk in re.split(r"(?=@router\.)", sources(Path(routes.__file__).parent))[1:]:
        match = calls.search(chunk)
        if match is None:
            continue
        statuses, _, function = match.groups()
        file = next(functions.rglob(f"{function}.sql"))
        raised = set(re.findall(r"RB(4\d\d)", file.read_text()))
        if "_id}" not in chunk.partition("responses=")[0]:
            raised -= {"404"}  # it names no id
        if '"name": None' in chunk:
            raised -= {"409"}  # it gives no name that could be in use
        assert raised <= set(re.findall(r"\d+", statuses)), function
        checked += 1
    assert checked >= 20
