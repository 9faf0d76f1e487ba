"""`rubis doctor`: what is right is ok, what is wrong is said with what to do."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.message
import dns.name
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from aiosmtpd.smtp import AuthResult
from psycopg import sql

from app.core.settings import Settings
from app.doctor.database import look_at_database
from app.doctor.findings import Finding
from app.doctor.machine import look_at_machine
from app.doctor.mail import look_at_mail
from app.doctor.sender import look_at_sender
from tests.mail.mail_peers import resend_peer, scripted_peer, smtp_peer
from tests.support.database import Database
from tests.support.ports import free_port
from tests.support.processes import rubis

PASSWORD = "correct horse"
KEY = "re_secret"


def by_part(findings: list[Finding]) -> dict[str, Finding]:
    """The findings by what they are about."""
    return {finding.part: finding for finding in findings}


def test_it_says_what_is_wrong_and_what_to_do(database: Database) -> None:
    """Each bad thing has a line of its own, in words and as JSON; exit code 1."""
    database.admin.execute("update rubis.deployment set checksum = 'other' where component = 'functions'")
    environment = database.environment(
        MAIL_DRIVER="smtp",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(free_port()),
        PORT=str(free_port()),
        WEB_URL="https://app.example",
        WORKER_DATABASE_URL=database.conninfo("no_such_role"),
    )
    finished = rubis("doctor", **environment)
    lines = {line[5:].split(":")[0]: line for line in finished.stdout.splitlines()}
    assert finished.returncode == 1
    assert "functions: not this release's. Run `rubis migrate`" in lines["Schema"]
    assert 'role "no_such_role" does not exist' in lines["Worker's database role"]
    assert "none has ever ticked. Start one" in lines["Worker"]
    assert lines["Mail"].startswith("BAD  Mail: SMTP connection failed at connect")
    assert lines["API's database role"] == "ok   API's database role: rubis_api logs in"

    finished = rubis("doctor", "--json", **environment)
    found = json.loads(finished.stdout)
    assert finished.returncode == 1
    assert [item["part"] for item in found] == list(lines)
    assert {item["state"] for item in found} >= {"ok", "bad"}
    assert all(item["remedy"] for item in found if item["state"] == "bad")


def test_bad_settings_are_findings_too() -> None:
    """As JSON, where nothing else can be examined."""
    finished = rubis("doctor", "--json", WEB_URL="nonsense", PORT="ninety")
    assert finished.returncode == 1
    assert [(item["part"], item["state"]) for item in json.loads(finished.stdout)] == [
        ("Settings", "bad")
    ] * 2


@pytest.fixture
def administrator(database: Database) -> Iterator[str]:
    """An administrator as `rubis migrate` leaves it: no superuser, and it may `set role rubis_owner`."""
    run = database.admin.execute
    run("create role dba_of_the_doctor login createrole")
    name = sql.Identifier(database.dbname).as_string()
    inherits = " with inherit false" if database.server.major >= 16 else ""
    run(f"grant rubis_owner to dba_of_the_doctor{inherits}")
    run(f"grant create on database {name} to dba_of_the_doctor")
    yield database.conninfo("dba_of_the_doctor")
    run(f"revoke create on database {name} from dba_of_the_doctor")
    run("drop role dba_of_the_doctor")


def test_a_healthy_database_is_well(database: Database, administrator: str) -> None:
    """All is ok for an administrator without rights in our schemas, once a worker has ticked."""
    database.worker().execute("select worker.due_organizations('here:1', 100)")
    database.admin.execute("select rubis.note_backup()")
    settings = database.settings(database_url=administrator)
    assert [finding.line() for finding in look_at_database(settings) if finding.state != "ok"] == []


def test_the_machine_of_an_api_is_examined_with_its_own_url(database: Database) -> None:
    """Without DATABASE_URL the schema is not seen, and no server of our own is missed."""
    settings = Settings(_env_file=None, api_database_url=database.conninfo("rubis_api"))
    found = by_part(list(look_at_database(settings)))
    assert found["Schema"].state == "unseen"
    assert {"API's database role", "Clocks", "Connections"} <= found.keys()
    assert {"PostgreSQL", "Worker's database role"} & found.keys() == set()


def test_few_connections_left_are_bad(database: Database) -> None:
    """A process that could not have its connections is said before it fails."""
    found = by_part(list(look_at_database(database.settings(db_pool_size=1000))))
    assert found["Connections"].state == "bad"
    assert "DB_POOL_SIZE" in found["Connections"].remedy


def test_it_lists_the_calendars_that_have_no_holidays(database: Database) -> None:
    """A calendar that no worker has filled is bad; one that has weekends only is well, and named."""
    database.admin.execute(
        "insert into rubis.organization (name, country) values ('Kyiv', 'UA'), ('Riyadh', 'SA')"
    )
    database.admin.execute(
        "insert into rubis.holiday_year (calendar, year)"
        " values ('UA', extract(year from rubis.clock())::smallint)"
    )
    lines = {
        line[5:].split(":")[0]: line for line in rubis("doctor", **database.environment()).stdout.splitlines()
    }
    assert lines["Public holidays"].startswith(
        "BAD  Public holidays: 2 calendars in use; not filled yet: SA; weekends only: UA. Start a worker"
    )


def test_a_full_disk_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than a gigabyte."""
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _path: type("Usage", (), {"free": 10**8, "total": 10**10})
    )
    assert by_part(list(look_at_machine(Settings(_env_file=None))))["Disk"].state == "bad"


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Take the one password."""
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("password", "state"), [(PASSWORD, "ok"), ("wrong-password", "bad")])
def test_smtp_is_spoken_as_far_as_auth_without_a_mail(password: str, state: str) -> None:
    """A password the server does not take is bad, and is not printed."""
    server = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with smtp_peer(server=server) as (changes, handler):
        settings = Settings(_env_file=None, smtp_username="rubis", smtp_password=password, **changes)
        found = look_at_mail(settings)
    assert found.state == state
    assert password not in found.line()
    assert handler.accepted == []


def test_a_server_without_the_starttls_asked_for_is_bad() -> None:
    """SMTP_TLS is among what to check."""
    with smtp_peer() as (changes, _):
        assert look_at_mail(Settings(_env_file=None, **changes)).state == "ok"
        found = look_at_mail(Settings(_env_file=None, smtp_tls="starttls", **changes))
    assert (found.state, "SMTP_TLS" in found.remedy) == ("bad", True)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", None])
def test_an_smtp_port_that_does_not_speak_smtp_is_bad(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes | None
) -> None:
    """It speaks HTTP, is silent, or hangs up."""
    monkeypatch.setattr("app.doctor.mail.PATIENCE", 0.3)
    with scripted_peer(greeting) as port:
        settings = Settings(_env_file=None, mail_driver="smtp", smtp_host="127.0.0.1", smtp_port=port)
        assert look_at_mail(settings).state == "bad"


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ((200, b'{"data": [{"name": "rubis.example", "status": "verified"}]}'), "ok", "is verified"),
        ((200, b'{"data": [{"name": "rubis.example", "status": "pending"}]}'), "bad", "not verified"),
        ((200, b'{"data": [{"name": "bis.example", "status": "verified"}]}'), "bad", "not verified"),
        ((401, b'{"name": "restricted_api_key"}'), "ok", "may only send"),
        ((403, b'{"name": "invalid_api_key", "message": "re_secret is invalid"}'), "bad", "invalid_api_key"),
        ((200, b"<html>hello</html>"), "bad", "not verified"),
        ("drop", "bad", "no connection"),
    ],
)
def test_resend_is_asked_for_its_key(answer: Any, state: str, words: str) -> None:
    """Its domains are read; no mail is sent, and the key is not printed."""
    with resend_peer(answer) as peer:
        settings = Settings(
            _env_file=None,
            mail_driver="resend",
            resend_api_key=KEY,
            resend_url=peer.url,
            mail_from_address="relances@rubis.example",
        )
        found = look_at_mail(settings)
    assert (found.state, words in found.seen) == (state, True)
    assert KEY not in found.line()
    assert [(request["path"], request["body"]) for request in peer.requests] == [("/domains", b"")]


@contextmanager
def dns_peer(texts: dict[str, list[str]]) -> Iterator[dns.resolver.Resolver]:
    """A name server on a local port that knows these TXT records, and a resolver that asks only it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=answer_dns, args=(listener, texts))
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listener.getsockname()[1]
        yield resolver
        listener.sendto(b"", listener.getsockname())
        thread.join()


