"""What this installation is to look like: found, asked for, or written already.

Everything that a plan needs is decided here, before anything is done: the PBX, the
configuration file as it will be, and the way in of the database's root.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from .. import config as configuration
from ..config import Config, DatabaseSettings
from ..domain.words import Problem
from ..errors import ConfigError, SetupError, StoreError
from ..store import provisioning
from ..store.db import Database
from . import conf_file
from . import pbx as pbxs
from .machine import Machine
from .pbx import CallRecords, Pbx
from .pbx_files import read_pairs

SHARE = Path("/usr/share/massivesms")
NOT_OURS = ("root", "mysql", "mariadb.sys", "debian-sys-maint", "mysql.sys")


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line; '' and None = find out."""

    prefix: Path = Path("/")
    share: Path | None = None
    config_file: Path | None = None
    service_user: str = ""
    pbx: str = ""
    root_user: str = "root"
    root_password: str | None = None
    database_host: str = ""
    database_socket: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The decisions; `text` is what massivesms.conf says now, '' = not there."""

    machine: Machine
    share: Path
    pbx: Pbx
    text: str
    new_text: str
    config: Config

    def shipped(self, name: str) -> Path:
        """A file that came with massivesms. Raises SetupError when it is missing."""
        path = self.share / name
        if path.is_file():
            return path
        raise SetupError(
            Problem(
                "setup_share",
                "%(file)s is missing: it comes with massivesms. Install the package"
                " again, or say where its files are (packaging of a checkout):"
                " massivesms setup --share DIR.",
                file=path,
            )
        )

    @property
    def is_there(self) -> bool:
        """Whether it was set up before."""
        return self.config.file.exists()


@dataclass(frozen=True, slots=True)
class Root:
    """The database's root, and from which host the server sees this machine."""

    db: Database
    host: str


def read(options: Options) -> Layout:
    """The layout as far as it can be told without the database.

    Raises SetupError when a file cannot be understood.
    """
    machine = _machine(options)
    file = _config_file(options, machine)
    raw = _contents(file)
    kind = _kind_there(file, raw)
    if options.pbx and kind is not None and kind != options.pbx.replace("none", ""):
        raise SetupError(
            Problem(
                "setup_kind",
                "%(file)s says [pbx] kind = %(kind)s, not %(wanted)s. Change it there."
                " Nothing was changed.",
                file=file,
                kind=kind or "(empty)",
                wanted=options.pbx,
            )
        )
    pbx = pbxs.find(machine, options.pbx if kind is None else kind or "none")
    share = options.share or machine.at(SHARE)
    layout = Layout(machine, share, pbx, raw, raw, _parse(file, raw))
    return _with(layout, _wanted(options, pbx, raw))


def read_written(options: Options) -> Layout:
    """The layout by massivesms.conf alone: for when the PBX cannot be read."""
    machine = _machine(options)
    file = _config_file(options, machine)
    text = _contents(file)
    pbx = Pbx(kind=_kind_there(file, text) or options.pbx.replace("none", ""))
    share = options.share or machine.at(SHARE)
    return Layout(machine, share, pbx, text, text, _parse(file, text))


def with_call_records(layout: Layout, root: Root) -> Layout:
    """The layout when the PBX's own settings have been asked, too."""
    if not layout.pbx.kind:
        return layout
    with root.db.transaction() as tx:
        said = provisioning.call_record_settings(tx, layout.pbx.database)
    calls = layout.pbx.calls
    if said and calls == CallRecords():
        calls = pbxs.call_records(said)
    host = calls.host or layout.pbx.host
    wanted = {"name": calls.name, "table": calls.table}
    if not _is_same(layout.config.database, host, layout.pbx):
        wanted |= {"host": host, "port": calls.port, "password": calls.password}
        wanted["user"] = calls.user or layout.pbx.user
    return _with(layout, {"cdr": wanted})


def root_of(layout: Layout, options: Options) -> Root:
    """The way in of the database's root: by its socket, or with a password.

    Raises SetupError when it is refused, StoreError when nothing answers.
    """
    server = _server(options, layout.config.database)
    passwords = [options.root_password]
    if options.root_password is None:
        passwords = ["", *pbxs.root_passwords(layout.machine)]
    for password in passwords:
        db = provisioning.root(
            replace(server, user=options.root_user, password=password or "")
        )
        try:
            with db.transaction() as tx:
                return Root(db, provisioning.check(tx))
        except StoreError as error:
            if not provisioning.was_denied(error):
                raise
            said = error
    raise SetupError(
        Problem(
            "setup_root",
            "%(error)s. Give the password of the database's root on standard input:"
            " massivesms setup --db-root-password-stdin. Nothing was changed.",
            error=said,
        )
    )


