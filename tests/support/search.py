"""Whether files hold one of thousands of tokens: one pass over the files, whatever the number of tokens."""

import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.leaks import forms
from tests.support.smtp import Mail

_TOKEN = re.compile(r"/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")

_ENOUGH = (
    6  # bytes; shorter ones would be found by accident. Of a billion tokens two are so full of line ends
)


@dataclass(frozen=True)
class Search:
    """What was searched for, where, and which files hold it."""

    tokens: int
    size: int
    holding: list[Path]


def tokens_of(mails: Iterable[Mail]) -> set[str]:
    """Every plain token in any link of these mails."""
    return {token for mail in mails for token in _TOKEN.findall(f"{mail.text}\n{mail.html}")}


def search_files(folders: Sequence[Path], tokens: Iterable[str]) -> Search:
    """Search every file under the folders for the tokens in any form.

    grep reads its patterns by lines: of the 32 bytes behind a token it is given the longest part without a
    line's end.
    """
    known = sorted(set(tokens))
    needles = {_part(form) for token in known for form in forms(token).values()}
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if not known:
        return Search(0, size, [])
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(sorted(needles)) + b"\n")
        patterns.flush()
        found = subprocess.run(
            ["grep", "-r", "-l", "-a", "-F", "-f", patterns.name, "--", *map(str, folders)],
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
    assert found.returncode in (0, 1), found.stderr.decode()
    return Search(len(known), size, sorted(Path(line) for line in found.stdout.decode().splitlines()))


def _part(form: bytes) -> bytes:
    part = max(re.split(rb"[\x00\n]", form), key=len)
    assert len(part) >= _ENOUGH, "a token that is all line ends"
    return part
