"""From what a person entered about the mail account to what is stored.

The page and the command line come through here alike: checked, and the password
sealed before it reaches the store.
"""

from __future__ import annotations

from collections.abc import Mapping

from .domain import mail_account
from .domain.mail_account import SECRET, MailAccount
from .domain.words import N_, Problem
from .errors import ConfigError
from .store import mail_accounts
from .store.audit import Actor
from .store.db import Database, Row
from .vault import Vault


def change(
    db: Database, vault: Vault, entered: Mapping[str, str], actor: Actor
) -> dict[str, Problem]:
    """Stores the account; with problems, by key, nothing.

    What is not entered stays as it is. An empty password keeps the stored one, but
    never for another server: who may change the account must not get the password.
    """
    row = db.atomically(mail_accounts.load)
    before: dict[str, str] = row["settings"] if row else {}
    given = {**before, **{k: v for k, v in entered.items() if k != SECRET}}
    kept = _secrets(vault, row).get(SECRET, "")
    new = entered.get(SECRET, "")
    if not given.get("user", "").strip():
        kept = ""
    elif kept and not new and given.get("host", "").strip() != before.get("host"):
        words = N_("Enter the password again: it would go to another server.")
        return {SECRET: Problem("mail_password_again", words)}
    checked = mail_account.check({**given, SECRET: new or kept})
    problems = {k: v for k, v in checked.items() if isinstance(v, Problem)}
    if problems:
        return problems
    settings = {key: str(value) for key, value in checked.items()}
    sealed = vault.seal({SECRET: settings.pop(SECRET)})
    db.atomically(
        lambda tx: mail_accounts.save(
            tx, settings, sealed, actor, has_new_secrets=bool(new)
        )
    )
    return {}


def account(vault: Vault, row: Row) -> MailAccount:
    """A stored account with its password. Raises ConfigError: another key file."""
    return mail_account.read(row["settings"], vault.open(row["secrets"]))


def _secrets(vault: Vault, row: Row | None) -> dict[str, str]:
    """The stored secrets; none when they were encrypted with another key file."""
    try:
        return vault.open(row["secrets"]) if row else {}
    except ConfigError:
        return {}