def answer_dns(listener: socket.socket, texts: dict[str, list[str]]) -> None:
    """Answer until an empty datagram comes. A name above a known one exists, without records."""
    while True:
        data, address = listener.recvfrom(4096)
        if not data:
            return
        query = dns.message.from_wire(data)
        name = query.question[0].name
        response = dns.message.make_response(query)
        text = name.to_text(omit_final_dot=True)
        if text in texts:
            records = [f'"{record}"' for record in texts[text]]
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *records))
        elif not any(dns.name.from_text(known).is_subdomain(name) for known in texts):
            response.set_rcode(dns.rcode.NXDOMAIN)
        listener.sendto(response.to_wire(), address)


def seen_by_dns(texts: dict[str, list[str]], driver: str = "smtp") -> dict[str, str]:
    """The state of each finding about relances@mail.rubis.example."""
    settings = Settings(
        _env_file=None,
        mail_driver=driver,
        resend_api_key=KEY,
        mail_from_address="relances@mail.rubis.example",
    )
    with dns_peer(texts) as resolver:
        return {finding.part: finding.state for finding in look_at_sender(settings, resolver)}


def test_a_sender_with_all_three_records_is_well() -> None:
    """The key's selector need not be known, and the policy may be the domain's above."""
    texts = {
        "mail.rubis.example": ["v=spf1 include:relay.example -all", "another-text"],
        "s1._domainkey.mail.rubis.example": ["v=DKIM1; p=abc"],
        "_dmarc.rubis.example": ["v=DMARC1; p=quarantine"],
    }
    assert seen_by_dns(texts) == {"SPF": "ok", "DKIM": "ok", "DMARC": "ok"}


