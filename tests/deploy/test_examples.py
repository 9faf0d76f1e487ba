"""The examples of docs/deploy, as far as they can be checked without a container engine or a service manager.

Each tool's tests are skipped, with a message, where the tool is missing: hadolint and check-jsonschema come
with `make test`, systemd-analyze, nginx and caddy from the system.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from app.core.settings import Settings
from tests.support.cast import connected
from tests.support.database import Database
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program
from tests.support.stack import WEB_URL

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def tool(name: str) -> str:
    """The program of this name, beside Python or in the system; skips the test if there is none."""
    places = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str | Path) -> str:
    """Run a check to its end; what it said. Fails with that if the check does."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_container_file_passes_its_linter() -> None:
    """No finding of hadolint's, of any severity."""
    assert run(tool("hadolint"), "--failure-threshold", "style", DEPLOY / "Containerfile") == ""


def test_the_container_file_copies_what_the_wheel_is_built_from() -> None:
    """Its packages are the folders that setuptools looks for; each copied name exists."""
    text = (DEPLOY / "Containerfile").read_text()
    copied = [
        word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for word in line.split()
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in packages} <= set(copied)


def test_the_compose_file_has_the_form_that_engines_expect() -> None:
    """By the schema of the Compose specification."""
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yml")


def test_every_service_of_ours_has_a_read_only_root() -> None:
    """Nor has it a capability, and none may be gained."""
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    ours = {name: service for name, service in services.items() if service["image"] == "rubis"}
    assert ours.keys() == {"migrate", "api", "worker", "web", "backup"}
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_examples_set_only_settings_that_exist() -> None:
    """Each variable of the compose file and the container file is one of ours, or of another program."""
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    named = {name for service in services.values() for name in service.get("environment", {})}
    named |= set(re.findall(r"([A-Z_]+)=", (DEPLOY / "Containerfile").read_text()))
    others = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    others |= {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}
    assert named - others - {field.upper() for field in Settings.model_fields} == set()


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, with the `rubis` of this environment, which systemd-analyze looks for."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/rubis/bin/rubis", str(Path(sys.executable).parent / "rubis"))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", [unit.name for unit in UNITS])
def test_each_unit_is_understood_by_systemd(units: Path, name: str) -> None:
    """Without a complaint about the file itself."""
    said = run(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", units / name)
    assert name not in said


@pytest.mark.parametrize("name", [unit.name for unit in SERVICES])
def test_each_service_is_confined(units: Path, name: str) -> None:
    """Its exposure is less than 2.0 of 10, which systemd calls OK; without hardening it is 9."""
    analyze = tool("systemd-analyze")
    run(analyze, "security", "--offline=yes", "--threshold=20", "--no-pager", units / name)


def test_each_service_runs_a_command_that_exists() -> None:
    """`rubis --help` knows it, with the options given."""
    for unit in SERVICES:
        command = re.search(r"^ExecStart=/opt/rubis/bin/(rubis .*)$", unit.read_text(), re.MULTILINE)
        assert command is not None
        run(*[Path(sys.executable).parent / "rubis", *command[1].split()[1:], "--help"])


@dataclass(frozen=True)
class Proxy:
    """A proxy as its example has it, on a port of its own."""

    folder: Path
    port: int
    scheme: str = "https"

    def request(
        self, method: str, path: str, host: str = "rubis.example.com", **headers: str
    ) -> httpx.Response:
        """One request, without following a redirect."""
        url = f"{self.scheme}://127.0.0.1:{self.port}{path}"
        return httpx.request(method, url, headers={"Host": f"{host}:{self.port}", **headers}, verify=False)

    def log(self) -> str:
        """All that it has written."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


@contextmanager
def caddy(folder: Path, api: int) -> Iterator[Proxy]:
    """The example of Caddy, without TLS: with this machine's ports and files in place of its own."""
    program = tool("caddy")
    folder.mkdir()
    port = free_port()
    text = (DEPLOY / "Caddyfile").read_text()
    for old, new in (
        ("\nrubis.example.com {", f"\nhttp://rubis.example.com:{port} {{"),
        ("\nweb.rubis.example.com {", f"\nhttp://web.rubis.example.com:{port} {{"),
        ("127.0.0.1:3333", f"127.0.0.1:{api}"),
        ("/var/log/caddy", str(folder)),
        ("\n{\n", "\n{\n\tadmin off\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    configuration = folder / "Caddyfile"
    configuration.write_text(text)
    command = [program, "run", "--adapter", "caddyfile", "--config", str(configuration)]
    home = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (
        (folder / "main.log").open("w") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=home) as process,
    ):
        try:
            wait_for_port(port)
            yield Proxy(folder, port, "http")
        finally:
            process.terminate()


def test_caddy_understands_its_example(tmp_path: Path) -> None:
    """As `caddy validate` says."""
    text = (DEPLOY / "Caddyfile").read_text().replace("/var/log/caddy", str(tmp_path))
    copy = tmp_path / "Caddyfile"
    copy.write_text(text)
    said = run(tool("caddy"), "validate", "--adapter", "caddyfile", "--config", copy)
    assert "Valid configuration" in said


@contextmanager
def nginx(folder: Path, api: int) -> Iterator[Proxy]:
    """The example of nginx with this machine's ports and files in place of its own."""
    program, openssl = tool("nginx"), tool("openssl")
    folder.mkdir()
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    run(
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=rubis.example.com"),
        *("-keyout", key, "-out", certificate),
    )
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:3333", f"127.0.0.1:{api}"),
        ("/etc/ssl/rubis", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert old in text
        text = text.replace(old, new)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/main.log info;\n"
        f"events {{}}\n"
        f"http {{\nclient_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{text}}}\n"
    )
    command = [program, "-e", str(folder / "main.log"), "-c", str(configuration)]
    run(*command, "-t")
    with subprocess.Popen(command) as process:
        try:
            wait_for_port(port)
            yield Proxy(folder, port)
        finally:
            process.terminate()


@pytest.mark.parametrize("proxying", [nginx, caddy])
def test_behind_the_proxy_links_work_and_no_log_has_a_token(
    database: Database, tmp_path: Path, proxying: Callable[[Path, int], AbstractContextManager[Proxy]]
) -> None:
    """HEAD stays HEAD, a click is recorded, and a proxy without its API answers 502: no log names a path."""
    tool(proxying.__name__)
    port = free_port()
    environment = database.environment(
        PORT=str(port), WEB_URL=WEB_URL, TRUSTED_PROXIES="127.0.0.1", LIMIT_INVALID_TOKEN="2/minute"
    )
    with (
        connected(database) as cast,
        Program("api", environment, tmp_path) as api,
        proxying(tmp_path / "proxy", port) as proxy,
    ):
        wait_for_port(port)
        invoice_id, token = cast.asked()
        link = f"/api/v1/checkin/{token.plain}/paid"
        proxy.request("HEAD", link)
        assert cast.task(invoice_id)["status"] == "sent"
        assert proxy.request("GET", link).headers["location"].endswith("/paid")
        assert cast.task(invoice_id)["status"] == "answered"
        assert proxy.request("GET", f"/checkin/{token.plain}").status_code == 200
        for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
            assert proxy.request("GET", path).status_code == 404

        forged = [
            proxy.request(
                "GET", f"/api/v1/checkin/{number:043}/paid", **{"X-Forwarded-For": f"192.0.2.{number}"}
            )
            for number in range(3)
        ]
        assert [answer.status_code for answer in forged] == [302, 302, 429]

        api.kill()
        assert proxy.request("GET", link).status_code == 502
        log = proxy.log()
        assert re.search(r"\b502\b", log)
        assert str(token.plain) not in log
        assert "/checkin" not in log
