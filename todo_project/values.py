"""Values that have a form of their own: keys, hosts, origins, networks and time zones.

Each function takes what `environment` has read, and raises ImproperlyConfigured for what can't be used.
"""

import re
from collections.abc import Sequence
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

from todo_project.environment import refused

SECRET_KEY_CHARACTERS = 32
_LABEL = r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
MANIFEST = "staticfiles.json"
"""In the folder of static files, what Django's storage writes last."""

_NOT_FOR_PEOPLE = {"Factory", "localtime", "posixrules"}
"""Files in a zone database that name no zone: a browser does not know them."""


def secret_key(name: str, value: str) -> str:
    """A key that signs: long, and not one character over and over, nor a placeholder."""
    if len(value) < SECRET_KEY_CHARACTERS or len(set(value)) < 8:
        how = """python3 -c 'import secrets; print(secrets.token_urlsafe(50))' makes one"""
        raise refused(name, f"it must have {SECRET_KEY_CHARACTERS} random characters or more; {how}")
    if value.lower().startswith(("django-insecure", "change", "your-", "replace", "example")):
        raise refused(name, "it is a placeholder, not a secret")
    return value


def metrics_token(name: str, value: str) -> str:
    if not re.fullmatch(r"[!-~]{16,}", value):
        raise refused(name, "it must have 16 characters or more, ASCII without spaces")
    return value


def hosts(name: str, values: Sequence[str]) -> list[str]:
    """Host names for ALLOWED_HOSTS, as Django compares them: lower case, no port, no dot at the end."""
    if not values:
        raise refused(name, "it must name at least one host")
    return [_host_pattern(name, value) for value in values]


def _host_pattern(name: str, value: str) -> str:
    if value == "*":
        return value
    wanted = "it must be host names such as todo.example.com, or .example.com for all below it"
    if "://" in value or "/" in value:
        raise refused(name, f"{wanted}, without a scheme or a path", value=value)
    if value.startswith("*"):
        raise refused(name, f"{wanted}, instead of *", value=value)
    try:
        return f"[{IPv6Address(value.strip('[]'))}]"
    except ValueError:
        pass
    if ":" in value:
        raise refused(name, f"{wanted}, without a port", value=value)
    dot = "." if value.startswith(".") else ""
    host = _host_name(value.removeprefix("."))
    if not host:
        raise refused(name, wanted, value=value)
    return dot + host


def _host_name(text: str) -> str:
    """As a browser sends it, or "" for what is no host name."""
    try:
        ascii_text = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        return ""
    host = ascii_text.lower().removesuffix(".")
    return host if _NAME.fullmatch(host) else ""


def origins(name: str, values: Sequence[str], *, wildcards: bool = False) -> list[str]:
    """Origins as a browser sends them. `wildcards`: `https://*.example.com` is one too."""
    return [_origin(name, value, wildcards=wildcards) for value in values]


def _origin(name: str, value: str, *, wildcards: bool) -> str:
    wanted = "it must be origins such as https://todo.example.com, with the scheme and without a path"
    error = refused(name, wanted, value=value)
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise error from None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or "#" in value or "?" in value or parts.path:
        raise error
    host = parts.hostname or ""
    star = "*." if wildcards and host.startswith("*.") else ""
    if host.count(":"):
        shown = f"[{host}]" if f"[{host}]" in parts.netloc.lower() else ""
    else:
        shown = _host_name(host.removeprefix(star))
    if not shown or parts.netloc.endswith(":"):
        raise error
    return f"{parts.scheme}://{star}{shown}" + (f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else "")


def public_url(name: str, value: str) -> str:
    """The address of the page, as in https://todo.example.com/team; empty for none."""
    if not value:
        return value
    try:
        return _page_address(name, value)
    except ImproperlyConfigured:
        wanted = "it must be an address with the scheme, as https://todo.example.com"
        offered = _offered_address(name, value)
        raise refused(name, f"{wanted}; write {offered}" if offered else wanted, value=value) from None


def _page_address(name: str, value: str) -> str:
    scheme, _, rest = value.partition("://")
    origin, slash, path = rest.partition("/")
    if re.search(r"[\s?#]", path):
        raise refused(name, "there is a query or a fragment behind its path")
    return f"{origins(name, [f'{scheme}://{origin}'])[0]}{slash}{path}".removesuffix("/")


def _offered_address(name: str, value: str) -> str:
    """What was meant, where somebody copied the address of one place of the page, or left out the scheme; else ""."""
    beginning = re.split(r"[\s?#]", value)[0]
    try:
        return _page_address(name, beginning if "://" in beginning else f"https://{beginning}")
    except ImproperlyConfigured:
        return ""


def mail_host(name: str, value: str) -> str:
    """A host's name or address, without a port; empty for none."""
    if not value:
        return value
    try:
        ip_address(value.strip("[]"))
    except ValueError:
        if not _host_name(value):
            raise refused(
                name, "it must be a host such as mail.example.com, without a scheme or a port", value=value
            ) from None
    return value


def static_root(name: str, value: str, *, base: Path) -> Path:
    """The folder of the collected static files, which may have to be made. `value` is a path from `base`.

    All that is in it is served to everybody. So it holds nothing else: it is new, empty, or filled by
    `collectstatic`.
    """
    path = base / value
    if path.exists() and not path.is_dir():
        raise refused(name, "it must be a folder", value=value)
    if path.resolve() in (base, *base.parents):
        raise refused(name, "it must be a folder of its own, since all that is in it is served", value=value)
    if path.is_dir() and not is_collected(path) and any(path.iterdir()):
        why = (
            "it holds files of others, or what an interrupted collectstatic has left: "
            "empty it, or name another folder, and run manage.py collectstatic"
        )
        raise refused(name, why, value=value)
    return path


def is_collected(folder: Path) -> bool:
    """Whether `manage.py collectstatic` has filled the folder, to the end."""
    return (folder / MANIFEST).is_file()


def mail_address(name: str, value: str) -> str:
    """An address such as `Todo <todo@example.com>`."""
    address = parseaddr(value)[1]
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
        raise refused(name, "it must be an address such as todo@example.com, or Todo <todo@example.com>", value=value)
    return value


def time_zone(name: str, value: str) -> str:
    if value not in available_timezones() or value in _NOT_FOR_PEOPLE:
        raise refused(name, "it must be a zone like Europe/Berlin", value=value)
    return value


def networks(name: str, values: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(value) for value in values]
    except ValueError as error:
        raise refused(name, f"{error}", value=",".join(values)) from None
