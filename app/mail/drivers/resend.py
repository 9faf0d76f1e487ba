"""The `resend` driver: Resend's HTTP API (https://resend.com/docs/api-reference/emails/send-email)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import structlog

from app.mail.drivers.wire import LastWord, final_mail, tls_failure
from app.mail.errors import Kind, MailError, Withdrawn, scrub
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings

log = structlog.get_logger(__name__)

ATTEMPTS = 3
PAUSE_SECONDS = 0.2
KEY_LENGTHS = range(1, 257)
_COPY = "`bcc`"  # how Resend names the field of the copies in an error

# Written by Resend itself, or given to it as fields of their own.
_NOT_HEADERS = frozenset(
    {"from", "to", "reply-to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}
)

# Resend's list of errors (https://resend.com/docs/api-reference/errors), as far as sending can meet it.
# A name not listed here is judged by its status, in `_kind_of_status`.
_KINDS: dict[tuple[int, str], Kind] = {
    # Our key is at fault, not the mail.
    (400, "invalid_idempotency_key"): "operator",
    # The sender is a setting.
    (422, "invalid_from_address"): "operator",
    # The key was used in the last 24 h for another mail. Only one `send` uses our key, so
    # another database's mail had the same id: ours was not accepted, and the next attempt has a new id.
    (409, "invalid_idempotent_request"): "temporary",
    # Our previous request, whose answer we lost, is still being processed.
    (409, "concurrent_idempotent_requests"): "unknown",
    # The rate is the account's, so all mails wait.
    (429, "rate_limit_exceeded"): "operator",
    (429, "daily_quota_exceeded"): "operator",
    (429, "monthly_quota_exceeded"): "operator",
    # "Contact support for more information."
    (451, "security_error"): "operator",
}


@dataclass
class _Progress:
    """Whether a byte of a request may have been sent: then a mail without an answer may be on its way."""

    written: bool = False
    connection: httpcore.AsyncNetworkStream | None = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the steps of a request (https://www.encode.io/httpcore/extensions/, "trace")."""
        if event.endswith("connect_tcp.complete"):
            self.connection = info["return_value"]
        if event.endswith("send_request_headers.started"):
            self.written = True


