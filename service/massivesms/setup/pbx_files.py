"""The files in which a PBX keeps its database's credentials, read as text.

`/etc/freepbx.conf` and `/etc/issabelpbx.conf` are PHP: `$amp_conf['K'] = 'v';`.
They are never executed. `/etc/amportal.conf` and `/etc/issabel.conf` are K=V.
A file that cannot be understood is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..domain.words import Problem
from ..errors import SetupError


@dataclass(frozen=True, slots=True)
class Value:
    """What a key says and in which line; `text` is None when it is computed."""

    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class PbxFile:
    """The values of one file by key."""

    path: Path
    values: dict[str, Value]

    def text(self, key: str, default: str = "") -> str:
        """The value of a key. Raises SetupError when PHP would compute it."""
        value = self.values.get(key)
        if value is None:
            return default
        if value.text is None:
            raise malformed(
                self.path, value.line, f"{key} is not a plain text between quotes"
            )
        return value.text or default

    def line(self, key: str) -> int:
        """The line in which a key was set last."""
        return self.values[key].line


def malformed(path: Path, line: int, what: str) -> SetupError:
    """The refusal of a line."""
    return SetupError(
        Problem(
            "pbx_file",
            "%(file)s, line %(line)s: %(what)s. Put it right and run"
            " massivesms setup again; nothing was changed.",
            file=path,
            line=line,
            what=what,
        )
    )


def read_text(path: Path) -> str:
    """A file's text. Raises SetupError when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SetupError(
            Problem(
                "pbx_file_unreadable",
                "%(file)s cannot be read: %(error)s. Nothing was changed.",
                file=path,
                error=error.strerror or error,
            )
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # as PHP and the shell would: bytes


# --- K=V ---------------------------------------------------------------------------

_PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*")


def read_pairs(path: Path) -> PbxFile:
    """A file of K=V lines, # and ; comments; a value may stand between quotes."""
    values = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.lstrip()[0] in "#;[":
            continue
        match = _PAIR.fullmatch(line)
        if match is None:
            raise malformed(path, number, "it is neither KEY=VALUE nor a comment")
        text = match[2]
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1]
        values[match[1]] = Value(text, number)
    return PbxFile(path, values)


# --- PHP ---------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""
    (?P<space>\s+ | (?://|\#)(?:(?!\?>)[^\n])* | /\*.*?\*/)
  | (?P<text>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*")
  | (?P<variable>\$\w+)
  | (?P<word>\w+(?:\.\d+)?)
  | (?P<end>\?>)
  | (?P<mark>.)
    """,
    re.X | re.S,
)
_OPENED = re.compile(r"<\?(?:php\b|=)?", re.I)
_UNFINISHED = {"'": "a text", '"': "a text", "/*": "a comment"}
_WORDS = {"true": "1", "false": "", "null": ""}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of PHP: its kind, how it is written, its line."""

    kind: str
    written: str
    line: int


def read_php(path: Path) -> PbxFile:
    """The `$amp_conf['K'] = 'v';` of a PHP file; everything else is passed over."""
    source = read_text(path)
    if not _OPENED.search(source):
        raise malformed(path, 1, "it does not begin with <?php")
    tokens = list(_tokens(path, source))
    values: dict[str, Value] = {}
    for at, token in enumerate(tokens):
        if token.written == "$amp_conf" and token.kind == "variable":
            found = _assignment(path, tokens[at : at + 7])
            if found is not None:
                values[found[0]] = found[1]
    return PbxFile(path, values)


def _tokens(path: Path, source: str) -> Iterator[Token]:
    at, inside = 0, False
    while at < len(source):
        if not inside:  # HTML, or "#!/usr/bin/php", until PHP begins
            opened = _OPENED.search(source, at)
            if opened is None:
                return
            at, inside = opened.end(), True
            continue
        match = _TOKEN.match(source, at)
        assert match is not None and match.lastgroup is not None  # . takes all
        line = source.count("\n", 0, at) + 1
        opener = source[at : at + 2] if source[at] == "/" else source[at]
        if match.lastgroup == "mark" and opener in _UNFINISHED:
            raise malformed(path, line, f"{_UNFINISHED[opener]} that begins has no end")
        at, inside = match.end(), match.lastgroup != "end"
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], line)


def _assignment(path: Path, tokens: list[Token]) -> tuple[str, Value] | None:
    """(key, value) when the words are `$amp_conf [ 'K' ] = 'v' ;`."""
    marks = [token.written for token in tokens]
    if marks[1:2] != ["["] or len(tokens) < 4:
        return None
    key, line = _plain(tokens[2]), tokens[0].line
    if key is None or marks[3] not in ("]", "="):
        return None
    if marks[3] == "=":
        raise malformed(path, line, f"the ] after {key} is missing")
    if marks[4:5] != ["="] or marks[5:6] == ["="]:
        return None  # it is read or compared here, not set
    if marks[5:6] in ([], [";"]):
        raise malformed(path, line, f"{key} is given no value")
    if len(tokens) < 7 or tokens[6].kind in ("variable", "word"):
        raise malformed(path, tokens[5].line, "the ; at the end is missing")
    is_whole = marks[6] == ";" or tokens[6].kind == "end"
    return key, Value(_plain(tokens[5]) if is_whole else None, tokens[5].line)


_SINGLE = re.compile(r"\\([\\'])")
_DOUBLE = re.compile(r"\\(?:([nrtvef\\$\"])|x([0-9A-Fa-f]{1,2})|([0-7]{1,3}))")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "e": "\x1b", "f": "\f"}


def _plain(token: Token) -> str | None:
    """The text that PHP would see; None when it is not written out."""
    if token.kind == "word":
        number = re.fullmatch(r"\d+", token.written)
        return token.written if number else _WORDS.get(token.written.lower())
    if token.kind != "text":
        return None
    inner = token.written[1:-1]
    if token.written[0] == "'":
        return _SINGLE.sub(r"\1", inner)
    if re.search(r"(?<!\\)(?:\\\\)*(?:\$[A-Za-z_{]|\{\$)", inner):
        return None  # a variable inside
    return _DOUBLE.sub(_unescaped, inner)


def _unescaped(match: re.Match[str]) -> str:
    letter, hexadecimal, octal = match.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    return chr(int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF)
