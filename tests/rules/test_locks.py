"""The check of the two locks finds each fault that a lock may have."""

import pytest

from scripts.check_lock import differences, faults

LOCK = """\
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
beta==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:ba
"""


def test_a_lock_with_hashes_has_no_fault() -> None:
    """Pins with hashes, with and without a marker."""
    assert faults(LOCK) == []


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        ("gamma==3.0\n", "no hash: gamma==3.0"),
        ("--index-url simple\n", "line 6: an index option"),
        ("gamma @ scheme://somewhere/gamma.whl --hash=sha256:ca\n", "line 6: gamma @ scheme"),
    ],
)
def test_a_fault_in_a_lock_is_named(added: str, fault: str) -> None:
    """A pin without a hash, an option that names an index, an address."""
    assert faults(LOCK + added)[0].startswith(fault)


def test_the_lock_that_develops_may_have_more_packages() -> None:
    """What it has on top is no difference."""
    assert differences(LOCK, LOCK + "gamma==3.0 \\\n    --hash=sha256:ca\n") == []


@pytest.mark.parametrize(
    ("old", "new", "pin"),
    [
        ("alpha==1.0", "alpha==1.1", "alpha==1.0"),
        ("sha256:ab", "sha256:ac", "alpha==1.0"),
        ("win32", "darwin", "beta==2.0 ; sys_platform == 'win32'"),
        ("beta", "gamma", "beta==2.0 ; sys_platform == 'win32'"),
    ],
)
def test_a_package_that_runs_is_the_same_in_both_locks(old: str, new: str, pin: str) -> None:
    """Another version, hash or marker, or none at all, is a difference."""
    assert differences(LOCK, LOCK.replace(old, new)) == [f"not as in requirements.lock: {pin}"]
