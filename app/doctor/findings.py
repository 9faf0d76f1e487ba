"""What a check of `rubis doctor` found."""

from dataclasses import dataclass
from typing import Literal

PATIENCE = 5  # seconds for anything on the network


@dataclass(frozen=True)
class Finding:
    """What was checked, what was seen, and what to do if it is wrong, or was not to be seen from here."""

    part: str
    state: Literal["ok", "bad", "unseen"]
    seen: str
    remedy: str = ""

    def line(self) -> str:
        """One line for a person."""
        mark = {"ok": "ok ", "bad": "BAD", "unseen": "-- "}[self.state]
        return f"{mark}  {self.part}: {self.seen}" + (f". {self.remedy}" if self.remedy else "")


def judged(part: str, *, well: bool, seen: str, remedy: str) -> Finding:
    """A finding that is ok, or bad with its remedy."""
    return Finding(part, "ok", seen) if well else Finding(part, "bad", seen, remedy)


def first_line(error: BaseException) -> str:
    """The first line of an error's words."""
    return str(error).strip().removeprefix("connection is bad: ").split("\n", 1)[0]
