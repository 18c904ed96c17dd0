"""From where a request really comes: what a proxy says is believed only of those that are configured."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from jobrunner.web.keys import runner_of

FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


def client_of(request: web.Request) -> str:
    """Return the address of who asks: the last one in X-Forwarded-For that is no trusted proxy."""
    address = request.remote or ""
    if not _believed(request):
        return address
    trusted = runner_of(request).settings.server.trusted_proxies
    for hop in reversed(",".join(request.headers.getall("X-Forwarded-For", [])).split(",")):
        address = hop.strip() or address
        if not is_within(address, trusted):
            break
    return address


def host_of(request: web.Request) -> str:
    """Return the host, with its port if it has one, that the client has asked for."""
    told = _last(request, "X-Forwarded-Host") if _believed(request) else ""
    return told or request.headers.get("Host", "")


def is_encrypted(request: web.Request) -> bool:
    """Tell whether the client speaks https, with us or with a trusted proxy."""
    told = _last(request, "X-Forwarded-Proto") if _believed(request) else ""
    return (told or request.scheme).lower() == "https"


def _believed(request: web.Request) -> bool:
    return is_within(request.remote or "", runner_of(request).settings.server.trusted_proxies)


def _last(request: web.Request, name: str) -> str:
    """Return what the nearest proxy has said."""
    return ",".join(request.headers.getall(name, [])).rpartition(",")[2].strip()


@lru_cache(maxsize=4096)
def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Tell whether an address lies in one of some networks."""
    try:
        found = _address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks)


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is that of this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return _address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address without its zone; one of IPv4 as such, also where it is written as `::ffff:10.0.0.1`."""
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
