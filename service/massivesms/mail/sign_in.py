"""Signing in at a mail server: PLAIN, LOGIN and CRAM-MD5 (RFC 4954, 4616, 2195).

smtplib's own takes passwords of ASCII only. Over an encrypted connection the simple
ways come first; over an open one the way that does not show the password.
"""

from __future__ import annotations

import base64
import hmac
import smtplib
import ssl

from ..domain.mail_account import MailAccount
from ..domain.mail_results import Verdict
from .failures import Refused, clean

SAFE = ("PLAIN", "LOGIN", "CRAM-MD5")
OPEN = ("CRAM-MD5", "PLAIN", "LOGIN")


def sign_in(smtp: smtplib.SMTP, account: MailAccount) -> None:
    """Signs in the first way that the server offers. Raises Refused."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    ways = SAFE if isinstance(smtp.sock, ssl.SSLSocket) else OPEN
    way = next((one for one in ways if one in offered), None)
    if way is None:
        detail = ", ".join(offered) or account.server
        raise Refused(Verdict.ACCOUNT, "mail_no_sign_in", detail)
    code, said = _WAYS[way](smtp, account.user.encode(), account.password.encode())
    if code in (235, 503):  # 503: signed in already
        return
    later = 400 <= code < 500 and code != 432
    word = "mail_not_now" if later else "mail_password"
    raise Refused(Verdict.ACCOUNT, word, clean(said, code))


def _plain(smtp: smtplib.SMTP, user: bytes, password: bytes) -> tuple[int, bytes]:
    return smtp.docmd("AUTH", f"PLAIN {_b64(b'%b%b%b%b' % (NUL, user, NUL, password))}")


def _login(smtp: smtplib.SMTP, user: bytes, password: bytes) -> tuple[int, bytes]:
    code, said = smtp.docmd("AUTH", "LOGIN")
    for answer in (user, password):
        if code == 334:
            code, said = smtp.docmd(_b64(answer))
    return code, said


def _cram(smtp: smtplib.SMTP, user: bytes, password: bytes) -> tuple[int, bytes]:
    code, said = smtp.docmd("AUTH", "CRAM-MD5")
    if code != 334:
        return code, said
    try:
        challenge = base64.b64decode(said)
    except ValueError as error:
        raise Refused(Verdict.ACCOUNT, "mail_not_smtp", clean(said, code)) from error
    digest = hmac.new(password, challenge, "md5").hexdigest().encode()
    return smtp.docmd(_b64(user + b" " + digest))


def _b64(text: bytes) -> str:
    return base64.b64encode(text).decode("ascii")


NUL = b"\0"
_WAYS = {"PLAIN": _plain, "LOGIN": _login, "CRAM-MD5": _cram}
