"""What the documentation points at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder of the tree."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    missing = {target for target in targets if not (page.parent / target).exists()}
    assert missing == set()


def test_the_seeds_tests_exist() -> None:
    """Every test that docs/seed.md names is under tests/."""
    rows = [line.split("|") for line in (ROOT / "docs/seed.md").read_text().splitlines() if line[:1] == "|"]
    named = [name for row in rows[2:] for name in re.findall(r"`([^`]+)`", row[3]) if "make" not in name]
    assert len(named) > 25
    for name in named:
        file, _, function = name.partition("::")
        path = ROOT / "tests" / file
        assert path.exists(), name
        assert not function or f"def {function}(" in path.read_text(), name
