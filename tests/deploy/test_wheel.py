"""The wheel, installed where the tree is not: in an environment of its own, from folders of its own."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "db", "worker")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree, which gets no `build` folder by it."""
    tree, made = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, tree)
    build = ("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made), str(tree))
    subprocess.run([*PIP, *build], check=True)
    (built,) = made.iterdir()
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the wheel in it. It borrows this one's packages, but not its Rubis.

    A path in a .pth file comes after the environment's own packages, and the .pth files found there, of the
    editable Rubis among them, are not read.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    subprocess.run(
        [*PIP, "--python", str(folder / "bin/python"), "install", "--no-index", "--no-deps", str(wheel)],
        check=True,
    )
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Run:
    """Give a way to run a program of that environment, in a folder that holds folders named as ours."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("raise ImportError('not this one')\n")
    variables = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "RUBIS_DATA_DIR": str(tmp_path / "var"),
        "PORT": str(free_port()),
        "WEB_URL": f"http://localhost:{free_port()}",
    }

    def program(name: str, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [environment / "bin" / name, *args],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return program


def test_the_wheel_has_every_file_of_the_three_folders(wheel: Path) -> None:
    """What lies under `app`, `db` and `worker` travels, and nothing else but the wheel's own records."""
    ours = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == ours


def test_the_environment_imports_the_wheels_files(run: Run, environment: Path) -> None:
    """The other tests of this file would prove nothing with the tree's files."""
    source = "import app, db, worker; print(app.__file__, db.__file__, worker.__file__, sep='\\n')"
    shown = run("python", "-P", "-c", source)
    assert shown.returncode == 0, shown.stderr
    assert all(Path(file).is_relative_to(environment) for file in shown.stdout.split())


def test_an_installed_rubis_migrates_a_new_database(run: Run) -> None:
    """`rubis migrate` finds its SQL in the wheel, and a second run finds nothing to do."""
    first = run("rubis", "migrate")
    assert first.returncode == 0, first.stderr
    assert "created role rubis_owner" in first.stdout
    assert run("rubis", "migrate").stdout == "deployed the functions\n"


def test_an_installed_rubis_plays_the_demonstration(run: Run) -> None:
    """`rubis demo --once` sees all steps, so it finds templates, texts, styles and the SQL of `db/demo`."""
    done = run("rubis", "demo", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it was seen." in done.stdout
