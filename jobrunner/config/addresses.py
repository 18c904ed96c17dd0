"""The kinds of value that name machines and sites: whom to trust and where to ask. Connects to nothing."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from jobrunner.config.values import is_loopback, refused, refused_unseen

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_URL_ALLOWED = (
    'an address that begins with "https://", or with "http://" if it is on this machine; without a user, a password '
    "or a #"
)
_HOOK_ALLOWED = 'an address that begins with "http://" or "https://", without a user, a password or a #'
_SITE_ALLOWED = 'an address such as "https://jobs.example.org/jobrunner", without a slash at the end, a user or a ?'
_ORIGINS_ALLOWED = (
    'a list of exact origins, such as ["https://app.example.org", "http://localhost:3000"], without a path or a slash '
    'at the end, and with names in ASCII ("xn--..."); or just ["*"]'
)
_NETWORKS_ALLOWED = 'a list of addresses and networks, such as ["127.0.0.1", "10.1.0.0/16", "fd00::/8"]'
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9_-][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65_535
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")  # RFC 4291, section 2.5.5.2: all of IPv4 as IPv6
_LEAST_PREFIX = {4: 8, 6: 7}  # the private 10.0.0.0/8 and fc00::/7 are the largest networks that somebody may own


def key_url() -> BeforeValidator:
    """Allow a URL from which keys can be fetched without anybody changing them on the way."""

    def check(value: Any) -> Any:
        if not (isinstance(value, str) and _is_safe(value)):
            raise refused_unseen(_URL_ALLOWED)  # not shown: it may hold a password
        return value

    return BeforeValidator(check)


def hook_url() -> BeforeValidator:
    """Allow the URL of an application of one's own, perhaps on another machine of the same network."""

    def check(value: Any) -> Any:
        if not (isinstance(value, str) and _host_of(value, "http", "https")):
            raise refused_unseen(_HOOK_ALLOWED)  # as above
        return value

    return BeforeValidator(check)


def site_url() -> BeforeValidator:
    """Allow the URL under which something is reached, to which paths are added."""

    def check(value: Any) -> Any:
        if not (isinstance(value, str) and _host_of(value, "http", "https") and re.fullmatch(r"[^?]+[^?/]", value)):
            raise refused_unseen(_SITE_ALLOWED)
        return value

    return BeforeValidator(check)


def on_this_machine(url: str) -> bool:
    """Say whether a URL leads to this machine whoever reads it."""
    return is_loopback(_host_of(url, "http", "https"))


def origins() -> BeforeValidator:
    """Allow a list of origins and give each as browsers write it (RFC 6454, section 6.2), or just `*`."""

    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise refused(value, _ORIGINS_ALLOWED)
        return ("*",) if list(value) == ["*"] else tuple(dict.fromkeys(map(_origin, value)))

    return BeforeValidator(check)


def networks() -> BeforeValidator:
    """Allow a list of IP addresses and networks (CIDR) and give each in its shortest form, IPv4 never inside IPv6."""

    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise refused(value, _NETWORKS_ALLOWED)
        return tuple(dict.fromkeys(map(_network, value)))

    return BeforeValidator(check)


def _is_safe(url: str) -> bool:
    return bool(_host_of(url, "https")) or is_loopback(_host_of(url, "http"))


def _host_of(url: str, *schemes: str) -> str:
    """Return the host of a URL that has one of the schemes and holds nothing that it should not, else nothing."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    clean = re.fullmatch(r"[!-~]+", url) and not {"@", "#", "\\"} & set(url)
    return host if clean and parts.scheme in schemes else ""


def _origin(value: object) -> str:
    found = _ORIGIN.fullmatch(value.lower()) if isinstance(value, str) else None
    if found is None or not 0 < int(found[3] or 1) <= _LAST_PORT:
        raise refused(value, _ORIGINS_ALLOWED)
    scheme, host, port = found.groups()
    port = "" if port is None or int(port) == _DEFAULT_PORTS.get(scheme) else f":{int(port)}"
    return f"{scheme}://{_host(value, host)}{port}"


def _host(value: object, host: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1])}]" if host.startswith("[") else host
    except ValueError:
        raise refused(value, _ORIGINS_ALLOWED) from None


def _network(value: object) -> str:
    try:
        network = _unmapped(ipaddress.ip_network(value)) if isinstance(value, str) and "%" not in value else None
    except ValueError:
        network = None
    if network is None:
        raise refused(value, _NETWORKS_ALLOWED)
    if network.prefixlen < _LEAST_PREFIX[network.version] or _holds_ipv4(network):
        raise refused(value, f"{_NETWORKS_ALLOWED}; in so large a one anybody could say to come from anywhere")
    return str(network.network_address if network.num_addresses == 1 else network)


def _unmapped(network: _Network) -> _Network:
    """Take ::ffff:10.0.0.0/104 as 10.0.0.0/8, which is how such a peer is known."""
    first = network.network_address
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped and network.prefixlen >= _MAPPED.prefixlen:
        return ipaddress.IPv4Network((first.ipv4_mapped, network.prefixlen - _MAPPED.prefixlen))
    return network


def _holds_ipv4(network: _Network) -> bool:
    return isinstance(network, ipaddress.IPv6Network) and _MAPPED.subnet_of(network)
