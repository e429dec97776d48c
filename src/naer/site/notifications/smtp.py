"""The mail server of `NAER_SMTP_URL`: smtp://user:password@host:port, smtps:// for TLS from the start.

With `?tls=starttls` the connection is made secure before anything is said. Certificates are checked.
"""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

TIMEOUT_S = 15


class Server(Protocol):
    """What takes e-mails; `Smtp` is the real one."""

    def send(self, message: EmailMessage) -> None:
        """Hand one e-mail over. Raises smtplib.SMTPException or OSError."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """One server; each e-mail is a connection of its own."""

    host: str
    port: int | None
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False

    def __repr__(self) -> str:
        return f"Smtp({self.host!r}, {self.port!r})"

    def send(self, message: EmailMessage) -> None:
        """Hand one e-mail over.

        Raises:
            smtplib.SMTPException: when the server refuses.
            OSError: when it cannot be reached.
        """
        backend = EmailBackend(
            alias="naer",
            host=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.starttls,
            use_ssl=self.tls,
            timeout=TIMEOUT_S,
        )
        backend.send_messages([message])


def server() -> Smtp | None:
    """The installation's mail server; None when none is set."""
    return read(settings.SMTP_URL) if settings.SMTP_URL else None


def read(url: str) -> Smtp:
    """The server that a URL names.

    Raises:
        ImproperlyConfigured: when it names none; the text does not repeat it, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
        port = parts.port
    except ValueError:
        parts, asked, port = urlsplit(""), {}, None
    right = parts.scheme in ("smtp", "smtps") and parts.hostname and asked in ({}, {"tls": ["starttls"]})
    if not right or (parts.scheme == "smtps" and asked):
        raise ImproperlyConfigured(
            "NAER_SMTP_URL names no mail server; write smtp://host:port, smtp://…?tls=starttls or smtps://…"
        )
    return Smtp(
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=bool(asked),
        tls=parts.scheme == "smtps",
    )
