"""Connections to partners: which way a message leaves for whom, and what is agreed about sending it again.

`NAER_CONNECTIONS` names a TOML file with one table `[[connection]]` for each. The first whose `receiver` and
`standards` fit a message carries it. Secrets are not in it: a token is named by its environment variable, a
private key by its file.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

Transport = Literal["file", "http", "local"]
_TRANSPORTS = ("file", "http", "local")
_SWITCHES = ("receipts", "acknowledge")
_WORDS = {
    "format": ("json", "xml"),
    "plo": ("", "v1.6", "v1.5"),
    "apprec": ("1.0", "1.1"),
    "resend": ("manual", "automatic"),
}
_PATHS = ("certificate", "key", "authority", "inbox")


class WrongConnectionsError(ValueError):
    """The file of connections cannot be used; says which entry, what is wrong and what would be right."""


class Connection(msgspec.Struct, frozen=True):
    """One way to a partner."""

    receiver: str
    """Key, SOR id, location number or HER id of the organisation; `*` for everybody."""
    transport: Transport
    """`file` (a folder), `http` (HTTP or HTTPS) or `local` (an organisation of this same installation)."""
    address: str = ""
    """The folder, or the URL that messages are posted to; nothing for `local`."""
    standards: tuple[str, ...] = ("*",)
    """Names of standards, with `*` for any characters."""
    format: Literal["json", "xml"] = "json"
    """How MedCom messages are written for it."""
    plo: Literal["", "v1.6", "v1.5"] = ""
    """Version of the care messages (PLO) written to it; empty: that of its own last one, else v1.6."""
    apprec: Literal["1.0", "1.1"] = "1.1"
    """Version of the AppRec that answers its messages; name the partner by HER id then."""
    resend: Literal["manual", "automatic"] = "manual"
    """Whether a message without a receipt is sent again by itself, where its standard lets it."""
    receipts: bool = True
    """Whether the partner acknowledges; off for a receiver that never does."""
    acknowledge: bool = True
    """Whether we acknowledge what the partner sends; off where we only receive (MedCom: receiver type C)."""
    token_variable: str = ""
    """Environment variable that holds the bearer token."""
    certificate: str = ""
    """PEM file of our certificate, for mutual TLS."""
    key: str = ""
    """PEM file of its private key; empty when the certificate's file holds it."""
    authority: str = ""
    """PEM file of the authorities that may have signed the partner's certificate; else the system's."""
    inbox: str = ""
    """Folder that the partner puts its messages in, for `file`: they are taken in from there."""
    timeout_s: float = 20.0
    """Seconds that the partner's system may take to answer."""

    def carries(self, standard: str, ids: frozenset[str]) -> bool:
        """Whether messages of `standard` to the organisation with these ids leave this way."""
        return (self.receiver == "*" or self.receiver in ids) and any(
            fnmatchcase(standard, pattern) for pattern in self.standards
        )


def choose(standard: str, ids: frozenset[str]) -> Connection | None:
    """The connection for a message; None when there is none."""
    return next((one for one in connections() if one.carries(standard, ids)), None)


def connections() -> tuple[Connection, ...]:
    """The connections of this installation, read again when the file has changed.

    Raises:
        WrongConnectionsError: when the file is missing or wrong.
    """
    name = settings.CONNECTIONS
    if not name:
        return ()
    path = Path(name)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise WrongConnectionsError(f"{path}: cannot be read: {error.strerror}") from None


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Connection, ...]:
    import tomllib  # an installation without the file need not load it

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongConnectionsError(f"{path}: is no TOML: {error}") from None
    entries = document.get("connection", [])
    strange = sorted(set(document) - {"connection"})
    if strange or not isinstance(entries, list):
        raise WrongConnectionsError(f"{path}: write one table [[connection]] for each; {strange} is unknown")
    return tuple(_entry(one, f"{path}: connection {place}", path) for place, one in enumerate(entries, 1))


def _entry(given: Mapping[str, Any], where: str, path: Path) -> Connection:
    known = set(Connection.__struct_fields__)
    unknown = sorted(set(given) - known)
    if unknown:
        raise WrongConnectionsError(
            f"{where}: {unknown[0]!r} is unknown; known are {', '.join(sorted(known))}"
        )
    for name in ("receiver", "transport"):
        if not given.get(name):
            raise WrongConnectionsError(f"{where}: {name} is missing")
    said = {name: _typed(name, value, where) for name, value in given.items()}
    for name in _PATHS:
        if said.get(name):
            said[name] = str((path.parent / said[name]).resolve())
    if said["transport"] == "file":
        said["address"] = (
            str((path.parent / said.get("address", "")).resolve()) if said.get("address") else ""
        )
    found = Connection(**said)
    _check(found, where)
    return found


def _typed(name: str, value: Any, where: str) -> Any:
    if name == "standards":
        if not (isinstance(value, list) and value and all(isinstance(one, str) for one in value)):
            raise WrongConnectionsError(f'{where}: standards is a list, as ["medcom-*"]')
        return tuple(value)
    if name in _SWITCHES:
        if not isinstance(value, bool):
            raise WrongConnectionsError(f"{where}: {name} is true or false")
        return value
    if name == "timeout_s":
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 300:
            raise WrongConnectionsError(f"{where}: timeout_s is a number of seconds, above 0 and at most 300")
        return float(value)
    if not isinstance(value, str):
        raise WrongConnectionsError(f"{where}: {name} is a text")
    return value


def _check(one: Connection, where: str) -> None:
    if one.transport not in _TRANSPORTS:
        raise WrongConnectionsError(f"{where}: transport is {', '.join(_TRANSPORTS)}; not {one.transport!r}")
    for name, known in _WORDS.items():
        if (said := getattr(one, name)) not in known:
            words = " or ".join(word for word in known if word)
            raise WrongConnectionsError(f"{where}: {name} is {words}; not {said!r}")
    if one.inbox and one.transport != "file":
        raise WrongConnectionsError(f"{where}: inbox goes with transport file only: answers are files too")
    if one.transport == "local":
        return
    if not one.address:
        raise WrongConnectionsError(f"{where}: address is missing: the folder, or the URL to post to")
    if one.transport == "http":
        _check_url(one, where)
    for name in ("certificate", "key", "authority"):
        file = getattr(one, name)
        if file and not Path(file).is_file():
            raise WrongConnectionsError(f"{where}: {name}: there is no file {file}")
    if one.key and not one.certificate:
        raise WrongConnectionsError(f"{where}: key needs certificate beside it")


def _check_url(one: Connection, where: str) -> None:
    try:
        parts = urlsplit(one.address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise WrongConnectionsError(f"{where}: address is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise WrongConnectionsError(f"{where}: address is a URL, as https://messages.example.dk/in")
    if parts.username or parts.password:
        raise WrongConnectionsError(f"{where}: no password in the address; name token_variable instead")
    if parts.scheme == "http" and not _loopback(host):
        raise WrongConnectionsError(f"{where}: http without TLS goes to this machine only; write https")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
