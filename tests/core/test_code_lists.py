"""What ISO and `holidays` list is generated, and agrees with what other libraries say."""

from babel.numbers import list_currencies

from app.core.codes import COUNTRIES, CURRENCY_DIGITS
from scripts.code_lists import generate


def test_the_lists_are_fresh() -> None:
    """`make codes` would change nothing."""
    assert [path.name for path, text in generate().items() if path.read_text("utf-8") != text] == []


def test_what_is_no_country_or_currency_is_not_listed() -> None:
    """Officially assigned, active, with a minor unit; and each currency has a name in Babel."""
    assert len(COUNTRIES) == 249
    assert COUNTRIES.isdisjoint({"EL", "UK", "XK", "EU", "ZZ"})
    assert CURRENCY_DIGITS.keys().isdisjoint({"XXX", "XTS", "XAU", "XDR", "DEM", "FRF", "XYZ"})
    assert CURRENCY_DIGITS.keys() - list_currencies() == {"XAD"}  # the Arab Monetary Fund's, which CLDR lacks
    assert {code: CURRENCY_DIGITS[code] for code in ("EUR", "JPY", "TND", "IQD", "CLF")} == {
        "EUR": 2, "JPY": 0, "TND": 3, "IQD": 3, "CLF": 4,
    }  # fmt: skip
