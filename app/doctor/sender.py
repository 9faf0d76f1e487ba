"""What DNS says of the sender's domain: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

from collections.abc import Iterator

import dns.exception
import dns.resolver

from app.core.settings import Settings
from app.doctor.findings import PATIENCE, Finding, judged

_ADVICE = "Without it big providers refuse or hide our mails"


class _SilentError(Exception):
    """DNS gave no answer, neither yes nor no."""


def look_at_sender(settings: Settings, resolver: dns.resolver.Resolver | None = None) -> Iterator[Finding]:
    """Look the three records up; where DNS does not answer, say that they were not seen."""
    domain = settings.mail_from_address.rpartition("@")[2].encode("idna").decode()
    resend = settings.mail_driver == "resend"
    # Resend's bounces go to this name below the sender's, and SPF is asked of that.
    bounces = f"send.{domain}" if resend else domain
    try:
        resolver = resolver or dns.resolver.Resolver()
        resolver.lifetime = PATIENCE
        yield _spf(resolver, bounces)
        yield _dkim(resolver, f"resend._domainkey.{domain}" if resend else f"_domainkey.{domain}")
        yield _dmarc(resolver, domain)
    except (_SilentError, dns.resolver.NoResolverConfiguration):
        remedy = f"Look up SPF, DKIM and DMARC of {domain} where DNS answers"
        yield Finding("Sender's DNS", "unseen", "DNS does not answer here", remedy)


def _spf(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    found = [text for text in _texts(resolver, domain) or [] if text.lower().split(" ")[0] == "v=spf1"]
    remedy = f"Publish one TXT record v=spf1 at {domain} that names the mail server. {_ADVICE}"
    seen = {0: f"no v=spf1 at {domain}", 1: f"{domain} has one"}.get(len(found), f"{domain} has several")
    return judged("SPF", well=len(found) == 1, seen=seen, remedy=remedy)


def _dkim(resolver: dns.resolver.Resolver, name: str) -> Finding:
    """Whether the name exists. Keys are at names below _domainkey that only their owner knows.

    A name above another one exists too (RFC 8020), so that no key can be there if it does not.
    """
    known = _texts(resolver, name) is not None
    seen = f"{name} exists" if known else f"no key at or below {name}"
    remedy = f"Publish the key that your mail provider gives you. {_ADVICE}"
    return judged("DKIM", well=known, seen=seen, remedy=remedy)


def _dmarc(resolver: dns.resolver.Resolver, domain: str) -> Finding:
    """The policy of the domain, or of the nearest one above it that has one."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        if any(text.lower().startswith("v=dmarc1") for text in _texts(resolver, name) or []):
            return Finding("DMARC", "ok", f"{name} has a policy")
    remedy = f"Publish a TXT record v=DMARC1; p=none or stricter at _dmarc.{domain}. {_ADVICE}"
    return Finding("DMARC", "bad", f"no policy for {domain}", remedy)


def _texts(resolver: dns.resolver.Resolver, name: str) -> list[str] | None:
    """The TXT records of a name; none if it has none, None if the name does not exist."""
    try:
        answer = resolver.resolve(name, "TXT", search=False)
    except dns.resolver.NXDOMAIN:
        return None
    except dns.resolver.NoAnswer:
        return []
    except dns.exception.DNSException as error:
        raise _SilentError from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]
