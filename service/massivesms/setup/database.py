"""Steps that make the database: itself, its user, its tables, who may do what.

All by the database's root. The application's user gets what it needs, table by
table, and proves afterwards that it cannot change the audit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..config import DatabaseSettings
from ..domain import settings as product_settings
from ..domain.schedule import zone
from ..domain.words import Problem
from ..errors import SetupError
from ..store import audit, grants, migrations, provisioning, users
from ..store import settings as stored_settings
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.grants import (
    CALL_CENTRE,
    CONTACTS,
    ORIGINAL,
    READ,
    READ_AND_ADD,
    Rights,
    Table,
)
from ..store.provisioning import Account
from .layout import Layout, Root
from .machine import Machine
from .pbx import LOCAL
from .steps import Change, Looked, Note, Step, Verb

LOOPBACK = re.compile(r"127\..*|::1")


@dataclass(frozen=True, slots=True)
class DatabaseSteps:
    """The database of one layout, seen by root."""

    layout: Layout
    root: Root
    actor: Actor

    def every(self) -> list[Step]:
        """In their order."""
        name, user = self._settings.name, self._settings.user
        return [
            Step("database", f"database {name}", self._database),
            Step(
                "database user",
                f"user {user} of the database, and its password",
                self._account,
                ("configuration", "database"),
            ),
            *self.for_upgrade(),
            Step("settings", "language and time zone", self._defaults, ("tables",)),
        ]

    def for_upgrade(self) -> list[Step]:
        """What a newer release may have changed."""
        return [
            Step("tables", "tables", self._tables, ("database",)),
            Step(
                "rights",
                f"rights of {self._settings.user}, which cannot change the audit",
                self._rights,
                ("tables", "database user"),
            ),
        ]

    @property
    def _settings(self) -> DatabaseSettings:
        return self.layout.config.database

    def _database(self) -> Looked:
        name = self._settings.name
        with self.root.db.transaction() as tx:
            if provisioning.has_database(tx, name):
                return []

        def make() -> None:
            with self.root.db.transaction() as tx:
                provisioning.create_database(tx, name)

        return [Change(Verb.MAKE, f"database {name}", make)]

    # --- its user ------------------------------------------------------------------

    def _hosts(self) -> list[str]:
        """Where the application's connections come from, as the server names it."""
        host = self._settings.host
        if self._settings.socket or host in LOCAL:
            more = [host] if LOOPBACK.fullmatch(host) else []
            return list(dict.fromkeys(["localhost", self.root.host, *more]))
        return [self.root.host]

    def _account(self) -> Looked:
        user, password = self._settings.user, self._settings.password
        with self.root.db.transaction() as tx:
            have = provisioning.accounts(tx, user)
        wanted = [(user, host) for host in self._hosts()]
        changes = [self._make(a, password) for a in wanted if a not in have]
        if have and not changes and not provisioning.comes_in(self._settings):
            changes = [self._set_password(a, password) for a in wanted]
        return changes

    def _make(self, account: Account, password: str) -> Change:
        def make() -> None:
            with self.root.db.transaction() as tx:
                provisioning.create_user(tx, account, password)

        return Change(Verb.MAKE, "user {}@{} of the database".format(*account), make)

    def _set_password(self, account: Account, password: str) -> Change:
        def change() -> None:
            with self.root.db.transaction() as tx:
                provisioning.set_password(tx, account, password)

        words = "password of {}@{} to that of {}".format(
            *account, self.layout.config.file
        )
        return Change(Verb.CHANGE, words, change)

    # --- its tables ----------------------------------------------------------------

    def _ours(self) -> Database:
        settings = self.root.db.settings
        return Database(
            DatabaseSettings(
                settings.host,
                settings.port,
                settings.socket,
                settings.user,
                settings.password,
                self._settings.name,
            )
        )

    def _pending(self) -> int:
        with self.root.db.transaction() as tx:
            if not provisioning.has_database(tx, self._settings.name):
                return len(migrations.available())
        db = self._ours()
        try:
            return len(migrations.pending(db))
        finally:
            db.close()

    def _tables(self) -> Looked:
        count = self._pending()
        if not count:
            return []

        def upgrade() -> None:
            db = self._ours()
            try:
                migrations.upgrade(db)
            finally:
                db.close()

        is_new = count == len(migrations.available())
        verb = Verb.MAKE if is_new else Verb.CHANGE
        return [Change(verb, f"tables ({count} steps of the schema)", upgrade)]

    # --- who may do what -----------------------------------------------------------

    def _rights(self) -> Looked:
        notes, changes = [], []
        with self.root.db.transaction() as tx:
            wanted = self._wanted(tx)
            if not self._has_calls(wanted):
                cdr = self.layout.config.cdr
                said = (
                    f"rights on the call records: no table {cdr.name}.{cdr.table} here"
                )
                notes.append(Note("left out", said))
            if self._pending_rights(tx):
                changes.append(
                    Change(Verb.MAKE, f"rights of {self._settings.user}", self._mend)
                )
            else:
                changes += self._differing(tx, wanted)
                if not changes and provisioning.comes_in(self._settings):
                    self._prove()
        return [*notes, *changes] if changes else []

    def _pending_rights(self, tx: Transaction) -> bool:
        """Whether the tables or the user are only about to be made."""
        is_made = provisioning.tables(tx, self._settings.name)
        return not (is_made and provisioning.accounts(tx, self._settings.user))

    def _differing(self, tx: Transaction, wanted: dict[Table, Rights]) -> list[Change]:
        changes = []
        for account in provisioning.accounts(tx, self._settings.user):
            found = grants.differences(tx, account, self._settings.name, wanted)
            if found:
                words = "rights of {}@{}: ".format(*account) + _words(found)
                verb = Verb.CHANGE if found.excess else Verb.MAKE
                changes.append(Change(verb, words, self._mend))
        return changes

    def _mend(self) -> None:
        with self.root.db.transaction() as tx:
            wanted = self._wanted(tx)
            for account in provisioning.accounts(tx, self._settings.user):
                name = self._settings.name
                found = grants.differences(tx, account, name, wanted)
                grants.mend(tx, account, found)
        self._prove()

    def _prove(self) -> None:
        """The application's user comes in, and the audit is safe from it."""
        db = Database(self._settings)
        try:
            if grants.can_change_audit(db):
                raise SetupError(
                    Problem(
                        "setup_audit",
                        "%(user)s can still change the audit, by a role or a right"
                        " given elsewhere. Take it away: SHOW GRANTS FOR %(user)s",
                        user=self._settings.user,
                    )
                )
        finally:
            db.close()

    def _wanted(self, tx: Transaction) -> dict[Table, Rights]:
        name, pbx = self._settings.name, self.layout.config.pbx
        tables = provisioning.tables(tx, name)
        wanted = grants.of_our_tables(name, tables)
        cdr = self.layout.config.cdr
        if cdr.user == self._settings.user:  # otherwise another user reads them
            is_writing = "setting" in tables and self._writes_calls()
            wanted[(cdr.name, cdr.table)] = READ_AND_ADD if is_writing else READ
        read = [(pbx.database, name) for name in CONTACTS]
        read += [(ORIGINAL, name) for name in provisioning.tables(tx, ORIGINAL)]
        wanted |= dict.fromkeys([*read, CALL_CENTRE], READ)
        there = {db: provisioning.tables(tx, db) for db in {t[0] for t in wanted}}
        return {t: rights for t, rights in wanted.items() if t[1] in there[t[0]]}

    def _has_calls(self, wanted: dict[Table, Rights]) -> bool:
        cdr = self.layout.config.cdr
        is_elsewhere = cdr.user != self._settings.user
        return is_elsewhere or (cdr.name, cdr.table) in wanted

    def _stored(self) -> dict[str, str]:
        db = self._ours()
        try:
            with db.transaction() as tx:
                return stored_settings.load(tx)
        finally:
            db.close()

    def _writes_calls(self) -> bool:
        return self._stored().get(grants.WRITE_CALL_RECORDS) == "yes"

    # --- what is sensible at first ---------------------------------------------------

    def _defaults(self) -> Looked:
        """Only for an installation that nobody has used yet."""
        is_new = self._pending() == len(migrations.available())
        if not is_new and (self._stored() or self._has_users()):
            return []
        found = sensible(self.layout.machine)
        words = ", ".join(f"{name} = {value}" for name, value in found.items())
        return [Change(Verb.MAKE, f"settings {words}", lambda: self._save(found))]

    def _has_users(self) -> bool:
        db = self._ours()
        try:
            return bool(db.atomically(users.all_users))
        finally:
            db.close()

    def _save(self, values: dict[str, str]) -> None:
        def save(tx: Transaction) -> None:
            stored_settings.save(tx, values)
            audit.record(tx, self.actor, "configuration.change", "setup", values)

        db = self._ours()
        try:
            db.atomically(save)
        finally:
            db.close()


