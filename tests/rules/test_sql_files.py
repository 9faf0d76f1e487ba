"""The files under db/ as a reader sees them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 100


def test_no_line_of_sql_is_wider_than_100_columns() -> None:
    """Every line of every file under db/ has at most 100 columns, function bodies included."""
    files = [path for path in (ROOT / "db").rglob("*") if path.suffix in {".sql", ".yml"}]
    assert len(files) > 200
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > WIDTH
    ]
    assert wide == []
