"""`make bench`: run every measure, print the table, write bench/results.json and docs/performance.md."""

import argparse
import sys
import time
from pathlib import Path

from bench import report, sizes
from bench.ground import forget_settings, prepared
from bench.measures import MEASURES
from bench.results import Row

_ROOT = Path(__file__).resolve().parents[1]


def run(chosen: sizes.Sizes, folder: Path, only: list[str] | None = None) -> list[Row]:
    """Measure, and write the results below `folder`, which stands for the tree. The rows of the table.

    With `only`, those measures alone, and nothing is written.
    """
    rows: list[Row] = []
    with prepared(chosen) as ground:
        machine = report.machine(ground)
        for name, measure in MEASURES.items():
            if only and name not in only:
                continue
            began = time.monotonic()
            rows += measure(ground, chosen)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if not only:
        report.write(folder, chosen, machine, rows)
    return rows


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="open invoices at which growth ends")
    parser.add_argument("--quick", action="store_true", help="some minutes; the results go under var/bench")
    parser.add_argument("--only", nargs="*", choices=list(MEASURES), help="these measures, nothing written")
    args = parser.parse_args()
    forget_settings()
    chosen = sizes.quick(args.size) if args.quick else sizes.full(args.size)
    rows = run(chosen, _ROOT / "var/bench" if args.quick else _ROOT, args.only)
    print(report.table(rows))


if __name__ == "__main__":
    main()
