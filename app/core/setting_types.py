"""Types of settings. Each refuses what cannot work and says what the setting should be, never what it is."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
from email_validator import EmailNotValidError, validate_email
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, SecretStr

from app.core import limits

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  compared with, not bound to

_NAME_LENGTH = 253  # RFC 1035, without the first and the last octet
_LAST_PORT = 65535
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
# What RFC 3986 allows in a URL without query and fragment. Mail programs end a link at anything else.
_URL = re.compile(r"[A-Za-z0-9:/\[\]@!$&'()*+,;=._~%-]+")


def _refusing(fits: Callable[[str], object], words: str) -> AfterValidator:
    """Refuse a text that does not fit, or for which `fits` raises ValueError, in these words."""

    def check(text: str) -> str:
        try:
            good = fits(text)
        except ValueError:
            good = False
        if not good:
            raise ValueError(words)
        return text

    return AfterValidator(check)


def is_host(text: str) -> bool:
    """Whether this is an IP address or a host's name, without scheme, port or brackets."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        named = _NAME.fullmatch(text) is not None and re.search("[A-Za-z]", text) is not None
        return named and len(text) <= _NAME_LENGTH
    return True


def _is_http_url(text: str) -> bool:
    parts = urlsplit(text)
    return (
        _URL.fullmatch(text) is not None
        and parts.scheme in ("http", "https")
        and is_host(parts.hostname or "")
        and parts.port != 0
        and "@" not in parts.netloc
    )


def _is_origin(text: str) -> bool:
    return _is_http_url(text) and not urlsplit(text).path


def _is_server(text: str) -> bool:
    return all(part.startswith(("/", "@")) or is_host(part) for part in text.split(","))


def _is_rate(text: str) -> bool:
    return limits.Rate.parse(text).amount > 0


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _is_line(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


def _connection_string(value: SecretStr) -> SecretStr:
    words = "should be a URL such as postgresql://user:password@host:5432/database, or libpq's key=value form"
    try:
        ports = str(conninfo_to_dict(value.get_secret_value()).get("port") or "")
    except psycopg.ProgrammingError:
        raise ValueError(words) from None  # libpq's words quote the value
    if not all(port.isdecimal() and 0 < int(port) <= _LAST_PORT for port in ports.split(",") if port):
        raise ValueError(words)
    return value


def _key(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        message = "should be a key in ASCII, without spaces"
        raise ValueError(message)
    return value


HttpUrl = Annotated[
    str,
    AfterValidator(lambda text: text.rstrip("/")),
    _refusing(
        _is_http_url, "should be an absolute http or https URL without query, as https://rubis.example"
    ),
]
Origin = Annotated[
    str, _refusing(_is_origin, "should be origins such as https://app.example, without path, and never *")
]
Network = Annotated[
    str,
    _refusing(
        ipaddress.ip_network, "should be IP addresses or networks such as 10.0.0.0/8, separated by commas"
    ),
]
Host = Annotated[str, _refusing(is_host, "should be a host's name or IP address, without scheme or port")]
DatabaseHost = Annotated[
    str, _refusing(_is_server, "should be a host's name or IP address, or the folder of a socket")
]
Domain = Annotated[
    str,
    _refusing(
        lambda text: _NAME.fullmatch(text.removeprefix(".")), "should be a domain such as rubis.example"
    ),
]
Address = Annotated[str, _refusing(_is_address, "should be an e-mail address")]
Line = Annotated[str, _refusing(_is_line, "should be one line of text")]
Rate = Annotated[str, _refusing(_is_rate, "should be a rate such as 10/minute")]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_connection_string)]
Key = Annotated[SecretStr, AfterValidator(_key)]
