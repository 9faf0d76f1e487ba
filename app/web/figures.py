"""Figures as bars show them, beside the table that says them."""

from collections.abc import Sequence


def shares(cents: Sequence[int], whole: int) -> list[float]:
    """Each amount in per cent of a whole; 0 of nothing."""
    return [100 * amount / whole if whole else 0.0 for amount in cents]


def parts(cents: Sequence[int]) -> list[tuple[str, float]]:
    """Amounts by age as the parts of one bar: the class of each, `a0` and on, and its share of all."""
    return [(f"a{age}", share) for age, share in enumerate(shares(cents, sum(cents)))]
