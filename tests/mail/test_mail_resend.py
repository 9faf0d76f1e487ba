"""The `resend` driver against a local HTTP server that answers as Resend's manual says."""

import asyncio
import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.mail.drivers import MailError, make_driver
from app.mail.errors import scrub
from app.mail.mail import Mail
from tests.mail.mail_begun import CAMILLE, FIRST, ZOE, make_mail
from tests.mail.mail_peers import (
    Resend,
    free_port,
    make_settings,
    resend_peer,
    scripted_peer,
    smtp_peer,
)

OK = (200, b'{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}')
LOST = (500, b'{"statusCode": 500, "name": "application_error", "message": "An unexpected error occurred."}')


def send(url: str, key: str = "mail-1", mail: Mail | None = None, **changes: Any) -> None:
    async def go() -> None:
        values = {"mail_driver": "resend", "resend_url": url, "resend_api_key": "re_secret", **changes}
        driver = make_driver(make_settings(**values))
        try:
            await driver.send(mail or make_mail(message_id=f"<{key}>"))
        finally:
            await driver.aclose()

    asyncio.run(go())


def failure(url: str, key: str = "mail-1", mail: Mail | None = None, **changes: Any) -> MailError:
    with pytest.raises(MailError) as caught:
        send(url, key, mail, **changes)
    return caught.value


def error(status: int, name: str, message: str = "") -> tuple[int, bytes]:
    return status, json.dumps({"statusCode": status, "name": name, "message": message}).encode()


def test_the_request_is_the_manuals() -> None:
    """POST /emails with the fields, bearer key and idempotency key of the manual; the id is logged."""
    with resend_peer(OK) as peer, capture_logs() as logs:
        send(peer.url)
    (request,) = peer.requests
    headers, body = request["headers"], json.loads(request["body"])
    assert request["path"] == "/emails"
    assert headers["Authorization"] == "Bearer re_secret"
    assert headers["Idempotency-Key"] == "mail-1"
    assert headers["Content-Type"] == "application/json"
    assert sorted(body) == ["from", "headers", "subject", "text", "to"]
    assert body["from"] == "Rubis Sur l'Ongle <relances@rubis-sur-l-ongle.fr>"
    assert body["to"] == ["Camille Durand <camille@studio-camille.example>"]
    assert (body["subject"], body["text"]) == (make_mail().subject, make_mail().text)
    assert sorted(body["headers"]) == [
        "Auto-Submitted",
        "Content-Language",
        "Message-ID",
        "X-Auto-Response-Suppress",
    ]
    assert "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" in str(logs)


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (error(400, "validation_error", "Invalid `to` field."), "refused", 1),
        (error(400, "invalid_idempotency_key", "The key must be between 1-256 chars."), "operator", 1),
        (error(401, "missing_api_key", "Missing API key in the authorization header."), "operator", 1),
        (error(401, "restricted_api_key", "restricted"), "operator", 1),
        (error(403, "invalid_api_key", "API key is invalid."), "operator", 1),
        (error(403, "validation_error", "The example.com domain is not verified."), "operator", 1),
        (error(404, "not_found", "The requested endpoint does not exist."), "operator", 1),
        (error(405, "method_not_allowed"), "operator", 1),
        (error(409, "invalid_idempotent_request", "Same key, different payload."), "temporary", 1),
        (error(409, "concurrent_idempotent_requests", "still in progress"), "unknown", 3),
        (error(422, "missing_required_field"), "refused", 1),
        (error(422, "validation_error", "Invalid `to` field."), "refused", 1),
        (error(422, "validation_error", "Invalid `from` field."), "operator", 1),
        (error(422, "invalid_from_address", "Invalid from."), "operator", 1),
        (error(429, "rate_limit_exceeded", "Too many requests."), "operator", 1),
        ((408, b""), "operator", 1),
        (error(429, "daily_quota_exceeded"), "operator", 1),
        (error(429, "monthly_quota_exceeded"), "operator", 1),
        (error(451, "security_error"), "operator", 1),
        (error(500, "internal_server_error"), "unknown", 3),
        (LOST, "unknown", 3),
        ((502, b"<html>bad gateway</html>"), "unknown", 3),
        ((301, b""), "operator", 1),
    ],
)
def test_each_documented_answer_has_its_class(answer: tuple[int, bytes], kind: str, requests: int) -> None:
    """Only an answer that leaves the mail's fate open is unknown, and only then is the request repeated."""
    with resend_peer(answer) as peer:
        caught = failure(peer.url)
    assert (caught.kind, len(peer.requests)) == (kind, requests)
    assert caught.detail.startswith(f"Resend {answer[0]}")


@pytest.mark.parametrize("first", [LOST, error(409, "concurrent_idempotent_requests"), "drop", "silent"])
def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_body(first: Any) -> None:
    """The repeat is byte for byte the same request, so Resend sends once and gives the first answer again."""
    with resend_peer(first, OK) as peer:
        send(peer.url, mail_timeout_seconds=0.9)
    one, two = peer.requests
    assert one["body"] == two["body"]
    assert [request["headers"]["Idempotency-Key"] for request in peer.requests] == ["mail-1", "mail-1"]


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (error(429, "rate_limit_exceeded"), "unknown"),
        (error(401, "missing_api_key"), "unknown"),
        (error(422, "validation_error"), "refused"),
    ],
)
def test_a_later_answer_does_not_hide_an_unknown_one(second: tuple[int, bytes], kind: str) -> None:
    """After a lost answer only a refusal of the mail itself, or success, settles its fate."""
    with resend_peer(LOST, second) as peer:
        assert failure(peer.url).kind == kind


