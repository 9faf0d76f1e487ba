"""What the documentation points at is there, and its lines are short."""

import re
from pathlib import Path

import pytest

from app.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(
        part.startswith(".") or part in {"build", "dist", "var"} for part in page.relative_to(ROOT).parts
    )
)
WIDTH = 100
TOP = ("app", "bench", "bruno", "db", "docs", "scripts", "tests", "worker")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_of_the_tree_are_found() -> None:
    """The tests below read README, the pages of docs and the others beside them, and none of a library."""
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "docs/dba.md", "docs/performance.md"} <= names
    assert all(name.count("/") == 0 or name.startswith("docs/") for name in names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder of the tree, and a heading that it has."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_short(page: Path) -> None:
    """A line of prose or of code has at most 100 characters; only a row of a table may be wider."""
    lines = page.read_text().splitlines()
    assert [line for line in lines if len(line) > WIDTH and not line.startswith("| ")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path) -> None:
    """Paths below the folders of the tree, targets of make and commands of rubis are what they were."""
    makefile = (ROOT / "Makefile").read_text()
    for name in re.findall(r"`([^`\n]+)`", page.read_text()):
        first, _, rest = name.partition(" ")
        if first == "make":
            target = re.sub(r"\S+=\S+", "", rest).split()[0]
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), name
        elif first in ("rubis", ".venv/bin/rubis") and rest:
            assert rest.split()[0] in main.commands, name
        elif first.partition("/")[0] in TOP and re.fullmatch(r"[\w./-]+/[\w./-]*", first):
            assert (ROOT / first).exists(), name


def test_the_seeds_tests_exist() -> None:
    """Every test that docs/seed.md names is under tests/."""
    items = re.split(r"\n- ", " ".join((ROOT / "docs/seed.md").read_text().split("\n  ")))
    shown = [item.rpartition(" Test: ")[2] for item in items if " Test: " in item]
    named = [name for tests in shown for name in re.findall(r"`([^`]+)`", tests) if "make" not in name]
    assert len(named) > 35
    for name in named:
        file, _, function = name.partition("::")
        path = ROOT / file
        assert path.exists(), name
        assert not function or f"def {function}(" in path.read_text(), name
