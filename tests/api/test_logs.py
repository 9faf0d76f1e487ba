"""What the API logs: one JSON line per request, by route, and never a token."""

import errno
import io
import json
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import anyio
import httpx
import pytest
import structlog

from app.api.main import create_app
from app.core import logs
from app.core.security import new_token
from app.core.settings import Settings
from tests.api.support import SECRETS, Account, Api, problem
from tests.support.database import Database
from tests.support.ports import free_port, wait_for_port

FIELDS = {"event", "level", "logger", "timestamp", "request_id"}
FIELDS |= {"method", "route", "status", "duration_ms", "client"}
SERVE = """
from app.core import logs
from app.api.main import create_server
from app.core.settings import Settings
settings = Settings(_env_file=None)
logs.configure(settings)
create_server(settings).run()
"""


def test_a_whole_process_logs_no_token(database: Database) -> None:
    """Even uvicorn: links, odd paths, query strings, bad requests, a lost database, its end by SIGTERM."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=database.environment(PORT=str(port), LOG_LEVEL="debug"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for_port(port)
            api = Api(f"http://127.0.0.1:{port}", database, database.settings(), ExitStack())
            with api.cleanup:
                answers = _use(api)
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)
    assert out == ""
    assert not [secret for secret in SECRETS if secret in err]
    lines = [json.loads(line) for line in err.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["request_id"] for line in requests] == [answer.headers["x-request-id"] for answer in answers]
    assert [line["status"] for line in requests] == [answer.status_code for answer in answers]
    assert "/api/v1/checkin/{token}/paid" in {line["route"] for line in requests}
    assert None in {line["route"] for line in requests}
    for line in requests:
        assert line["method"] in ("GET", "POST", "HEAD")
        assert line["client"] == "127.0.0.1"
        assert 0 <= line["duration_ms"] < 20000
        assert set(line) - {"reason"} == FIELDS
    assert "route__missing" in {line.get("reason") for line in requests}


def _use(api: Api) -> list[httpx.Response]:
    """Whatever might bring a token into a log; the answers in order."""
    answers: list[httpx.Response] = []
    client = api.client(event_hooks={"response": [answers.append]})
    body = {"email": "ana@b.example", "password": "a password not to be logged", "full_name": "A"}
    SECRETS.add(body["password"])
    answer = client.post("/api/v1/auth/register", json=body | {"organization_name": "A"})
    ana = Account(api, client, body["email"], answer.json())
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    for method in ("HEAD", "GET", "GET"):
        client.request(method, f"/api/v1/checkin/{token}/paid")
    for path in (
        f"/api/v1/checkin/{token}",
        f"/api/v1/checkin/{token}/paid/",
        f"/api/v1/verify-email/{token}",
        f"/reset-password/{token}",
        f"/{token}",
        f"/api/v1/invoices/{token}",
    ):
        client.get(path)
    client.get("/api/v1/invoices", params={"cursor": token, token: token})
    client.get(
        "/healthz", headers={"X-Request-ID": token, "User-Agent": token, "Referer": f"http://x/{token}"}
    )
    client.post("/api/v1/auth/login", json={"email": token, "password": token, token: token})
    client.post("/api/v1/auth/refresh")
    with socket.create_connection(("127.0.0.1", int(api.url.rpartition(":")[2]))) as raw:
        raw.sendall(f"GET /api/v1/checkin/{token}/paid BROKEN\r\n\r\n".encode())
        assert b"400" in raw.recv(1000)
    api.database.admin.execute("revoke usage on schema api from rubis_api")
    client.get(f"/api/v1/checkin/{token}/pending")
    client.get("/readyz")
    return answers


def test_an_unexpected_error_is_logged_with_its_cause_and_answered_without(
    written_logs: io.StringIO, database: Database
) -> None:
    """500 without internals; the log has the traceback, without the values of variables, and no token."""
    token = new_token()
    SECRETS.add(token)
    app = create_app(database.settings())

    @app.get("/boom/{secret}")
    def boom(secret: str) -> None:
        message = f"no luck with {secret}"
        raise RuntimeError(message)

    start = written_logs.tell()
    answer = _get(app, f"/boom/{token}")
    body = problem(answer, 500, "internal")
    assert "luck" not in answer.text
    written_logs.seek(start)
    lines = [json.loads(line) for line in written_logs.read().splitlines()]
    failure = next(line for line in lines if line["event"] == "unexpected_error")
    assert failure["request_id"] == body["request_id"]
    assert "RuntimeError: no luck with [token]" in failure["exception"]
    assert next(line for line in lines if line["event"] == "request")["route"] == "/boom/{secret}"


def test_an_answer_that_does_not_fit_its_model_is_500(database: Database) -> None:
    """Should a function return something else than documented, no half of it is shown."""
    app = create_app(database.settings())

    class Odd:
        async def call(self, *_args: object, **_params: object) -> dict[str, Any]:
            return {"user": {}, "organization": {}}

    app.state.database = Odd()
    problem(_get(app, "/api/v1/me", Authorization=f"Bearer {new_token()}"), 500, "internal")


def _get(app: Any, path: str, **headers: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get(path, headers=headers)

    return anyio.run(get)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/checkin/tYxR0fH4bq2Yv8C1mZkQ3n5w7u9s0aBcDeFgHiJkLmN/paid", "/checkin/[token]/paid"),
        ("Bearer tYxR0fH4bq2Yv8C1mZkQ3n5w7u9s0aBcDeFgHiJkLmN", "Bearer [token]"),
        (
            "rubis.a_function_with_a_name_of_43_characters_in",
            "rubis.a_function_with_a_name_of_43_characters_in",
        ),
        ("0" * 64, "0" * 64),
    ],
)
def test_what_looks_like_a_token_is_taken_out(text: str, shown: str) -> None:
    """Anywhere in an event, and names of ours are not mistaken for one."""
    event = logs.redact(None, "info", {"a": text, "b": {"c": [text, 1, None]}})
    assert event == {"a": shown, "b": {"c": [shown, 1, None]}}


def test_libraries_are_quiet_and_uvicorns_access_log_is_off(written_logs: io.StringIO) -> None:
    """Their loggers write through ours or not at all."""
    start = written_logs.tell()
    logging.getLogger("uvicorn.access").warning("GET /api/v1/checkin/secret/paid")
    logging.getLogger("procrastinate.worker").info("chatter")
    logging.getLogger("psycopg").info("chatter")
    logging.getLogger("uvicorn.error").warning("heard %s", "once")
    written_logs.seek(start)
    lines = [json.loads(line) for line in written_logs.read().splitlines()]
    assert [line["event"] for line in lines if line["logger"] != "app.request"] == ["heard once"]


@pytest.mark.parametrize(("level", "heard"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_log_level_holds_for_our_lines_and_for_those_of_libraries(level: str, heard: int) -> None:
    """LOG_LEVEL is the least level that is written."""
    stream = io.StringIO()
    with _logging_to(stream, log_level=level):
        for name in ("debug", "info", "warning", "error"):
            getattr(logs.access_log, name)("ours")
            getattr(logging.getLogger("library"), name)("theirs")
    lines = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert (lines.count("ours"), lines.count("theirs")) == (heard, heard)


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else() -> None:
    """With the logs on a full disk, or their reader gone, a mail that left is still recorded as sent."""

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    for stream in (Full(), io.StringIO()):
        with _logging_to(stream):
            stream.close()
            logs.access_log.info("said")
            logs.access_log.log(logging.WARNING, "said")
            logs.access_log.exception("said")


def test_a_person_at_a_terminal_reads_plain_lines() -> None:
    """Colours and no JSON on a tty."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with _logging_to(terminal):
        logs.access_log.warning("said", token="tYxR0fH4bq2Yv8C1mZkQ3n5w7u9s0aBcDeFgHiJkLmN")
    assert "said" in terminal.getvalue()
    assert "[token]" in terminal.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(terminal.getvalue())


@contextmanager
def _logging_to(stream: io.StringIO, **changes: Any) -> Iterator[None]:
    """The logs as a process with this stderr has them; then as they were."""
    root = logging.getLogger()
    handlers, level, ours = root.handlers, root.level, structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        try:
            logs.configure(Settings(_env_file=None, **changes))
            yield
        finally:
            root.handlers, root.level = handlers, level
            structlog.configure(**ours)
