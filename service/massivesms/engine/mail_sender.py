"""Mail leaves the outbox, in a thread of its own: a mail server that is away, slow or
silent holds up no message.

A mail is taken by a committed lease before anything is said to the server, and is
settled when the server has answered. When this process ends in between, the mail is
sent again after the lease, with the same Message-ID: at least once, and a double can
be recognised. While the account fails there is one try for all mails, and the waits
grow from a minute to an hour.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from .. import mail_drafts
from ..config import Config
from ..domain import mail_results
from ..domain.mail_account import MailAccount
from ..domain.mail_results import MailOutcome, Verdict
from ..errors import ConfigError, StoreError
from ..mail.letter import Letter, compose
from ..mail.link import Link
from ..notices import incoming, report
from ..store import daily_reports, forwarded, mail_accounts, mail_tests, mails
from ..store.db import Row, Transaction
from ..vault import Vault
from .board import Board
from .side_thread import SideThread

log = logging.getLogger(__name__)

HOUSE_S = 30.0
BROKEN_IN_A_ROW = 2  # then it is the server and not the mail


class MailSender(SideThread):
    """Empties the outbox until told to end; makes the daily report when it is due."""

    waits = "mail waits: %s"

    def __init__(
        self, config: Config, board: Board, owner: str, now: Callable[[], datetime]
    ) -> None:
        super().__init__("mail", config)
        self._vault = Vault(config.secret_key())
        self._board = board
        self._owner = owner
        self._now = now
        self._is_failing = False
        self._house_at_s = 0.0
        self._reported_on: object = None

    def look(self) -> None:
        """Does what is due now."""
        if time.monotonic() >= self._house_at_s:
            self._house_at_s = time.monotonic() + HOUSE_S
            self._keep_house()
            self._report()
        account = self._account()
        if account is not None:
            self._drain(account)

    # --- sending ---------------------------------------------------------

    def _account(self) -> MailAccount | None:
        """The account, when there is something to send and it may be tried now."""

        def read(tx: Transaction) -> Row | None:
            if not mails.any_due(tx):
                return None
            if mail_accounts.state(tx)["is_waiting"]:
                return None
            return mail_accounts.load(tx)

        row = self._db.atomically(read)
        if row is None:
            return None
        try:
            return mail_drafts.account(self._vault, row)
        except ConfigError:
            self._account_fails(MailOutcome(Verdict.ACCOUNT, "mail_key_other"))
            return None

    def _drain(self, account: MailAccount) -> None:
        """Sends one mail after another over one connection, or more if need be."""
        link: Link | None = None
        is_used, broken = False, 0
        try:
            while not self._ending.is_set():
                taken = self._take()
                if taken is None:
                    return
                row, letter = taken
                if link is None:
                    link, is_used = Link(account), False
                    refused = link.open()
                    if refused is not None:
                        self._settle(row, refused)
                        return
                message = compose(letter, account, row["recipient"])
                outcome = link.send(message, row["recipient"])
                ended = outcome.verdict in (Verdict.ACCOUNT, Verdict.BROKEN)
                if ended:
                    link.close()
                    link = None
                    if is_used:  # it may have had enough of this connection only
                        self._atomically(_release(self._owner, row["id"]))
                        continue
                broken = broken + 1 if outcome.verdict == Verdict.BROKEN else 0
                self._settle(row, outcome)
                if broken >= BROKEN_IN_A_ROW:
                    self._account_fails(outcome)
                if outcome.verdict == Verdict.ACCOUNT or broken >= BROKEN_IN_A_ROW:
                    return
                is_used = True
        finally:
            if link is not None:
                link.close()

    def _take(self) -> tuple[Row, Letter] | None:
        """The next mail with what it says; one that says nothing any more is gone."""

        def take(tx: Transaction) -> tuple[Row | None, Letter | None]:
            row = mails.take(tx, self._owner)
            letter = self._letter(tx, row) if row else None
            if row and letter is None:  # all that it told of was erased meanwhile
                mails.discard(tx, row["id"])
            return row, letter

        while True:
            row, letter = self._db.atomically(take)
            if row is None:
                return None
            if letter is not None:
                return row, letter

    def _letter(self, tx: Transaction, row: Row) -> Letter | None:
        settings = self._board.picture.settings
        subject, body, attachment = row["subject"], row["body"], None
        if row["kind"] in (forwarded.ONE, forwarded.GATHERED):
            rows, more = forwarded.contents(tx, row["id"])
            if not rows:
                return None
            speech = report.speech_of(settings)
            with_last = settings.notices.forward_last_message
            subject = incoming.subject(speech, rows, more)
            body = incoming.body(speech, rows, more, with_last=with_last)
        if row["attachment_name"]:
            attachment = row["attachment_name"], row["attachment"] or ""
        key = f"massivesms.{row['id']}"
        return Letter(key, row["created_at"], subject, body, attachment)

    # --- what came of it ---------------------------------------------------

    def _settle(self, row: Row, outcome: MailOutcome) -> None:
        """Writes what follows from a try."""
        owner, mail_id = self._owner, row["id"]
        code, detail = outcome.code, outcome.detail

        def write(tx: Transaction) -> None:
            if outcome.verdict == Verdict.SENT:
                mails.sent(tx, owner, mail_id)
            elif outcome.verdict == Verdict.FAILED:
                mails.failed(tx, owner, mail_id, code, detail)
            elif outcome.verdict == Verdict.ACCOUNT:
                mails.release(tx, owner, mail_id)
            else:
                mails.later(tx, owner, mail_id, code, detail)
            if outcome.verdict == Verdict.SENT:
                mail_accounts.works(tx)

        self._atomically(write)
        words = mail_results.text(code, detail)
        log.info("mail %d (%s): %s", mail_id, outcome.verdict.value, words)
        if outcome.verdict == Verdict.ACCOUNT:
            self._account_fails(outcome)
        elif outcome.verdict == Verdict.SENT and self._is_failing:
            self._is_failing = False
            log.info("mail leaves again")

    def _account_fails(self, outcome: MailOutcome) -> None:
        code, detail = outcome.code, outcome.detail
        self._atomically(lambda tx: mail_accounts.fails(tx, code, detail))
        if not self._is_failing:
            log.warning("no mail can leave: %s", mail_results.text(code, detail))
        self._is_failing = True

    def _atomically(self, work: Callable[[Transaction], None]) -> None:
        """Writes what has happened already, however long the database is away."""
        while True:
            try:
                return self._db.atomically(work)
            except StoreError:
                if self._ending.wait(self.away_wait_s):
                    raise

    # --- beside it -----------------------------------------------------------

    def _keep_house(self) -> None:
        """Gives up what waited for two days, forgets what is old."""
        given_up = self._db.atomically(mails.expire)
        if given_up:
            log.warning("%d mails could not be sent in two days", given_up)
        self._db.atomically(mails.purge)
        self._db.atomically(mail_tests.purge)

    def _report(self) -> None:
        """Makes yesterday's report from its hour on, once, whoever asks."""
        settings = self._board.picture.settings
        notices = settings.notices
        local = self._now().astimezone(settings.time_zone)
        today = local.date()
        if not notices.daily_report or not notices.report_to:
            return
        if local.time() < notices.report_at or self._reported_on == today:
            return
        yesterday = today - timedelta(days=1)

        def make(tx: Transaction) -> bool:
            if not daily_reports.book(tx, yesterday):
                return False
            report.put(tx, settings, yesterday)
            return True

        if self._db.atomically(make):
            log.info("the daily report of %s is in the outbox", yesterday)
        self._reported_on = today


def _release(owner: str, mail_id: int) -> Callable[[Transaction], None]:
    return lambda tx: mails.release(tx, owner, mail_id)
