"""The bench still runs. How fast anything is, no test says."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from bench import ground, loading, report, sizes
from bench.__main__ import run
from bench.results import Row
from tests.support.session import connect

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    """A run of the smallest sizes, and where its results are."""
    folder = tmp_path_factory.mktemp("bench")
    return folder, run(sizes.smallest(), folder)


def test_every_measure_runs(written: tuple[Path, list[Row]]) -> None:
    """At the smallest sizes all measures end well, and each row says what was measured."""
    _, rows = written
    assert len({row.key for row in rows}) == len(rows)
    assert all(row.measure and row.unit for row in rows)
    assert all(row.ours > 0 for row in rows if not row.key.startswith("idle"))
    assert {row.key.partition("_")[0] for row in rows} == {
        *("answers", "http", "pages", "bulk", "mails", "promptness", "growth", "life", "idle")
    }


def test_the_page_is_written_from_the_results(written: tuple[Path, list[Row]]) -> None:
    """results.json has every row; performance.md has the figures of each row, and the plots."""
    folder, rows = written
    kept = json.loads((folder / "bench/results.json").read_text())
    assert [row["key"] for row in kept["rows"]] == [row.key for row in rows]
    page = (folder / "docs/performance.md").read_text()
    figures = [line for line in page.splitlines() if re.match(r"\| .*\d", line) and " ours " not in line]
    assert len(figures) == len(rows)
    for kind in ("buffers", "latency"):
        assert f"performance-{kind}.svg" in page
        assert (folder / f"docs/performance-{kind}.svg").read_text().startswith("<svg")


def test_the_page_says_a_note_once(written: tuple[Path, list[Row]]) -> None:
    """Rows that one note is about stand in one section of performance.md, which has the note once."""
    page = (written[0] / "docs/performance.md").read_text()
    notes = tomllib.loads((ROOT / "bench/notes.toml").read_text())
    assert page.count("*Next:*") == len(notes) - len(("decisions",))
    assert page.count("One durable commit") == 1


def test_the_kept_page_is_fresh() -> None:
    """docs/performance.md is what bench/report.py makes of bench/results.json and bench/notes.toml."""
    results = json.loads((ROOT / "bench/results.json").read_text())
    assert report.page(results)["performance.md"] == (ROOT / "docs/performance.md").read_text()


def test_the_results_name_no_machine(written: tuple[Path, list[Row]]) -> None:
    """What is kept tells the kind of machine, and no path or name of it."""
    folder, _ = written
    kept = json.loads((folder / "bench/results.json").read_text())
    assert set(kept["machine"]) == {
        *("processor", "cores", "memory_gib", "system", "file_system", "python", "postgresql")
    }
    for file in (file for file in folder.rglob("*.*") if file.is_file()):
        assert not re.search(r"(?<![\w.])/(tmp|home|root|var)/", file.read_text()), file.name


@pytest.mark.parametrize("state", ["asked", "due", "mixed"])
def test_loaded_rows_are_as_the_product_leaves_them(state: loading.State) -> None:
    """What is loaded with the triggers off breaks no rule that the auditor watches."""
    with ground.prepared(sizes.smallest()) as prepared, prepared.loaded(400, state) as database:
        session = connect(database.conninfo())
        try:
            rules = [
                row["name"]
                for row in session.rows(
                    "select c.oid::regclass::text as name from pg_class as c "
                    "where c.relnamespace = 'audit'::regnamespace and c.relname like 'rule\\_%%'"
                )
            ]
            broken = {rule: rows for rule in rules if (rows := session.rows(f"select * from {rule}"))}
        finally:
            session.connection.close()
    assert len(rules) > 20
    assert broken == {}


def test_every_note_belongs_to_a_row(written: tuple[Path, list[Row]]) -> None:
    """Each note is about rows that there are: where their time goes, the next step, a title for several."""
    notes = tomllib.loads((ROOT / "bench/notes.toml").read_text())
    del notes["decisions"]
    keys = {row.key for row in written[1]}
    for name, note in notes.items():
        about = {name} & keys or {key for key in keys if key.rpartition("_")[0] == name}
        assert about, name
        assert set(note) == {"where", "next"} | ({"title"} if len(about) > 1 else set()), name


def test_figures_belong_to_a_decision() -> None:
    """Each number under [decisions] in notes.toml is a decision that sends the reader to its figures."""
    notes = tomllib.loads((ROOT / "bench/notes.toml").read_text())
    decisions = (ROOT / "docs/decisions.md").read_text()
    for number in notes["decisions"]:
        (words,) = re.findall(rf"(?ms)^- \*\*{number}\. .*?(?=^- |^#|\Z)", decisions)
        assert "performance.md#what-the-design-costs" in words, number
