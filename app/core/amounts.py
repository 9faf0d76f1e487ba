"""Amounts as people type them."""

import re

from app.core.codes import CURRENCY_DIGITS

_GROUP = 3
_BETWEEN = re.compile("[\\s\u00a0\u202f\u2009'\u2019]")
_SIGNS = re.compile("[\u20ac$\u00a3]")
_MOST_CHARACTERS = 40
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*", re.ASCII)


def read_cents(text: str, currency: str = "EUR") -> int | None:
    """An amount in the minor unit of its currency (ISO 4217); None if the text is no amount of it.

    `1 200,50`, `1,200.50`, `1.200,50 €` and `1200.5` are the same. Of two kinds of separators the last is the
    decimal one. A single separator is the decimal one too, unless three digits follow it and the currency has
    not three: `1,200` is twelve hundred euros.
    """
    plain = _SIGNS.sub("", _BETWEEN.sub("", text))
    if len(plain) > _MOST_CHARACTERS or not _NUMBER.fullmatch(plain):
        return None
    digits = CURRENCY_DIGITS.get(currency, 2)
    sign, plain = (-1, plain[1:]) if plain.startswith("-") else (1, plain)
    marks = re.findall("[,.]", plain)
    whole, decimals = plain, ""
    if marks and not _only_groups(plain, marks, digits):
        whole, decimals = re.split(r"[,.](?=[0-9]+$)", plain)
    first, *groups = re.split("[,.]", whole)
    if len(decimals) > digits or any(len(group) != _GROUP for group in groups):
        return None
    if groups and (not int(first) or len(first) > _GROUP or len(set(re.findall("[,.]", whole))) > 1):
        return None
    unit: int = 10**digits
    return sign * (int("".join((first, *groups))) * unit + int(decimals.ljust(digits, "0") or 0))


def _only_groups(plain: str, marks: list[str], digits: int) -> bool:
    """Whether all separators stand between thousands."""
    if len(set(marks)) > 1:
        return False
    return len(marks) > 1 or (len(plain) - plain.index(marks[0]) - 1 == _GROUP and digits != _GROUP)


def plain_amount(cents: int, currency: str, language: str) -> str:
    """An amount as a field of a form shows it, which `read_cents` reads back: `1200,50`; `1200` yen."""
    digits = CURRENCY_DIGITS.get(currency, 2)
    whole, rest = divmod(cents, 10**digits)
    return f"{whole}{',' if language == 'fr' else '.'}{rest:0{digits}}" if digits else str(whole)
