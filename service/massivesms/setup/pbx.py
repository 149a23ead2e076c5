"""Which PBX this machine is: Issabel (or Elastix), FreePBX, or none.

Owns where their files are and what their keys mean. Only reads, and refuses a PBX
whose files cannot be understood rather than guess.
"""

from __future__ import annotations

from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from pathlib import Path

from ..domain.words import Problem
from ..errors import SetupError
from .machine import Machine
from .pbx_files import PbxFile, malformed, read_pairs, read_php, read_text

ISSABELPBX = "/etc/issabelpbx.conf"
FREEPBX = "/etc/freepbx.conf"
AMPORTAL = "/etc/amportal.conf"
#: Only there when the pages are Issabel's or Elastix's; they hold root's password.
ROOTS_OWN = "/root/.my.cnf"
FRAMEWORKS = ("/etc/issabel.conf", "/etc/elastix.conf")
KINDS = ("issabel", "freepbx", "none")
LOCAL = ("", "localhost", "127.0.0.1", "::1")
WEB_ROOT = "/var/www/html"
ADDRESS_BOOK = "/var/www/db/address_book.db"


@dataclass(frozen=True, slots=True)
class CallRecords:
    """Where the PBX writes its call records; '' = as its own database."""

    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    name: str = "asteriskcdrdb"
    table: str = "cdr"


@dataclass(frozen=True, slots=True)
class Pbx:
    """What was found; `kind` is '' when there is no PBX."""

    kind: str = ""
    file: Path | None = None
    host: str = ""
    port: int = 3306
    socket: str = ""
    database: str = "asterisk"
    user: str = ""
    calls: CallRecords = CallRecords()
    web_root: Path = Path(WEB_ROOT)

    @property
    def name(self) -> str:
        """As people call it."""
        return {"issabel": "Issabel", "freepbx": "FreePBX"}.get(self.kind, "no PBX")


def is_here(machine: Machine) -> bool:
    """Whether this machine has the files of a PBX, whatever is in them."""
    paths = (ISSABELPBX, FREEPBX, AMPORTAL, *FRAMEWORKS)
    return any(machine.at(path).exists() for path in paths)


def find(machine: Machine, wanted: str = "") -> Pbx:
    """The PBX of this machine, or the `wanted` one: issabel, freepbx, none.

    Raises SetupError when its files are missing, unreadable or malformed.
    """
    if wanted == "none":
        return Pbx()
    files = [machine.at(p) for p in (ISSABELPBX, FREEPBX, AMPORTAL)]
    there = [path for path in files if path.exists()]
    frameworks = [p for p in map(machine.at, FRAMEWORKS) if p.exists()]
    if not there:
        if not wanted and not frameworks:
            return Pbx()
        raise _missing(files, frameworks)
    is_issabel = bool(frameworks) or there[0] == files[0]
    kind = wanted or ("issabel" if is_issabel else "freepbx")
    main = read_pairs(there[0]) if there[0] == files[2] else read_php(there[0])
    if not {"AMPDBUSER", "AMPDBNAME"} & set(main.values):
        lines = max((value.line for value in main.values.values()), default=1)
        raise malformed(
            main.path, lines, "neither AMPDBUSER nor AMPDBNAME is set in this file"
        )
    beside = read_pairs(files[2]) if files[2] in there[1:] else main
    return _understood(kind, main, beside)


def root_passwords(machine: Machine) -> list[str]:
    """The database root's password where it is kept: by Issabel, Elastix, by root."""
    found = [
        read_pairs(path).text("mysqlrootpwd")
        for path in map(machine.at, FRAMEWORKS)
        if path.exists()
    ]
    own = machine.at(ROOTS_OWN)
    if own.exists():
        parser = ConfigParser(allow_no_value=True, interpolation=None, strict=False)
        try:
            parser.read_string(read_text(own))
        except ConfigParserError:
            return found  # the client of the database would not read it either
        said = parser.get("client", "password", fallback=None) or ""
        found.append(said[1:-1] if said[:1] in ("'", '"') else said)
    return [password for password in found if password]


def _understood(kind: str, main: PbxFile, beside: PbxFile) -> Pbx:
    """`beside` is amportal.conf, which may override where the calls are written."""
    calls = main if any(k.startswith("CDRDB") for k in main.values) else beside
    user, port = main.text("AMPDBUSER"), main.text("AMPDBPORT", "3306")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise malformed(
            main.path, main.line("AMPDBPORT"), f"AMPDBPORT is not a port: {port}"
        )
    web_root = main.text("AMPWEBROOT") or beside.text("AMPWEBROOT", WEB_ROOT)
    return Pbx(
        kind=kind,
        file=main.path,
        host=main.text("AMPDBHOST"),
        port=int(port),
        socket=main.text("AMPDBSOCK"),
        database=main.text("AMPDBNAME", "asterisk"),
        user=user,
        calls=call_records({k: calls.text(k) for k in calls.values if "CDR" in k}),
        web_root=Path(web_root),
    )


def call_records(values: dict[str, str]) -> CallRecords:
    """From the keys CDRDBHOST and so on, of a file or of the PBX's settings."""
    return CallRecords(
        host=values.get("CDRDBHOST", ""),
        port=values.get("CDRDBPORT", ""),
        user=values.get("CDRDBUSER", ""),
        password=values.get("CDRDBPASS", ""),
        name=values.get("CDRDBNAME") or "asteriskcdrdb",
        table=values.get("CDRDBTABLENAME") or "cdr",
    )


def _missing(files: list[Path], frameworks: list[Path]) -> SetupError:
    seen = f"{frameworks[0]} is there, but " if frameworks else ""
    return SetupError(
        Problem(
            "pbx_missing",
            "%(seen)sno file says where the PBX's database is. Looked for %(files)s."
            " Without a PBX: massivesms setup --pbx none. Nothing was changed.",
            seen=seen,
            files=", ".join(map(str, files)),
        )
    )
