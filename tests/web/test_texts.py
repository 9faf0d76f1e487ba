"""The words of the app: in both languages, complete, with the typography of each."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from app.api.faults import _WORDS
from app.web.language import LANGUAGES
from app.web.words import load_texts

AREAS = sorted(file.name.removesuffix(".toml") for file in files("app.web").joinpath("texts", "fr").iterdir())
NOT_FOR_PAGES = {
    *("access_token__message", "changes__object", "changes__unknown_field", "invoice__kept", "limit__range"),
    *("kept_days__range", "mail_attempt__failure_class", "page__range", "invoice__user_id"),
    *("checkin__answer", "client__sort", "invoice__act", "invoice__ids", "invoice__sort", "invoice__view"),
}
"""Reasons that no page can lead to: the values they are about are offered, not typed."""


def leaves(texts: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its path."""
    for key, text in texts.items():
        if isinstance(text, dict):
            yield from leaves(text, f"{path}{key}.")
        else:
            yield f"{path}{key}", text


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things(area: str) -> None:
    """Every text is there in both, with the same values to fill in; days that have a name differ."""
    fields = [
        {
            path: sorted(set(re.findall(r"\{\w*\}", text)))
            for path, text in leaves(load_texts(language, area))
            if not path.startswith("near.")
        }
        for language in LANGUAGES
    ]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("area", AREAS)
def test_french_has_its_typographic_spaces_and_apostrophes(area: str) -> None:
    """No line can begin with a lone `?` or `:`; no typewriter apostrophe is left in either language."""
    for path, text in leaves(load_texts("fr", area)):
        assert not re.search(r"[^\u202f][;!?](?!\w)|[^\u00a0\d]:(?!//)|[ ][»]|«[ ]|\d h\b", text), (
            path,
            text,
        )
    for language in LANGUAGES:
        for path, text in leaves(load_texts(language, area)):
            assert "'" not in text, (path, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_model_has_words(language: str) -> None:
    """What pydantic finds by type, and what our own types say, is said in the reader's language."""
    texts = load_texts(language, "faults")
    of_json_alone = {"extra_forbidden", "value_error", "model_type", "model_attributes_type", "dict_type"}
    of_json_alone |= {"bool_type", "int_parsing_size", "uuid_parsing"}
    assert set(_WORDS) - of_json_alone <= set(texts["types"])
    assert messages() <= set(texts["said"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_the_database_has_words(language: str) -> None:
    """Each reason of docs/errors.md that a page can lead to is said in the reader's language."""
    reasons = load_texts(language, "faults")["reasons"]
    register = Path("docs/errors.md").read_text(encoding="utf-8").split("<!-- generated")[1]
    entries = re.findall(r"^- RB(?:409|422|429) `([^`<]+)`", register, re.MULTILINE)
    assert len(entries) > 40
    ours = {entry for entry in entries if entry.startswith(("rate_limit__", "holiday_", "public_holiday__"))}
    ours.add("the one at fault")  # a constraint's own name, which a page says by its field
    missing = sorted(set(entries) - ours - NOT_FOR_PAGES - set(reasons))
    assert not missing, "\n".join(missing)


def messages() -> set[str]:
    """The sentences of the ValueErrors of our models, their numbers written in."""
    found: set[str] = set()
    for path in Path("app/models").glob("*.py"):
        names = vars(import_module(f"app.models.{path.stem}".removesuffix(".__init__")))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
                found.add(eval(compile(ast.Expression(node.value), str(path), "eval"), names))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "_pattern":
                found.add(ast.literal_eval(node.args[1]))
    return found
