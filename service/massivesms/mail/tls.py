"""Whom a mail server must be for us: what is trusted, and what is wrong with it."""

from __future__ import annotations

import ssl

from ..domain.mail_account import MailAccount
from ..domain.mail_results import Verdict
from .failures import Refused


def context(account: MailAccount) -> ssl.SSLContext:
    """The machine's authorities, or the one of the account alone. Raises Refused."""
    path = account.ca_file
    try:
        made = ssl.create_default_context(cafile=path or None)
    except ssl.SSLError as error:
        raise Refused(Verdict.ACCOUNT, "mail_ca_file", path) from error
    except OSError as error:
        detail = f"{path}: {error.strerror or error}"
        raise Refused(Verdict.ACCOUNT, "mail_ca_file", detail) from error
    if not account.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made
