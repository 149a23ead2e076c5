"""One connection to a mail server: opened, signed in, and mail handed over.

Each step is told to `note`, and what goes wrong is an outcome with a code of
domain.mail_results. Nothing here waits for ever: each answer has the account's
time-out, and Deadline cuts a connection whose server answers a byte at a time.
"""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from ..domain.mail_account import STARTTLS, TLS, MailAccount
from ..domain.mail_results import MailOutcome, Verdict
from . import sign_in, tls
from .failures import Refused, clean, outcome_of

MAIL_S = 120.0  # for one mail, whatever the server does
Note = Callable[[str, str], None]


class _Smtp(smtplib.SMTP):
    """smtplib's client with a socket that can be cut from another thread."""

    def __init__(self, account: MailAccount) -> None:
        super().__init__(timeout=account.timeout_s)
        self._account = account
        self.raw: socket.socket | None = None  # the same connection below any TLS
        self.is_open = False

    def _get_socket(
        self, host: str, port: int, timeout: float
    ) -> socket.socket:  # what connect() calls, as in SMTP_SSL
        made = socket.create_connection((host, port), timeout)
        self.is_open = True
        self.raw = socket.socket(fileno=os.dup(made.fileno()))
        ip = made.getsockname()[0]
        self.local_hostname = f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"
        self._host = host  # which starttls() asks the certificate for
        if self._account.security == TLS:
            return tls.context(self._account).wrap_socket(made, server_hostname=host)
        return made

    def close(self) -> None:
        super().close()
        if self.raw is not None:
            self.raw.close()
            self.raw = None


class Link:
    """A connection by an account, for one mail after another."""

    def __init__(
        self, account: MailAccount, note: Note = lambda code, detail: None
    ) -> None:
        self._account = account
        self._note = note
        self._smtp = _Smtp(account)
        self._is_late = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, within_s: float = MAIL_S) -> MailOutcome | None:
        """Connects, encrypts and signs in; None when mail can be handed over."""
        try:
            with self._deadline(within_s):
                self._connect()
                self._encrypt()
                self._sign_in()
        except (OSError, smtplib.SMTPException, Refused, UnicodeError) as error:
            return self._failed(error, "open")
        return None

    def send(
        self, message: EmailMessage, recipient: str, within_s: float = MAIL_S
    ) -> MailOutcome:
        """Hands over a mail to one recipient; what came of it."""
        try:
            with self._deadline(within_s):
                return self._hand_over(message, recipient)
        except (OSError, smtplib.SMTPException, Refused, UnicodeError) as error:
            found = self._failed(error, "send")
        if found.verdict in (Verdict.LATER, Verdict.FAILED):
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.rset()  # for the next mail
        return found

    def close(self) -> None:
        """Says goodbye without waiting for long."""
        with suppress(OSError, smtplib.SMTPException):
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(1.0)
                self._smtp.quit()
        self._smtp.close()

    # --- steps -----------------------------------------------------------

    def _connect(self) -> None:
        account, smtp = self._account, self._smtp
        self._note("mail_connecting", account.server)
        code, said = smtp.connect(account.host, account.port)
        if code != 220:
            later = 400 <= code < 500
            word = "mail_not_now" if later else "mail_not_welcome"
            word = word if code > 0 else "mail_not_smtp"
            raise Refused(Verdict.ACCOUNT, word, clean(said, code))
        self._note("mail_connected", clean(said, code))
        smtp.ehlo_or_helo_if_needed()

    def _encrypt(self) -> None:
        account, smtp = self._account, self._smtp
        if account.security == STARTTLS:
            if not smtp.has_extn("starttls"):
                raise Refused(Verdict.ACCOUNT, "mail_no_starttls", account.server)
            try:
                smtp.starttls(context=tls.context(account))
            except smtplib.SMTPResponseException as error:
                said = clean(error.smtp_error, error.smtp_code)
                refused = Refused(Verdict.ACCOUNT, "mail_tls_failed", said)
                raise refused from error
            smtp.ehlo_or_helo_if_needed()
        if isinstance(smtp.sock, ssl.SSLSocket):
            word = "mail_encrypted" if account.verify else "mail_unchecked"
            self._note(word, smtp.sock.version() or "")
        else:
            self._note("mail_plain", "")

    def _sign_in(self) -> None:
        account = self._account
        if not account.user:
            self._note("mail_unsigned", "")
            return
        sign_in.sign_in(self._smtp, account)
        self._note("mail_signed_in", account.user)

    def _hand_over(self, message: EmailMessage, recipient: str) -> MailOutcome:
        smtp, sender = self._smtp, self._account.from_address
        content = message.as_bytes()
        size = [f"size={len(content)}"] if smtp.has_extn("size") else []
        self._check(*smtp.mail(sender, size), "sender")
        self._note("mail_sender_taken", sender)
        self._check(*smtp.rcpt(recipient), "recipient")
        self._note("mail_recipient_taken", recipient)
        code, said = smtp.data(content)
        self._check(code, said, "content")
        self._note("mail_sent", clean(said, code))
        return MailOutcome(Verdict.SENT, "mail_sent", clean(said, code))

    def _check(self, code: int, said: bytes, what: str) -> None:
        """Raises Refused for what is no yes."""
        if code in (250, 251, 252):
            return
        detail = clean(said, code)
        if code == 421:
            raise Refused(Verdict.ACCOUNT, "mail_not_now", detail)
        if code == 530:
            raise Refused(Verdict.ACCOUNT, "mail_sign_in_wanted", detail)
        if what == "sender":
            raise Refused(Verdict.ACCOUNT, "mail_sender_refused", detail)
        is_later = 400 <= code < 500
        words = {
            "recipient": ("mail_recipient_later", "mail_recipient_refused"),
            "content": ("mail_content_later", "mail_content_refused"),
        }
        verdict = Verdict.LATER if is_later else Verdict.FAILED
        raise Refused(verdict, words[what][0 if is_later else 1], detail)

    # --- faults ----------------------------------------------------------

    def _failed(self, error: Exception, step: str) -> MailOutcome:
        smtp = self._smtp
        is_greeted = smtp.ehlo_resp is not None or smtp.helo_resp is not None
        found = outcome_of(
            error,
            self._account,
            is_open=smtp.is_open,
            is_greeted=is_greeted,
            is_late=self._is_late,
        )
        if step == "send" and found.code in ("mail_timeout", "mail_closed"):
            return MailOutcome(Verdict.BROKEN, found.code, found.detail)
        return found

    def _deadline(self, within_s: float) -> Deadline:
        return Deadline(within_s, self._cut)

    def _cut(self) -> None:
        """Ends the connection below whoever waits for it."""
        self._is_late = True
        raw = self._smtp.raw
        if raw is not None:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)


class Deadline:
    """Calls `cut` when the block takes longer than so many seconds."""

    def __init__(self, within_s: float, cut: Callable[[], None]) -> None:
        self._until_s = time.monotonic() + within_s
        self._timer = threading.Timer(within_s, cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
