"""Generate the baseline migration from db/schema: `make baseline`; with --check, fail if it is stale."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASELINE = Path("migrations") / "V0001__baseline.sql"

_HEADER = "-- Generated from db/schema by `make baseline`: do not edit.\n"


def generate(folder: Path) -> str:
    """The baseline's text: every file of `folder`/schema in the order of their names.

    Raises ValueError on text that is not ASCII.
    """
    parts = [_HEADER]
    for path in sorted((folder / "schema").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if not text.isascii():
            message = f"{path} is not ASCII, which pgmigrate wants: write \\uXXXX in an E'' string."
            raise ValueError(message)
        parts.append(f"\n-- db/schema/{path.name}\n\n{text.rstrip()}\n")
    return "".join(parts)


def main() -> int:
    """Write or check the file; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file is stale")
    check = parser.parse_args().check
    path = ROOT / "db" / BASELINE
    text = generate(ROOT / "db")
    if check:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make baseline`.\n")
            return 1
        return 0
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