@pytest.mark.parametrize("behaviour", ["silent", "drop"])
def test_no_answer_to_a_written_request_is_unknown_within_the_time_out(behaviour: str) -> None:
    """Silence and hanging up after the request was read are unknown, all within the time-out."""
    with resend_peer(behaviour) as peer:
        started = time.monotonic()
        assert failure(peer.url, mail_timeout_seconds=0.9).kind == "unknown"
        assert time.monotonic() - started < 3
    assert len(peer.requests) == 3


def test_no_way_to_resend_is_for_the_operator() -> None:
    """A refused connection, a name that does not resolve, a handshake never answered: for every mail."""
    assert failure(f"http://127.0.0.1:{free_port()}").kind == "operator"
    assert failure("https://resend.invalid").kind == "operator"
    with scripted_peer(b"") as port:
        assert failure(f"https://127.0.0.1:{port}", mail_timeout_seconds=0.2).kind == "operator"


def test_a_certificate_that_does_not_verify_is_for_the_operator(
    localhost_tls: tuple[ssl.SSLContext, Path],
) -> None:
    """No key is sent to a server that cannot prove its name."""
    with smtp_peer(server={"ssl_context": localhost_tls[0]}) as (settings, _):
        caught = failure(f"https://127.0.0.1:{settings['smtp_port']}")
    assert (caught.kind, "certificate" in caught.detail) == ("operator", True)


@pytest.mark.parametrize("key", ["", "k" * 257, "café"])
def test_a_key_that_no_header_carries_is_for_the_operator(key: str) -> None:
    """The Idempotency-Key is ours to make, so no mail is given up for it."""
    assert failure("http://127.0.0.1:9", key).kind == "operator"


def test_a_pooled_connection_serves_several_mails() -> None:
    """One driver sends many mails, also at once."""

    async def go(peer: Resend) -> None:
        settings = make_settings(mail_driver="resend", resend_url=peer.url, resend_api_key="re_x")
        driver = make_driver(settings)
        await asyncio.gather(*(driver.send(make_mail(message_id=f"<mail-{number}>")) for number in range(5)))
        await driver.aclose()

    with resend_peer(OK) as peer:
        asyncio.run(go(peer))
    assert sorted(request["headers"]["Idempotency-Key"] for request in peer.requests) == [
        f"mail-{number}" for number in range(5)
    ]


def test_a_detail_is_short_printable_and_one_line() -> None:
    """Whatever a server says becomes at most 500 printable characters on one line."""
    assert scrub("a\r\n\x1b[31mb\u2028c\x00") == "a [31mb c"
    assert len(scrub("word " * 500)) == 500


def test_resend_is_told_whom_to_answer_the_thread_and_the_copies() -> None:
    """Reply-To and bcc are fields of their own in Resend's API; the thread's headers are passed on."""
    copies = ["camille@studio-camille.example"]
    letter = make_mail("letter", 2, reply_to=[CAMILLE, ZOE], thread=[FIRST], copy_to=copies)
    with resend_peer(OK) as peer:
        send(peer.url, mail=letter)
    body = json.loads(peer.requests[0]["body"])
    assert body["reply_to"] == [
        "Camille Durand <camille@studio-camille.example>",
        "Zoé Ünal <zoe@studio-camille.example>",
    ]
    assert body["from"] == "Studio Camille <relances@rubis-sur-l-ongle.fr>"
    assert body["bcc"] == copies
    assert {body["headers"][name] for name in ("In-Reply-To", "References")} == {FIRST}
    assert not {"Reply-To", "Bcc"} & set(body["headers"])


def test_resend_is_given_the_html_beside_the_text() -> None:
    """A mail of both formats is sent as both."""
    mail = make_mail(mail_format="both")
    with resend_peer(OK) as peer:
        send(peer.url, mail=mail)
    body = json.loads(peer.requests[0]["body"])
    assert (body["text"], body["html"]) == (mail.text, mail.html)


@pytest.mark.parametrize("then", [OK, error(422, "validation_error", "Invalid `to` field.")])
def test_a_copy_that_resend_refuses_does_not_keep_the_letter(then: tuple[int, bytes]) -> None:
    """The letter is sent without copies under another key; its own refusal still counts."""
    letter = make_mail("letter", copy_to=["camille@studio-camille.example"])
    refused = error(422, "validation_error", "Invalid `bcc` field.")
    with resend_peer(refused, then) as peer, capture_logs() as logs:
        if then is OK:
            send(peer.url, mail=letter)
        else:
            assert failure(peer.url, mail=letter).kind == "refused"
    first, second = peer.requests
    assert json.loads(second["body"]) == {
        name: value for name, value in json.loads(first["body"]).items() if name != "bcc"
    }
    assert first["headers"]["Idempotency-Key"] != second["headers"]["Idempotency-Key"]
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["mail_copies_left_out"]
