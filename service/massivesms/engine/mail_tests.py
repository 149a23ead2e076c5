"""Tests of the mail account that people ask for on a page: taken up and carried out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from .. import mail_drafts
from ..domain.mail_results import Verdict
from ..domain.settings import Settings
from ..errors import ConfigError, StoreError
from ..mail import trial
from ..mail.letter import Letter
from ..notices import trial as words
from ..notices.report import speech_of
from ..store import mail_accounts, mail_tests
from ..store.db import Database, Row
from ..vault import Vault

log = logging.getLogger(__name__)

Note = Callable[[str, str], None]


class MailTests:
    """Carries out one test after another, beside everything else."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault
        self._running: threading.Thread | None = None

    def carry_out(self, settings: Settings) -> None:
        """Begins the next test, when none is running."""
        if self._running is not None and self._running.is_alive():
            return
        test = self._db.atomically(mail_tests.take)
        if test is not None:
            arguments = (test, settings)
            self._running = threading.Thread(
                target=self._try_out, args=arguments, name="mail test", daemon=True
            )
            self._running.start()

    def _try_out(self, test: Row, settings: Settings) -> None:
        steps: list[tuple[str, str]] = []

        def note(code: str, detail: str) -> None:
            steps.append((code, detail))
            self._db.atomically(lambda tx: mail_tests.tell(tx, test["id"], steps))

        try:
            passed = self._passes(test, settings, note)
            self._db.atomically(
                lambda tx: mail_tests.tell(tx, test["id"], steps, passed)
            )
        except StoreError as error:
            log.warning("the mail test's result could not be stored: %s", error)
        finally:
            self._db.close()

    def _passes(self, test: Row, settings: Settings, note: Note) -> bool:
        row = self._db.atomically(mail_accounts.load)
        if row is None:
            note("mail_no_account", "")
            return False
        try:
            account = mail_drafts.account(self._vault, row)
        except ConfigError:
            note("mail_key_other", "")
            return False
        speech = speech_of(settings)
        key = f"massivesms.test.{test['id']}"
        letter = Letter(
            key, test["requested_at"], words.subject(speech), words.body(speech)
        )
        outcome = trial.try_out(account, test["address"], letter, note)
        if outcome.verdict != Verdict.SENT:
            return False
        self._db.atomically(mail_accounts.works)
        return True