class ResendDriver:
    """POSTs each mail to `{RESEND_URL}/emails` over pooled connections, its key as Idempotency-Key."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - asyncio.timeout keeps the time, over all of an attempt
            headers={"User-Agent": "rubis-sur-l-ongle"},
        )

    async def send(self, mail: Mail, *, last_word: LastWord | None = None) -> None:
        """Accepted once Resend answers 2xx.

        An attempt whose fate is unknown is repeated, up to twice and within the time-out, with the same body
        and key: Resend then gives the first answer again and sends nothing twice (it knows a key for 24 h,
        https://resend.com/docs/dashboard/emails/idempotency-keys). It is not repeated if the last word has
        changed meanwhile. If Resend refuses a copy's address, the mail leaves without copies.

        Raises MailError:
        temporary: a key that another mail has used;
        refused: 400, 413 or 422 about the recipient or content;
        operator: no connection, no TLS, 401, 403, the sender's address or domain, the rate, the quota, and
        any other 3xx or 4xx;
        unknown: 5xx, or no answer to a request that was written, each still so after the repeats.
        """
        deadline = asyncio.get_running_loop().time() + self._settings.mail_timeout_seconds
        failure = await self._deliver(mail, last_word, deadline, copied=True)
        if failure is not None and failure.kind == "refused" and _COPY in failure.detail:
            log.warning("mail_copies_left_out", key=mail.key, detail=failure.detail)
            failure = await self._deliver(mail, last_word, deadline, copied=False)
        if failure is not None:
            raise failure

    async def _deliver(
        self, mail: Mail, last_word: LastWord | None, deadline: float, *, copied: bool
    ) -> MailError | None:
        """Request and repeat until Resend has taken the mail, or it is known why not."""
        loop = asyncio.get_running_loop()
        final = await final_mail(mail, last_word)
        request = self._request(final, copied=copied)
        unknown: MailError | None = None
        for left in range(ATTEMPTS, 0, -1):
            if unknown is not None:
                await asyncio.sleep(min(PAUSE_SECONDS, max(0.0, deadline - loop.time()) / 4))
                if not await self._still_says(request, mail, last_word, copied=copied):
                    return unknown
            # Each attempt has its share of what time remains, so that silence leaves room for a repeat.
            failure = await self._attempt(request, final.key, (deadline - loop.time()) / left)
            if failure is None:
                return None
            if failure.kind != "unknown":
                # A refusal is about this mail and decides earlier attempts too; no other answer does.
                return failure if unknown is None or failure.kind == "refused" else unknown
            unknown = failure
        return unknown

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def _still_says(
        self, request: httpx.Request, draft: Mail, last_word: LastWord | None, *, copied: bool
    ) -> bool:
        """Whether the last word is still what this request says."""
        try:
            mail = await final_mail(draft, last_word)
        except (Withdrawn, MailError):
            return False
        return self._request(mail, copied=copied).content == request.content

    def _request(self, mail: Mail, *, copied: bool) -> httpx.Request:
        # Resend compares what comes again under a key. Without its copies the mail is another request.
        key = mail.key if copied else f"{mail.key}/alone"
        if not (key.isascii() and key.isprintable() and len(key) in KEY_LENGTHS):
            raise MailError("operator", "the mail's key is not 1 to 256 printable ASCII characters")
        message = mail.message
        body = {
            "from": str(message["From"]),
            "to": [str(message["To"])],
            "subject": mail.subject,
            "text": mail.text,
            "headers": {
                name: str(value) for name, value in message.items() if name.lower() not in _NOT_HEADERS
            },
        }
        if mail.html is not None:
            body["html"] = mail.html
        if message["Reply-To"]:
            body["reply_to"] = [str(address) for address in message["Reply-To"].addresses]
        if copied and mail.envelope.copies:
            body["bcc"] = list(mail.envelope.copies)
        return self._client.build_request(
            "POST",
            f"{self._settings.resend_url}/emails",
            json=body,
            headers={"Authorization": _authorization(self._settings), "Idempotency-Key": key},
        )

    async def _attempt(self, request: httpx.Request, key: str, seconds: float) -> MailError | None:
        """One request; None when accepted. Its errors carry types and Resend's words, never the request."""
        progress = _Progress()
        request.extensions = {**request.extensions, "trace": progress.trace}
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            return MailError("operator", f"RESEND_URL or the request cannot be used: {type(error).__name__}")
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            if progress.written:
                return MailError("unknown", f"no answer after the request was sent: {type(error).__name__}")
            if progress.connection is not None:
                # Ours to close: httpcore forgets a connection whose TLS handshake is cancelled.
                await progress.connection.aclose()
            if (tls := tls_failure(error)) is not None:
                return MailError("operator", f"TLS with Resend: {tls}")
            return MailError("operator", f"no connection to Resend: {type(error).__name__}")
        answer = _json_object(response)
        if response.is_success:
            log.info("mail_accepted", key=key, driver="resend", resend_id=scrub(str(answer.get("id", ""))))
            return None
        # Resend might quote the key.
        api_key = request.headers["Authorization"].removeprefix("Bearer ")
        return _judge(response.status_code, {k: str(v).replace(api_key, "***") for k, v in answer.items()})


async def try_resend(settings: "Settings", seconds: float) -> str:
    """Ask Resend for the key's domains, without a mail; say what it answered. Raises MailError.

    A key that may only send is told so, with a name of its own (https://resend.com/docs/api-reference/errors).
    """
    failure: MailError | None = None
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(timeout=None) as client:  # noqa: S113
            response = await client.get(
                f"{settings.resend_url}/domains", headers={"Authorization": _authorization(settings)}
            )
    except (TimeoutError, httpx.HTTPError, OSError) as error:
        reason = tls_failure(error) or type(error).__name__
        failure = MailError("operator", f"no connection to Resend: {reason}")
    if failure is not None:
        raise failure
    answer = _json_object(response)
    if answer.get("name") == "restricted_api_key":
        return "Resend knows the key, which may only send"
    if not response.is_success:
        raise MailError("operator", f"Resend {response.status_code} {answer.get('name', '')}: key not taken")
    sending = settings.mail_from_address.rpartition("@")[2].lower()
    rows = answer.get("data")
    domains = {
        str(row.get("name")).lower(): row.get("status")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    }
    known = [name for name in domains if sending == name or sending.endswith(f".{name}")]
    if not any(domains[name] == "verified" for name in known):
        raise MailError("operator", f"Resend knows the key, and {sending} is not verified there")
    return f"Resend knows the key, and {sending} is verified"


def _authorization(settings: "Settings") -> str:
    """The header that carries the API key."""
    assert settings.resend_api_key is not None  # Settings see to that for MAIL_DRIVER=resend
    return f"Bearer {settings.resend_api_key.get_secret_value()}"


def _judge(status: int, answer: Mapping[str, str]) -> MailError:
    name, words = answer.get("name", ""), answer.get("message", "")
    kind = _KINDS.get((status, name)) or _kind_of_status(status, words)
    return MailError(kind, f"Resend {status} {name}: {words}")


def _kind_of_status(status: int, words: str) -> Kind:
    if status in range(500, 600):
        return "unknown"
    if status in (400, 413, 422):
        # Also a validation_error; the sender is a setting, so no mail may be given up for it.
        return "operator" if "`from`" in words else "refused"
    return "unknown" if status == httpx.codes.CONFLICT else "operator"


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return {}
    return answer if isinstance(answer, dict) else {}
