"""Check requirements.lock: complete with hashes, and naming no package index."""

import re
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


def faults(text: str) -> list[str]:
    """What is wrong with the text of a lock, one line each."""
    found = [
        f"line {number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if "://" in line
    ]
    found += [
        f"line {number}: an index option"
        for number, line in enumerate(text.splitlines(), 1)
        if line.startswith("-")
    ]
    pinned = re.split(r"\n(?=\S)", text.strip())
    found += [
        f"no hash: {entry.splitlines()[0]}"
        for entry in pinned
        if "==" in entry and "--hash=sha256:" not in entry
    ]
    return found


def main() -> int:
    """Print the faults; the exit code."""
    found = faults(LOCK.read_text(encoding="utf-8"))
    for fault in found:
        sys.stderr.write(f"{LOCK.name}: {fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
