"""Every process refuses settings that cannot work, in one line for each, and prints no secret."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import main
from app.core.settings import Settings, SettingsError, read_settings
from app.supervisor import environment
from tests.support.processes import rubis

SECRET = "sesame-open"
URL = "should be an absolute http or https URL without query, as https://rubis.example"
CONNECTION = (
    "should be a URL such as postgresql://user:password@host:5432/database, or libpq's key=value form"
)
PORT = "1 to 65535"
BAD: list[tuple[str, str, str]] = [
    *(
        (name, value, URL)
        for name in ("APP_URL", "WEB_URL", "RESEND_URL")
        for value in (
            "nonsense",
            "monsite.fr",
            "//monsite.fr",
            "ftp://monsite.fr",
            "https://",
            "https:///path",
            "https://mon site.fr",
            "https://monsite.fr/?a=1",
            "https://monsite.fr/#a",
            "https://monsite.fr:99999",
            "https://monsite.fr:0",
            "https://ana:secret@monsite.fr",
            "https://-monsite.fr",
            "https://monsite.fr/<>",
            "http://[::1",
        )
    ),
    *(
        (name, value, CONNECTION)
        for name in ("DATABASE_URL", "API_DATABASE_URL", "WORKER_DATABASE_URL")
        for value in (
            f"mysql://rubis:{SECRET}@localhost/rubis",
            f"localhost {SECRET}",
            f"host=localhost password={SECRET} port=many",
            f"postgresql://rubis:{SECRET}@localhost:0/rubis",
            f"host=localhost colour={SECRET}",
        )
    ),
    *(
        (name, value, "a host's name or IP address")
        for name in ("HOST", "METRICS_HOST", "SMTP_HOST", "PG_HOST")
        for value in ("https://rubis.example", "rubis.example:25", "300.1.2.3", "a b", "[::1]")
    ),
    *(
        ("CORS_ORIGIN", value, "should be origins")
        for value in ("*", "https://a.example/", "a.example", "null")
    ),
    *(
        ("TRUSTED_PROXIES", value, "should be IP addresses or networks")
        for value in ("*", "proxy", "10.0.0.1/8", "10.0.0.0/8,my-proxy")
    ),
    *(
        ("COOKIE_DOMAIN", value, "COOKIE_DOMAIN: should be")
        for value in ("https://localhost", "local host", "other.example", "localhost:3333")
    ),
    *(
        ("MAIL_FROM_ADDRESS", value, "should be an e-mail address")
        for value in ("rubis", "rubis@", "Rubis <a@b.example>", "a@b.example,c@d.example")
    ),
    ("MAIL_FROM_NAME", "Rubis\nBcc: a@b.example", "should be one line of text"),
    *(
        (name, value, "should be a rate such as 10/minute")
        for name in ("LIMIT_SIGN_IN", "LIMIT_SIGN_IN_PAIR", "LIMIT_SIGN_IN_EMAIL", "LIMIT_INVALID_TOKEN")
        for value in ("ten", "10", "0/minute", "10/fortnight", "-1/minute", "5 per 2 hours", "1e3/day")
    ),
    *(
        (name, value, "")
        for name in (
            "PORT",
            "PG_PORT",
            "SMTP_PORT",
            "API_METRICS_PORT",
            "WORKER_METRICS_PORT",
            "DB_POOL_SIZE",
        )
        for value in ("ninety", "-1", "65536", "1.5")
    ),
    *(
        (name, value, "")
        for name in ("TICK_SECONDS", "MAIL_TIMEOUT_SECONDS")
        for value in ("0", "-1", "nan", "inf", "61")
    ),
    *(
        (name, value, "")
        for name in ("WORKER_CONCURRENCY", "ACCESS_TOKEN_TTL_MINUTES", "REFRESH_TOKEN_TTL_DAYS")
        for value in ("0", "many", "1000000000000")
    ),
    *(("REQUEST_TIMEOUT_SECONDS", value, "") for value in ("0", "0.9", "301", "nan", "inf", "-1")),
    ("MAIL_DRIVER", "pigeon", "input should be 'file', 'smtp' or 'resend'"),
    ("SMTP_TLS", "maybe", "input should be 'none', 'starttls' or 'tls'"),
    ("LOG_LEVEL", "loud", "input should be 'debug', 'info', 'warning' or 'error'"),
    ("DB_PREPARED_STATEMENTS", "perhaps", "input should be a valid boolean"),
    ("COOKIE_SECURE", "perhaps", "input should be a valid boolean"),
    ("RESEND_API_KEY", f"{SECRET} {SECRET}", "should be a key in ASCII"),
    ("RUBIS_DATA_DIR", __file__, "should be a folder"),
]
TOGETHER: list[tuple[dict[str, str], str]] = [
    ({"WEB_URL": "https://a.example", "APP_URL": "https://a.example/"}, "WEB_URL: should be another address"),
    (
        {"WEB_URL": "https://a.example:443", "APP_URL": "https://a.example"},
        "WEB_URL: should be another address",
    ),
    ({"WEB_URL": "http://127.0.0.1:3333"}, "WEB_URL: should be another address"),
    ({"PORT": "5173", "APP_URL": "https://a.example"}, "WEB_URL: should have another port than PORT"),
    ({"API_METRICS_PORT": "3333"}, "API_METRICS_PORT: should have another port than PORT"),
    (
        {"API_METRICS_PORT": "9464", "WORKER_METRICS_PORT": "9464"},
        "WORKER_METRICS_PORT: should have another port than API_METRICS_PORT",
    ),
    (
        {"HOST": "0.0.0.0", "WORKER_METRICS_PORT": "3333"},
        "WORKER_METRICS_PORT: should have another port than PORT",
    ),
    ({"MAIL_DRIVER": "resend"}, "RESEND_API_KEY: should be set"),
    (
        {"MAIL_DRIVER": "resend", "RESEND_API_KEY": SECRET, "RESEND_URL": "http://resend.example"},
        "RESEND_URL: should begin with https",
    ),
    ({"MAIL_DRIVER": "smtp", "SMTP_PASSWORD": SECRET}, "SMTP_USERNAME: should be set together"),
    ({"MAIL_DRIVER": "smtp", "SMTP_USERNAME": "ana"}, "SMTP_USERNAME: should be set together"),
    (
        {
            "MAIL_DRIVER": "smtp",
            "SMTP_HOST": "mail.example",
            "SMTP_USERNAME": "ana",
            "SMTP_PASSWORD": SECRET,
        },
        "SMTP_TLS: should be starttls or tls",
    ),
    (
        {"APP_URL": "https://rubis.example", "COOKIE_DOMAIN": "bis.example"},
        "COOKIE_DOMAIN: should be the host of APP_URL",
    ),
    ({"APP_URL": "http://rubis.example", "COOKIE_SECURE": "true"}, "COOKIE_SECURE: should be false"),
]
GOOD: list[dict[str, str]] = [
    {
        "APP_URL": "https://rubis.example/facturation/",
        "COOKIE_DOMAIN": "rubis.example",
        "COOKIE_SECURE": "true",
    },
    {"APP_URL": "http://[::1]:3333", "WEB_URL": "https://xn--caf-dma.example"},
    {"DATABASE_URL": "postgres://rubis@db:5433/rubis?sslmode=require", "API_DATABASE_URL": "dbname=rubis"},
    {"DATABASE_URL": "postgresql://a@one:5432,two:5433/rubis", "PG_HOST": "/run/postgresql"},
    {
        "TRUSTED_PROXIES": "10.0.0.0/8, ::1,192.0.2.7",
        "CORS_ORIGIN": "http://localhost:5173,https://a.example",
    },
    {"MAIL_FROM_ADDRESS": "zoé@crème.example", "MAIL_FROM_NAME": "Rubis\u00a0: l'Ongle"},
    {"LIMIT_SIGN_IN": "5/hour", "TICK_SECONDS": "0.5", "PORT": "0"},
    {"HOST": "10.0.0.1", "PORT": "9464", "API_METRICS_PORT": "9464"},
    {"MAIL_DRIVER": "smtp", "SMTP_USERNAME": "ana", "SMTP_PASSWORD": "p", "SMTP_HOST": "localhost"},
    {"MAIL_DRIVER": "resend", "RESEND_API_KEY": "re_x", "RESEND_URL": "http://127.0.0.1:9"},
]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and no .env."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def faults(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """What is said of these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    return caught.value.faults


