"""Tokens and passwords. Only their hashes are stored, and neither is logged."""

import re
import unicodedata
from hashlib import sha256
from secrets import token_urlsafe

import anyio
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

TOKEN_BYTES = 32
TOKEN_LENGTH = 43
PASSWORD_MIN_LENGTH = 10
PASSWORD_MAX_LENGTH = 128

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

_HASHER = PasswordHasher()
# 64 MiB each: a burst of sign-ins queues here instead of taking all the memory.
_HASHING = anyio.CapacityLimiter(4)
# A hash of the same cost that no password fits, verified when the e-mail is unknown: both cases take as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def new_token() -> str:
    """A fresh token: 32 random bytes as 43 base64url characters, without padding."""
    return token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether the text has the form of a token; any other text needs no call of the database."""
    return _TOKEN.fullmatch(text) is not None


def token_hash(token: str) -> bytes:
    """What the database knows of a token: SHA-256 of its text, 32 bytes."""
    return sha256(token.encode("ascii")).digest()


def normalize_password(password: str) -> str:
    """The same password typed on another keyboard: Unicode NFKC (NIST SP 800-63B-4, section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def common_digest(password: str) -> str:
    """How `app.core.common_passwords` lists a password: whatever its case, by the start of its SHA-256."""
    return sha256(normalize_password(password).casefold().encode()).hexdigest()[:16]


async def hash_password(password: str) -> str:
    """argon2id in PHC string format (RFC 9106, second recommended option), in a thread."""
    return await to_thread.run_sync(_HASHER.hash, normalize_password(password), limiter=_HASHING)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits the hash. Without one (unknown e-mail) it is false, after the same time."""

    def verify() -> bool:
        try:
            return _HASHER.verify(password_hash or _NOBODY, normalize_password(password))
        except (Argon2Error, InvalidHashError):
            return False

    return await to_thread.run_sync(verify, limiter=_HASHING) and password_hash is not None
