"""The small place, and a real mail server on loopback (aiosmtpd)."""

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from naer.site.notifications import smtp
from naer.site.notifications.smtp import Smtp
from tests.integration.site.conftest import here, now

__all__ = ["here", "now"]


class Post:
    """What came in, and what the server answers next."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.answers: list[str] = []
        self.logins: list[bytes] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        self.receivers += envelope.rcpt_tos
        return "250 OK"

    def login(self, server: SMTP, session: Session, envelope: Envelope, how: str, given: Any) -> AuthResult:
        self.logins.append(given.login)
        return AuthResult(success=given.password == b"p@ss/word")


@pytest.fixture
def post() -> Iterator[tuple[Post, Smtp]]:
    """A mail server, and how to reach it."""
    kept = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        authenticator=kept.login,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield kept, smtp.read(f"smtp://127.0.0.1:{port}")
    finally:
        controller.stop()
