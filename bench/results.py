"""What a measure yields: rows of the table."""

from dataclasses import dataclass, field
from statistics import median
from typing import Literal, Self

Bound = Literal["at least", "at most"]


@dataclass(frozen=True)
class Row:
    """One line of the table. `rounds` are pairs of ours and baseline, where there is one."""

    key: str
    measure: str
    unit: str
    ours: float
    baseline: float | None = None
    baseline_is: str = ""
    ratio: float | None = None
    aim: float | None = None
    bound: Bound = "at least"
    rounds: list[tuple[float, float]] = field(default_factory=list)
    points: dict[int, float] = field(default_factory=dict)
    """For a plot: the cost by the number of open invoices."""
    evidence: str = ""
    """Where the time went in this run: a profile in a line."""

    @classmethod
    def of_rounds(
        cls,
        key: str,
        measure: str,
        unit: str,
        rounds: list[tuple[float, float]],
        *,
        baseline_is: str,
        aim: float | None = None,
        bound: Bound = "at least",
        evidence: str = "",
    ) -> Self:
        """The medians of the rounds, and their ratio."""
        middle, base = median(ours for ours, _ in rounds), median(baseline for _, baseline in rounds)
        return cls(
            key=key,
            measure=measure,
            unit=unit,
            ours=middle,
            baseline=base,
            baseline_is=baseline_is,
            ratio=middle / base,
            aim=aim,
            bound=bound,
            rounds=rounds,
            evidence=evidence,
        )

    @property
    def judged(self) -> float:
        """The value that the aim limits: the ratio, or ours without a baseline."""
        return self.ours if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.aim is None:
            return None
        return self.judged >= self.aim if self.bound == "at least" else self.judged <= self.aim