def _words(found: grants.Differences) -> str:
    parts = []
    if found.missing:
        parts.append(f"given on {len(found.missing)} tables")
    if found.excess:
        scopes = sorted(".".join(part or "*" for part in t) for t in found.excess)
        shown = ", ".join(scopes[:3]) + (" ..." if len(scopes) > 3 else "")
        parts.append(f"too many taken on {shown}")
    return "; ".join(parts)


def sensible(machine: Machine) -> dict[str, str]:
    """Time zone and language of the machine, as far as it says."""
    found = {"time_zone": _time_zone(machine)}
    for file in ("/etc/locale.conf", "/etc/default/locale"):
        path = machine.at(file)
        if path.exists():
            said = re.search(r"^LANG=[\"']?([a-z]{2})_", path.read_text(), re.M)
            if said and said[1] in product_settings.LANGUAGES:
                found["language"] = said[1]
    return found


def _time_zone(machine: Machine) -> str:
    names = []
    named, local = machine.at("/etc/timezone"), machine.at("/etc/localtime")
    if named.exists():
        names.append(named.read_text(errors="replace").strip())
    if local.is_symlink():
        names.append(str(Path(local.readlink())).rpartition("zoneinfo/")[2])
    good = (name for name in names if name and not isinstance(zone(name), Problem))
    return next(good, "UTC")