@pytest.mark.parametrize(("name", "value", "words"), BAD)
def test_a_bad_value_is_one_line_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """The line begins with the variable, says what it should be, and does not repeat a secret."""
    (line,) = faults(monkeypatch, **{name: value})
    assert line.startswith(f"{name}: ")
    assert words in line
    assert "should" in line
    assert SECRET not in line
    assert "\n" not in line


@pytest.mark.parametrize(("variables", "line"), TOGETHER)
def test_values_that_do_not_go_together_are_one_line(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], line: str
) -> None:
    """The line names the variable to change."""
    (found,) = faults(monkeypatch, **variables)
    assert found.startswith(line)
    assert SECRET not in found


@pytest.mark.parametrize("variables", GOOD)
def test_good_values_are_taken(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """And a process that `rubis up` starts with them takes them too."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_each_fault_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start tells of all of them."""
    found = faults(monkeypatch, PORT="ninety", WEB_URL="nonsense", LOG_LEVEL="loud")
    assert sorted(line.partition(":")[0] for line in found) == ["LOG_LEVEL", "PORT", "WEB_URL"]


def test_a_file_that_is_no_text_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A .env in another encoding ends in no traceback."""
    (tmp_path / ".env").write_bytes(b"MAIL_FROM_NAME=\xe9t\xe9\n")
    assert faults(monkeypatch) == [".env: should be a readable file in UTF-8 (UnicodeDecodeError)"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_a_url_that_is_taken_is_whole_in_a_mail(text: str) -> None:
    """Whatever follows https:// is refused, or is printable ASCII without spaces, query or fragment."""
    try:
        url = Settings(_env_file=None, app_url=f"https://{text}").public_url
    except ValueError:
        return
    assert url.isascii()
    assert url.isprintable()
    assert not set(url) & set(' ?#<>"')


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_refuses_bad_settings_in_one_line(command: str) -> None:
    """Exit code 1, no traceback; the same line from each."""
    arguments = [__file__] if command == "restore" else []
    finished = rubis(
        command, *arguments, DATABASE_URL=f"mysql://rubis:{SECRET}@localhost/rubis", PATH_INFO=""
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 1
    assert f"DATABASE_URL: {CONNECTION}" in said
    assert len(said.splitlines()) == 1
    assert SECRET not in said


@pytest.mark.parametrize(("command", "line"), [("migrate", "DATABASE_URL"), ("api", "API_DATABASE_URL")])
def test_a_machine_of_workers_alone_is_told_which_url_a_command_needs(command: str, line: str) -> None:
    """With WORKER_DATABASE_URL alone, no server of our own is started instead."""
    finished = rubis(command, WORKER_DATABASE_URL="postgresql://rubis_worker@db.invalid/rubis")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith(f"Error: {line}: should ")
    assert len(finished.stderr.splitlines()) == 1
