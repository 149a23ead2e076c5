"""What smtplib, TLS and sockets raise, as outcomes with words.

The one place where exceptions of a talk are translated. What a server answers is
shown to people, so it is cut, and a password that it sends back is taken out.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl

from ..domain.inert_text import inert
from ..domain.mail_account import TLS, MailAccount
from ..domain.mail_results import MailOutcome, Verdict

MOST_SAID = 200
#: What OpenSSL calls an answer that is no TLS.
_NO_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
}
#: X509_V_ERR_...: https://docs.openssl.org/master/man1/openssl-verification-options/
_VALIDITY = {9, 10}
_NAME = {62, 63, 64}
_AUTHORITY = {2, 18, 19, 20, 21, 26}


class Refused(Exception):
    """The talk ends here: an outcome on its way to its caller."""

    def __init__(self, verdict: Verdict, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.outcome = MailOutcome(verdict, code, detail)


def clean(said: bytes | str, code: int | None = None) -> str:
    """A server's answer on one line, with its number."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = " ".join(inert(" ".join(text.split())).split())[:MOST_SAID]
    return f"{code} {text}".strip() if code and code > 0 else text


def without_password(text: str, account: MailAccount) -> str:
    """A server's answer without the password, however it was sent back."""
    password, user = account.password.encode(), account.user.encode()
    if not password:
        return text
    forms = [account.password]
    for whole in (b"\0" + user + b"\0" + password, password):
        forms.append(base64.b64encode(whole).decode())
    for form in forms:
        text = text.replace(form, "•••")
    return text


def outcome_of(
    error: Exception,
    account: MailAccount,
    *,
    is_open: bool,
    is_greeted: bool,
    is_late: bool,
) -> MailOutcome:
    """What an exception of a talk means for the account or the mail."""
    # smtplib makes "disconnected" of a time-out.
    if is_late or isinstance(error.__context__ or error, TimeoutError):
        found = _silent(account, is_open=is_open, is_greeted=is_greeted)
    elif isinstance(error, Refused):
        found = error.outcome
    elif isinstance(error, ssl.SSLError):
        found = _tls(error, account)
    elif isinstance(error, smtplib.SMTPException):
        found = _smtp(error, account, is_greeted=is_greeted)
    else:
        found = _socket(error, account, is_open=is_open)
    detail = without_password(found.detail, account)
    return MailOutcome(found.verdict, found.code, detail)


def _account(code: str, detail: str = "") -> MailOutcome:
    return MailOutcome(Verdict.ACCOUNT, code, detail)


def _silent(account: MailAccount, *, is_open: bool, is_greeted: bool) -> MailOutcome:
    if not is_open:
        return _account("mail_connect_timeout", account.server)
    silent = "mail_silent_tls" if account.security == TLS else "mail_silent"
    code = "mail_timeout" if is_greeted else silent
    return _account(code, account.server)


def _tls(error: ssl.SSLError, account: MailAccount) -> MailOutcome:
    if isinstance(error, ssl.SSLCertVerificationError):
        number, said = error.verify_code, error.verify_message
        if number in _VALIDITY:
            return _account("mail_certificate_expired", said)
        if number in _NAME:
            return _account("mail_certificate_name", said)
        if number in _AUTHORITY:
            return _account("mail_certificate_authority", said)
        return _account("mail_certificate", said)
    if error.reason in _NO_TLS:
        return _account("mail_no_tls", account.server)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _account("mail_closed", account.server)
    return _account("mail_tls_failed", error.reason or str(error))


def _smtp(
    error: smtplib.SMTPException, account: MailAccount, *, is_greeted: bool
) -> MailOutcome:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _account("mail_closed", account.server)
    if isinstance(error, smtplib.SMTPResponseException):
        said = clean(error.smtp_error, error.smtp_code)
        if error.smtp_code <= 0:
            return _account("mail_not_smtp", said or account.server)
        if isinstance(error, smtplib.SMTPDataError):
            is_later = 400 <= error.smtp_code < 500
            verdict = Verdict.LATER if is_later else Verdict.FAILED
            word = "mail_content_later" if is_later else "mail_content_refused"
            return MailOutcome(verdict, word, said)
        is_later = is_greeted or 400 <= error.smtp_code < 500
        return _account("mail_not_now" if is_later else "mail_not_welcome", said)
    return _account("mail_not_smtp", clean(str(error)))


def _socket(error: Exception, account: MailAccount, *, is_open: bool) -> MailOutcome:
    if isinstance(error, socket.gaierror | UnicodeError):
        return _account("mail_host_unknown", account.host)
    if isinstance(error, ConnectionRefusedError):
        return _account("mail_refused", account.server)
    if is_open:  # reset, broken pipe
        return _account("mail_closed", account.server)
    said = getattr(error, "strerror", None) or str(error)
    return _account("mail_unreachable", f"{account.server}: {said}")