def refused_user(layout: Layout) -> SetupError | None:
    """A user of the database whose rights are not ours to cut, or without password."""
    user = layout.config.database.user
    if not layout.config.database.password:
        return SetupError(
            Problem(
                "setup_no_password",
                "%(file)s says [database] password =, and nothing after it. Take that"
                " line out, and run massivesms setup again: it makes a password."
                " Nothing was changed.",
                file=layout.config.file,
            )
        )
    pbx_users = {layout.pbx.user, layout.pbx.calls.user} - {""}
    if user not in NOT_OURS and user not in pbx_users:
        return None
    return SetupError(
        Problem(
            "setup_not_ours",
            "%(file)s says [database] user = %(user)s, who is not massivesms's own."
            " Take user and password out of it, and run massivesms setup again:"
            " it makes a user of its own. Nothing was changed.",
            file=layout.config.file,
            user=user,
        )
    )


def _machine(options: Options) -> Machine:
    """Who has chosen the service's user keeps the choice; a PBX has asterisk."""
    machine = Machine(options.prefix)
    user = options.service_user or _setting(machine, "MASSIVESMS_USER")
    if not user:
        is_pbx = machine.has_user("asterisk") or pbxs.is_here(machine)
        user = "asterisk" if is_pbx else "massivesms"
    return replace(machine, service_user=user)


def _config_file(options: Options, machine: Machine) -> Path:
    said = options.config_file or _setting(machine, "MASSIVESMS_CONFIG")
    return Path(said) if said else machine.at(configuration.DEFAULT_FILE)


def _setting(machine: Machine, name: str) -> str:
    """What the init script is told in /etc/default or /etc/sysconfig."""
    file = machine.settings_file
    return read_pairs(file).text(name) if file.exists() else ""


def _contents(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        configuration.load(file)  # says it better
        raise


def _kind_there(file: Path, text: str) -> str | None:
    """[pbx] kind of the configuration file; None when it does not say."""
    if ("pbx", "kind") not in conf_file.keys(text):
        return None
    return _parse(file, text).pbx.kind


def _parse(file: Path, text: str) -> Config:
    try:
        return configuration.parse(file, text.encode())
    except ConfigError as error:
        raise SetupError(
            Problem("setup_config", "%(error)s Nothing was changed.", error=error)
        ) from error


def _with(layout: Layout, wanted: conf_file.Wanted) -> Layout:
    text = conf_file.with_missing(layout.new_text, wanted)
    return replace(layout, new_text=text, config=_parse(layout.config.file, text))


def _wanted(options: Options, pbx: Pbx, text: str) -> dict[str, dict[str, str]]:
    """Keys that massivesms.conf should have, but for the call records."""
    have = conf_file.keys(text)
    database: dict[str, str] = {}
    if not {("database", "host"), ("database", "socket")} & have:
        database |= _way(options, pbx)
    # Letters, digits and a mark, for servers that ask for all of them.
    database |= {
        "user": "massivesms",
        "password": f"{secrets.token_urlsafe(24)}-1aA",
        "name": "massivesms",
    }
    wanted = {"database": database}
    if pbx.kind:
        wanted["pbx"] = {"kind": pbx.kind, "database": pbx.database}
        if pbx.kind == "issabel":
            wanted["pbx"]["address_book"] = pbxs.ADDRESS_BOOK
    return wanted


def _way(options: Options, pbx: Pbx) -> dict[str, str]:
    """host, port or socket, when it is not where it is looked for anyway."""
    if options.database_socket:
        return {"socket": options.database_socket}
    if options.database_host:
        host, port = _host_and_port(options.database_host)
        return {"host": host, "port": str(port)}
    if pbx.socket:
        return {"socket": pbx.socket}
    if pbx.host not in pbxs.LOCAL:
        return {"host": pbx.host, "port": str(pbx.port)}
    return {}


def _server(options: Options, database: DatabaseSettings) -> DatabaseSettings:
    """Where root comes in: as said, otherwise as the application does."""
    if options.database_socket:
        return replace(database, socket=options.database_socket)
    if options.database_host:
        host, port = _host_and_port(options.database_host)
        return replace(database, socket="", host=host, port=port)
    return database


def _host_and_port(said: str) -> tuple[str, int]:
    """From HOST or HOST:PORT; an address of IPv6 has more colons and no port."""
    host, _, port = said.partition(":") if said.count(":") == 1 else (said, "", "3306")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SetupError(
            Problem("setup_port", "--db-host %(said)s: that is no port.", said=said)
        )
    return host, int(port)


def _is_same(database: DatabaseSettings, host: str, pbx: Pbx) -> bool:
    """Whether the call records are on the server of our own database."""
    is_local = bool(database.socket) or database.host in pbxs.LOCAL
    if host in pbxs.LOCAL:
        return is_local if pbx.host in pbxs.LOCAL else database.host == pbx.host
    return host == database.host
