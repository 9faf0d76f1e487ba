"""Generate the register of errors in docs/errors.md: `make errors`; with --check, fail if it is stale."""

import argparse
import re
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "errors.md"

_BEGIN = "<!-- generated from db/functions by `make errors`: do not edit below -->"
_WIDTH = 100
_RAISE = re.compile(
    r"errcode = '(?P<code>RB\d{3})',\s*constraint = (?P<reason>[^,]+?),(?:\s*column = (?P<field>[^,]+?),)?"
    r"\s*message = (?P<message>.+?)(?:,\s*hint|;)",
    re.DOTALL,
)


def register() -> list[str]:
    """An item for each SQLSTATE and reason: the field at fault, and the functions that raise it."""
    rows: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((ROOT / "db" / "functions").rglob("*.sql")):
        for found in _RAISE.finditer(path.read_text(encoding="utf-8")):
            row = rows[found["code"], _plain(found["reason"])]
            row["field"].add(_plain(found["field"] or ""))
            row["raised by"].add(f"`{path.stem}`")
    return [
        textwrap.fill(
            f"- {code} `{reason}`"
            + (f" (field: {fields})" if (fields := _list(row["field"])) else "")
            + f": {_list(row['raised by'])}",
            _WIDTH,
            subsequent_indent="  ",
            break_on_hyphens=False,
        )
        for (code, reason), row in sorted(rows.items())
    ]


def _list(words: set[str]) -> str:
    return ", ".join(sorted(filter(None, words)))


def _plain(expression: str) -> str:
    """A SQL expression as a name: 'invoice__paid', or a placeholder for a value known at run time only."""
    expression = expression.strip().replace("tg_table_name || '", "'<table>")
    expression = re.sub(r"' \|\| \w+\.(\w+)$", r"<\1>'", expression)
    literal = re.fullmatch(r"'([^']*)'", expression)
    return (
        literal[1] if literal else "the one at fault" if expression.startswith(("v_", "case")) else expression
    )


def generate() -> str:
    """The page with a new register."""
    introduction = PAGE.read_text(encoding="utf-8").split(_BEGIN)[0]
    return introduction + "\n".join([_BEGIN, "", *register()]) + "\n"


def main() -> int:
    """Write or check the page; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is stale")
    check = parser.parse_args().check
    text = generate()
    if check:
        if PAGE.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is stale: run `make errors`.\n")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
