"""What people type into forms: read by the API's own models, refused in the reader's words."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.core.amounts import read_cents
from app.core.errors import ApiError
from app.core.text import Language
from app.web.words import load_texts, say

Model = TypeVar("Model", bound=BaseModel)

MAX_FIELDS = 1_000
_REFUSED = (409, 422)
_BOUNDS = ("min_length", "max_length", "ge", "le")
_SPACES = re.compile(r"\s")


class Form:
    """The fields of a form as they were typed, and what is wrong with them.

    `faults` has a sentence by field; `notice` is what is wrong with none of them alone.
    """

    def __init__(self, values: Mapping[str, list[str]], language: Language) -> None:
        """`values`: every value of every field, in order."""
        self.values = values
        self.typed = {name: given[0] for name, given in values.items() if given}
        self.language = language
        self.faults: dict[str, str] = {}
        self.notice: str | None = None
        self._texts = load_texts(language, "faults")

    @classmethod
    async def read_from(cls, request: Request, language: Language) -> Self:
        """Read what was posted. Files are left to who expects some: see `request.form`."""
        values: dict[str, list[str]] = {}
        async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
            for name, value in form.multi_items():
                values.setdefault(name, []).append(str(value))
        return cls(values, language)

    @classmethod
    def of(cls, values: Mapping[str, Any], language: Language) -> Self:
        """A form before it is posted, filled in with these values; None leaves a field empty."""
        return cls({name: [str(value)] for name, value in values.items() if value is not None}, language)

    def text(self, name: str) -> str | None:
        """What was typed into a field, without the space around it; None if that is nothing."""
        return self.typed.get(name, "").strip() or None

    def all(self, name: str) -> list[str]:
        """All values of a field that may be there more than once, such as a checkbox."""
        return [value for value in self.values.get(name, []) if value.strip()]

    def checked(self, name: str) -> bool:
        """Whether a checkbox was checked."""
        return name in self.values

    def integer(self, name: str) -> int | str | None:
        """A whole number; what is none stays as it was typed, for the model to refuse."""
        text = self.text(name)
        plain = _SPACES.sub("", text or "")
        return int(plain) if re.fullmatch(r"-?[0-9]{1,15}", plain, re.ASCII) else text

    def number(self, name: str) -> float | str | None:
        """A number as people write it (`12,5`); what is none stays as it was typed."""
        text = self.text(name)
        try:
            return None if text is None else float(Decimal(_SPACES.sub("", text).replace(",", ".")))
        except (InvalidOperation, ValueError):  # ValueError: a signalling NaN
            return text

    def cents(self, name: str, currency: str | None = None) -> int | str | None:
        """An amount as people write it, in the minor unit of its currency; else what was typed."""
        text = self.text(name)
        cents = read_cents(text or "", currency or "EUR")
        return text if cents is None else cents

    def read(
        self, model: type[Model], names: Mapping[str, str] | None = None, /, **values: Any
    ) -> Model | None:
        """Read values as the API reads a request's body; None if one is refused, and `faults` say why.

        `names`: the form's field for a field of the model that has another name there
        (`{"amount_cents": "amount", "client.name": "client_name"}`).
        """
        try:
            return model.model_validate(values)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                path = _path(fault["loc"])
                self.fault((names or {}).get(path, path), self._fault(fault))
            return None

    def fault(self, field: str, words: str) -> None:
        """Say what is wrong with a field; the first sentence stands."""
        self.faults.setdefault(field, words)

    def refuse(self, error: ApiError, names: Mapping[str, str] | None = None) -> None:
        """Say what the database found wrong, by its field. Raises `error` if it is no refusal."""
        if error.status not in _REFUSED:
            raise error
        words = self.words(error)
        for field in [fault.field for fault in error.errors] or [""]:
            known = (names or {}).get(field, field)
            if known in self.typed:
                self.fault(known, words)
            else:
                self.notice = words

    def words(self, error: ApiError) -> str:
        """A refusal of the database in the reader's words; one without words of its own says its field."""
        reasons: dict[str, str] = self._texts["reasons"]
        field = error.field or (error.errors[0].field if error.errors else None)
        named = self._texts["fields"].get(field or "", field or "")
        return str(say(reasons.get(error.reason) or self._texts["other"]["refused"], field=named))

    def _fault(self, fault: Mapping[str, Any]) -> str:
        """One fault that pydantic found, in the reader's words."""
        types, said = self._texts["types"], self._texts["said"]
        if fault["type"] == "value_error":
            return str(said.get(str(fault["ctx"]["error"]), self._texts["other"]["invalid"]))
        if fault["type"] not in types:
            return str(self._texts["other"]["invalid"])
        bounds = {name: value for name, value in fault.get("ctx", {}).items() if name in _BOUNDS}
        return str(say(types[fault["type"]], **bounds))


def _path(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
