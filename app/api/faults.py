"""What pydantic finds wrong with a request, in plain words: one sentence that names the field."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.core.errors import ApiError, FieldError

Fault = Mapping[str, Any]
"""What pydantic tells of one fault: `type`, `loc`, `msg`, and `ctx` with the limits."""

_WHERE = {"body", "query", "path", "header", "cookie"}
_NO_BODY = "must be a JSON object, sent as Content-Type: application/json"

# pydantic's types of fault that a request can meet. A test sends bad values to every field of every route and
# finds each type here. `value_error` is raised by our own types, in words that follow the field's name.
_WORDS: dict[str, str | Callable[[dict[str, Any]], str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "value_error": lambda ctx: str(ctx["error"]),
    "string_type": "must be a text",
    "string_unicode": "must be a text of Unicode characters",
    "string_too_short": lambda ctx: _size("at least", ctx["min_length"], "character"),
    "string_too_long": lambda ctx: _size("at most", ctx["max_length"], "character"),
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "greater_than_equal": lambda ctx: f"must not be less than {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must not be more than {ctx['le']}",
    "literal_error": lambda ctx: f"must be {ctx['expected'].replace(chr(39), '')}",
    "list_type": "must be a list",
    "uuid_parsing": "must be a UUID",
    "too_short": lambda ctx: _size("at least", ctx["min_length"], "item"),
    "too_long": lambda ctx: _size("at most", ctx["max_length"], "item"),
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
}


def from_validation(faults: Iterable[Fault]) -> ApiError:
    """422 naming each field by its path, or 400 if the body is not JSON at all. Values are not repeated."""
    errors: list[FieldError] = []
    for fault in faults:
        if fault["type"] == "json_invalid":
            return not_json()
        path = fault["loc"]
        if path and path[0] in _WHERE:
            path = path[1:] or path
        field = _field(path)
        errors.append(FieldError(field, f"{field} {_NO_BODY if path == ('body',) else words(fault)}"))
    names = ", ".join(dict.fromkeys(fault.field for fault in errors))
    return ApiError(422, "request__invalid", f"Not valid: {names}.", errors=errors)


def not_json() -> ApiError:
    """400: the body cannot be read."""
    return ApiError(400, "request__malformed", "The body cannot be read as JSON.")


def words(fault: Fault) -> str:
    """What is wrong, to be read after the field's name."""
    said = _WORDS.get(fault["type"], "is not valid")
    return said if isinstance(said, str) else said(fault.get("ctx", {}))


def _size(bound: str, number: int, unit: str) -> str:
    if number == 1 and bound == "at least":
        return "must not be empty"
    return f"must have {bound} {number} {unit}{'' if number == 1 else 's'}"


def _field(path: Iterable[str | int]) -> str:
    """A path as the stored functions write it: `client.email`, `steps[1].tone`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
