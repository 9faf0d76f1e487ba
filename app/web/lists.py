"""What pages of lists share: reading what an address asks for, and writing addresses that ask for more."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import ValidationError

from app.core.errors import ApiError
from app.models.fields import Query

Asked = TypeVar("Asked", bound=Query)


def read_query(model: type[Asked], values: Mapping[str, str]) -> Asked:
    """Read an address's query as the API reads it. Raises ApiError 422; names that it does not know are left.

    `values`: as `visit.query` gives them.
    """
    known = {name: value for name, value in values.items() if name in model.model_fields}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise ApiError(422, "request__invalid", f"Not valid: {field}.", field) from None


def address(path: str, query: Mapping[str, object], /, **changes: object) -> str:
    """Write a path with its query, changed; None and empty values are left out."""
    asked = {name: value for name, value in {**query, **changes}.items() if value not in (None, "")}
    return path + (f"?{urlencode(asked)}" if asked else "")
