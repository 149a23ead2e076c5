"""The configuration file: where it is, what it may say, and its defaults.

Owns the INI file of /etc/massivesms; knows nothing of what is in the database.
"""

from __future__ import annotations

import configparser
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from .domain.words import N_, Problem
from .errors import ConfigError

DEFAULT_FILE = Path("/etc/massivesms/massivesms.conf")
DEFAULT_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock")
KNOWN_KEYS = {
    "database": {"host", "port", "socket", "user", "password", "name"},
    "cdr": {"host", "port", "socket", "user", "password", "name", "table"},
    "service": {"pid_file", "log_dir", "run_dir", "scripts_dir", "sources_dir"},
    "web": {"listen", "secret_key_file", "sso_key_file", "exports_dir"},
    "pbx": {"kind", "database", "address_book"},
}
PBX_KINDS = ("", "issabel", "freepbx")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """How to reach one database; a socket wins over host and port."""

    host: str
    port: int
    socket: str
    user: str
    password: str
    name: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """The PBX that this is a plug-in of; `kind` is '' when there is none."""

    kind: str
    database: str  # where FreePBX keeps its contacts, on the server of [database]
    address_book: Path  # Issabel's SQLite file


@dataclass(frozen=True, slots=True)
class Config:
    """Everything of the configuration file, with its defaults."""

    file: Path
    database: DatabaseSettings
    cdr: DatabaseSettings
    pid_file: Path
    log_dir: Path
    run_dir: Path
    scripts_dir: Path
    listen: str
    secret_key_file: Path
    sso_key_file: Path
    exports_dir: Path
    sources_dir: Path
    pbx: PbxSettings

    def secret_key(self) -> bytes:
        """The 32 bytes that sign and encrypt; made at first use with mode 0600.

        Raises ConfigError when the file cannot be read, or others can read it.
        """
        path = self.secret_key_file
        try:
            return _existing_key(path)
        except FileNotFoundError:
            _create_key(path)
            return _existing_key(path)
        except OSError as error:
            raise ConfigError(_unreadable(path, error)) from error

    def sso_key(self) -> bytes:
        """The 32 bytes that the PBX's menu signs with; never made here.

        Raises ConfigError when it is missing, damaged or readable by everybody.
        """
        path = self.sso_key_file
        try:
            return _existing_key(path)
        except FileNotFoundError as error:
            words = N_(
                "The key for signing in from the PBX, %(file)s, is missing."
                " Run as root: massivesms setup"
            )
            raise ConfigError(Problem("sso_key_missing", words, file=path)) from error
        except OSError as error:
            raise ConfigError(_unreadable(path, error)) from error


def load(path: str | Path | None = None) -> Config:
    """The configuration of `path`, $MASSIVESMS_CONFIG or the default file.

    Raises ConfigError with the file and what is wrong in it.
    """
    chosen = Path(path or os.environ.get("MASSIVESMS_CONFIG") or DEFAULT_FILE)
    try:
        raw = chosen.read_bytes()
    except OSError as error:
        raise ConfigError(_unreadable(chosen, error)) from error
    return parse(chosen, raw)


