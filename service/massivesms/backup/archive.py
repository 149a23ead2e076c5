"""The file of a backup: a zip with a manifest that has a checksum of every part.

Written and read as a stream: memory stays small whatever the size. The manifest is
the last part and is signed with a key that comes from the key file, so that this
installation recognises its own backups.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any

from ..domain.words import N_, Problem
from ..errors import MassiveSmsError
from ..vault import derive

FORMAT = 1
PRODUCT = "massivesms"
MANIFEST, SEAL = "manifest.json", "manifest.seal"
MAX_MANIFEST = 16 * 1024 * 1024
CHUNK = 1024 * 1024
LEVEL = 1  # the quickest; rows of messages still shrink to a fifth


class BackupRefused(MassiveSmsError):
    """A file that is no backup, or one that cannot be used here."""


def key_id(master: bytes) -> str:
    """What tells one key file from another, without telling the key."""
    return derive(master, "backup key id").hex()[:16]


def _seal(master: bytes, manifest: bytes) -> str:
    key = derive(master, "backup manifest")
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


class Writer:
    """Puts parts into a backup; `close` adds the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=LEVEL
        )
        self._parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """One part from its octets."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info._compresslevel = LEVEL  # type: ignore[attr-defined]
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                part.write(chunk)
        self._parts[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def close(self, manifest: dict[str, Any], master: bytes) -> None:
        """Writes the manifest, its seal and the end of the file."""
        whole = {
            "product": PRODUCT,
            "format": FORMAT,
            "key_id": key_id(master),
            **manifest,
            "parts": self._parts,
        }
        text = json.dumps(whole, indent=1, ensure_ascii=False).encode()
        self._zip.writestr(MANIFEST, text)
        self._zip.writestr(SEAL, _seal(master, text))
        self._zip.close()


class Reader:
    """A backup that is being read; `check` before anything else."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise BackupRefused(_no_backup(str(error))) from error
        self.manifest = self._read_manifest()

    def check(self, master: bytes | None) -> None:
        """Reads the whole file. Raises BackupRefused when an octet is not as made."""
        self._check_seal(master)
        parts: dict[str, dict[str, Any]] = self.manifest["parts"]
        found = sorted(set(self._zip.namelist()) - {MANIFEST, SEAL})
        if found != sorted(parts):
            raise BackupRefused(damaged("parts"))
        for name, expected in parts.items():
            digest, size = hashlib.sha256(), 0
            for chunk in self.chunks(name):
                digest.update(chunk)
                size += len(chunk)
                if size > expected["bytes"]:
                    break
            as_made = {"sha256": digest.hexdigest(), "bytes": size}
            if as_made != {key: expected.get(key) for key in as_made}:
                raise BackupRefused(damaged(name))

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self.manifest["parts"]

    def read(self, name: str) -> bytes:
        """A small part."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part piece by piece."""
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError) as error:
            raise BackupRefused(damaged(name)) from error

    def lines(self, name: str) -> Iterator[bytes]:
        """A part line by line, without their ends."""
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
        if rest:
            raise BackupRefused(damaged(name))

    def _read_manifest(self) -> dict[str, Any]:
        names = self._zip.namelist()
        if MANIFEST not in names or len(names) != len(set(names)):
            raise BackupRefused(_no_backup(MANIFEST))
        if self._zip.getinfo(MANIFEST).file_size > MAX_MANIFEST:
            raise BackupRefused(damaged(MANIFEST))
        try:
            found = json.loads(self.read_raw(MANIFEST))
        except ValueError as error:
            raise BackupRefused(damaged(MANIFEST)) from error
        if not isinstance(found, dict) or found.get("product") != PRODUCT:
            raise BackupRefused(_no_backup(MANIFEST))
        if found.get("format") != FORMAT:
            raise BackupRefused(newer(found.get("version", "?")))
        if not _is_whole(found):
            raise BackupRefused(damaged(MANIFEST))
        return found

    def read_raw(self, name: str) -> bytes:
        """A part that the manifest does not list."""
        return b"".join(self.chunks(name))

    def _check_seal(self, master: bytes | None) -> None:
        """Only the key that it was made with can tell; another one cannot."""
        if master is None or self.manifest["key_id"] != key_id(master):
            return
        expected = _seal(master, self.read_raw(MANIFEST)).encode()
        if not hmac.compare_digest(expected, self.read_raw(SEAL).strip()):
            raise BackupRefused(damaged(MANIFEST))


def _is_whole(manifest: dict[str, Any]) -> bool:
    shapes = {
        **dict.fromkeys(("version", "made_at", "key_id"), str),
        **dict.fromkeys(("parts", "tables", "scripts"), dict),
        "schema": list,
    }
    return all(isinstance(manifest.get(key), kind) for key, kind in shapes.items())


def _no_backup(detail: str) -> Problem:
    return Problem(
        "backup_none",
        N_(
            "This is no backup of massivesms, or its end is missing (%(detail)s)."
            " Nothing was changed."
        ),
        detail=detail,
    )


def damaged(part: str) -> Problem:
    """The refusal of a backup that is not as it was made."""
    return Problem(
        "backup_damaged",
        N_(
            "The backup is damaged or was altered in %(part)s. Nothing was changed."
            " Use another backup."
        ),
        part=part,
    )


def newer(version: str) -> Problem:
    """The refusal of what only a later version can read."""
    return Problem(
        "backup_newer",
        N_(
            "The backup was made by a newer version (%(version)s): install that"
            " version first. Nothing was changed."
        ),
        version=version,
    )
