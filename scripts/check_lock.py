"""Check both locks: every entry has a hash, no package index is named, and both pin what runs alike."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN, DEVELOP = "requirements.lock", "requirements-dev.lock"


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
    found += [f"no hash: {pin}" for pin, entry in pins(text).items() if "--hash=sha256:" not in entry]
    return found


def differences(run: str, develop: str) -> list[str]:
    """Each package of the lock that runs which the other pins otherwise, or does not have."""
    inner, outer = pins(run), pins(develop)
    return [f"not as in {RUN}: {pin}" for pin, entry in inner.items() if outer.get(pin) != entry]


def pins(text: str) -> dict[str, str]:
    """The entries of a lock by their first line, `name==version` and its marker, each with its hashes."""
    entries = re.split(r"\n(?=\S)", text.strip())
    return {entry.splitlines()[0].removesuffix("\\").strip(): entry for entry in entries}


def main() -> int:
    """Print the faults; the exit code."""
    run, develop = ((ROOT / name).read_text(encoding="utf-8") for name in (RUN, DEVELOP))
    found = [
        *(f"{RUN}: {fault}" for fault in faults(run)),
        *(f"{DEVELOP}: {fault}" for fault in (*faults(develop), *differences(run, develop))),
    ]
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