def test_resends_records_are_at_its_own_names() -> None:
    """Its bounces and its selector."""
    texts = {
        "send.mail.rubis.example": ["v=spf1 include:amazonses.com ~all"],
        "resend._domainkey.mail.rubis.example": ["p=abc"],
        "_dmarc.mail.rubis.example": ["v=DMARC1; p=none"],
    }
    assert seen_by_dns(texts, "resend") == {"SPF": "ok", "DKIM": "ok", "DMARC": "ok"}
    assert seen_by_dns(texts) == {"SPF": "bad", "DKIM": "ok", "DMARC": "ok"}


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"mail.rubis.example": ["v=spf1 -all", "v=spf1 +all"], "_dmarc.example": ["v=DMARC1; p=none"]},
        {"mail.rubis.example": ["v=spf10 -all"], "_dmarc.mail.rubis.example": ["spf"]},
    ],
)
def test_a_sender_without_records_is_bad(texts: dict[str, list[str]]) -> None:
    """None, two SPF records, or others that only look like it."""
    assert seen_by_dns(texts) == {"SPF": "bad", "DKIM": "bad", "DMARC": "bad"}


def test_where_dns_does_not_answer_nothing_is_said_to_be_wrong() -> None:
    """A resolver whose server is not there."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], free_port()
    (found,) = look_at_sender(Settings(_env_file=None, mail_driver="smtp"), resolver)
    assert (found.state, found.line()[:2]) == ("unseen", "--")
