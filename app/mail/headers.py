"""Header folding that loses nothing.

The email package's own folding of mixed text drops spaces beside encoded words in Pythons we support
(https://github.com/python/cpython/issues/92081). Here a text is either short plain ASCII, left as it is, or
encoded as a whole by `email.header`, which has no such fault.
"""

import re
from email.header import Header
from email.headerregistry import (
    Address,
    BaseHeader,
    ContentTransferEncodingHeader,
    ContentTypeHeader,
    HeaderRegistry,
    MIMEVersionHeader,
    UniqueAddressHeader,
    UniqueDateHeader,
    UniqueUnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from functools import cache
from typing import cast

# RFC 5322's atoms and single spaces between them: what needs neither quotes nor encoding in a name.
_PLAIN_PHRASE = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
_PLAIN_LENGTH = 60


def _encoded(text: str, name: str, plain: re.Pattern[str]) -> str:
    if len(text) <= _PLAIN_LENGTH and plain.fullmatch(text):
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name=name).encode()


class _Text(UniqueUnstructuredHeader):
    """Subject, taken as it is written."""

    value_parser = staticmethod(str)  # type: ignore[assignment]  # its tree is for the package's own folding
    name: str  # of BaseHeader

    def fold(self, *, policy: Policy) -> str:
        folded = _encoded(str(self), self.name, _PLAIN_TEXT)
        return f"{self.name}: {folded}\n".replace("\n", policy.linesep)


class _Addresses(UniqueAddressHeader):
    """From, To and Reply-To; each address after the first on a line of its own."""

    name: str  # of BaseHeader

    def fold(self, *, policy: Policy) -> str:
        folded = f"{self.name}: " + ",\n ".join(self._written(address) for address in self.addresses) + "\n"
        if len(self.addresses) == 1 and len(folded) <= _PLAIN_LENGTH:
            folded = folded.replace("\n ", " ")
        return folded.replace("\n", policy.linesep)

    def _written(self, address: Address) -> str:
        name = address.display_name
        spec = f"<{address.addr_spec}>"
        return f"{_encoded(name, self.name, _PLAIN_PHRASE)}\n {spec}" if name else spec


class _MessageIds(UniqueUnstructuredHeader):
    """In-Reply-To and References: Message-IDs, each on a line, never encoded (RFC 5322, 3.6.4)."""

    name: str  # of BaseHeader

    def fold(self, *, policy: Policy) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


class _OneLine:
    """A header whose value we write ourselves, short and in ASCII: the email package need not fold it."""

    name: str  # of BaseHeader

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_ONE_LINE = {
    "auto-submitted": UniqueUnstructuredHeader,
    "content-language": UniqueUnstructuredHeader,
    "content-transfer-encoding": ContentTransferEncodingHeader,
    "content-type": ContentTypeHeader,
    "date": UniqueDateHeader,
    "message-id": UniqueUnstructuredHeader,
    "mime-version": MIMEVersionHeader,
    "x-auto-response-suppress": UniqueUnstructuredHeader,
}
# Of these each mail has a new one, so they are not parsed.
_AS_WRITTEN = {"date", "message-id"}


class _Registry(HeaderRegistry):
    """The email package makes a class for each header of each mail; this registry makes each once."""

    @cache  # noqa: B019  there is one registry
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = _Registry()
    # The registry mixes each with BaseHeader itself; the type stubs ask for one that is mixed already.
    registry.map_to_type("subject", cast(type[BaseHeader], _Text))
    for name in ("from", "to", "reply-to"):
        registry.map_to_type(name, cast(type[BaseHeader], _Addresses))
    for name in ("in-reply-to", "references"):
        registry.map_to_type(name, cast(type[BaseHeader], _MessageIds))
    for name, parsed in _ONE_LINE.items():
        as_written = {"value_parser": staticmethod(str)} if name in _AS_WRITTEN else {}
        kind = type(parsed.__name__, (_OneLine, parsed), as_written)
        registry.map_to_type(name, cast(type[BaseHeader], kind))
    return SMTP.clone(header_factory=registry)


MAIL_POLICY = _policy()
"""SMTP's policy (CRLF, RFC 5322) with the folding of this module. Headers keep it under any other policy."""