def parse(file: Path, raw: bytes) -> Config:
    """The configuration that a file with these contents would be.

    Raises ConfigError with the file and what is wrong in it.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(raw.decode("utf-8-sig"), str(file))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigError(
            Problem(
                "config_form",
                N_("%(file)s is not a valid configuration file: %(error)s"),
                file=file,
                error=" ".join(str(error).split()),
            )
        ) from error
    _refuse_unknown(file, parser)
    return _read(file, parser)


def _read(file: Path, parser: configparser.ConfigParser) -> Config:
    def value(section: str, key: str, default: str) -> str:
        return parser.get(section, key, fallback="").strip() or default

    database = _database(file, parser, "database", None)
    scripts_dir = Path(value("service", "scripts_dir", "/var/lib/massivesms/scripts"))
    exports_dir = str(scripts_dir.parent / "exports")
    sources_dir = str(scripts_dir.parent / "sources")
    return Config(
        file=file,
        database=database,
        cdr=_database(file, parser, "cdr", database),
        pid_file=Path(value("service", "pid_file", "/run/massivesms/massivesms.pid")),
        log_dir=Path(value("service", "log_dir", "/var/log/massivesms")),
        run_dir=Path(value("service", "run_dir", "/run/massivesms")),
        scripts_dir=scripts_dir,
        listen=value("web", "listen", "127.0.0.1:8093"),
        secret_key_file=Path(
            value("web", "secret_key_file", str(file.parent / "secret.key"))
        ),
        sso_key_file=Path(value("web", "sso_key_file", str(file.parent / "sso.key"))),
        exports_dir=Path(value("web", "exports_dir", exports_dir)),
        sources_dir=Path(value("service", "sources_dir", sources_dir)),
        pbx=_pbx(file, parser),
    )


def _pbx(file: Path, parser: configparser.ConfigParser) -> PbxSettings:
    def value(key: str, default: str) -> str:
        return parser.get("pbx", key, fallback="").strip() or default

    kind = value("kind", "").lower()
    if kind not in PBX_KINDS:
        raise ConfigError(
            Problem(
                "config_pbx",
                N_("%(file)s: [pbx] kind is issabel, freepbx or empty, not %(kind)s."),
                file=file,
                kind=kind,
            )
        )
    return PbxSettings(
        kind=kind,
        database=value("database", "asterisk"),
        address_book=Path(value("address_book", "/var/www/db/address_book.db")),
    )


def _database(
    file: Path,
    parser: configparser.ConfigParser,
    section: str,
    base: DatabaseSettings | None,
) -> DatabaseSettings:
    def value(key: str, default: str) -> str:
        return parser.get(section, key, fallback="").strip() or default

    def even_empty(key: str, default: str) -> str:
        return parser.get(section, key, fallback=default).strip()

    port = value("port", str(base.port) if base else "3306")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(
            Problem(
                "config_port",
                N_("%(file)s: the port of [%(section)s] is not a port: %(port)s"),
                file=file,
                section=section,
                port=port,
            )
        )
    host = value("host", "")
    socket = value("socket", "")
    if base and not host and not socket:
        host, socket = base.host, base.socket
    if not host and not socket:
        host = "localhost"
        socket = next((s for s in DEFAULT_SOCKETS if Path(s).exists()), "")
    return DatabaseSettings(
        host=host,
        port=int(port),
        socket=socket,
        user=even_empty("user", base.user if base else "massivesms"),
        password=even_empty("password", base.password if base else ""),
        name=value("name", "asteriskcdrdb" if base else "massivesms"),
        table=value("table", "cdr") if base else "",
    )


def _refuse_unknown(file: Path, parser: configparser.ConfigParser) -> None:
    for section in parser.sections():
        unknown = set(parser[section]) - KNOWN_KEYS.get(section, set())
        if section not in KNOWN_KEYS or unknown:
            raise ConfigError(
                Problem(
                    "config_unknown",
                    N_("%(file)s: [%(section)s] %(key)s is not known."),
                    file=file,
                    section=section,
                    key=", ".join(sorted(unknown)) if section in KNOWN_KEYS else "",
                )
            )


def _existing_key(path: Path) -> bytes:
    if path.stat().st_mode & 0o007:
        raise ConfigError(
            Problem(
                "key_readable",
                N_("%(file)s can be read by everybody. Run: chmod o-rwx %(file)s"),
                file=path,
            )
        )
    return key_of(path)


def key_of(path: Path) -> bytes:
    """The bytes of a key file, whoever may read it. Raises ConfigError if damaged."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:  # no ASCII, no digits
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(
            Problem(
                "key_short",
                N_("%(file)s is damaged: it must hold 64 hexadecimal digits."),
                file=path,
            )
        )
    return key


def _create_key(path: Path) -> None:
    """Makes the key beside its place: no other process ever reads half a key."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass  # another process made it meanwhile: that one is ours too
        finally:
            unfinished.unlink()
    except OSError as error:
        raise ConfigError(_unreadable(path, error)) from error


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(
        "config_unreadable",
        N_("%(file)s cannot be read: %(error)s"),
        file=path,
        error=error.strerror or error,
    )
