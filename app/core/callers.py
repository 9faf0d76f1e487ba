"""Who is calling, as the limits of attempts see it."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from app.core.devices import device


def client_address(request: Request) -> str:
    """Who is calling, as one key: an IPv4 address, or an IPv6 network of 64 bits, what one household has.

    Behind a proxy named in TRUSTED_PROXIES this is the address it forwards; other headers are not believed.
    """
    return _address_key(request.client.host) if request.client else "unknown"


def caller(request: Request) -> dict[str, str | None]:
    """What the list of sessions shows of who calls: `device` in words, and `address`."""
    return {"device": device(request.headers.get("user-agent", "")), "address": client_address(request)}


@lru_cache(maxsize=4096)
def _address_key(host: str) -> str:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
