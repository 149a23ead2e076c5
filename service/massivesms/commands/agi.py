"""massivesms agi: a message from the dialplan, by Asterisk's AGI.

Asterisk starts this program without a shell and talks with it over stdin and stdout.
Number and text are variables of the channel, asked for in Base64: nothing that a caller
or a sender wrote is ever a word of a command line. Nothing is waited for: the message
goes into the output queue.
"""

from __future__ import annotations

import base64
import binascii
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import click

from ..domain.inert_text import inert
from ..domain.singles import check_single
from ..errors import MassiveSmsError
from .context import Context, Refused, pass_context, refuse
from .messages import enqueue

MOST_LINE = 256 * 1024
MOST_SAID = 200
QUEUED, REFUSED, FAILED = "QUEUED", "REFUSED", "FAILED"


class NoAsterisk(Exception):
    """Nobody speaks AGI at the other end, or no longer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the channel's variables ask for."""

    number: str
    text: str
    sender: str
    trunk: str


class Channel:
    """The talk with Asterisk: a command, an answer of one line."""

    def __init__(self, read: BinaryIO, write: BinaryIO) -> None:
        self._read = read
        self._write = write

    def begin(self) -> Mapping[str, str]:
        """The environment that Asterisk tells first, up to an empty line."""
        told = {}
        while line := self._line():
            name, _, value = line.partition(":")
            told[name.strip()] = value.strip()
        if "agi_request" not in told:
            raise NoAsterisk
        return told

    def get(self, name: str) -> str:
        """A variable, however it is written; '' when there is none.

        As Base64, when Asterisk has that function: then several lines are one.
        """
        encoded = self._ask(f"GET FULL VARIABLE ${{BASE64_ENCODE(${{{name}}})}}")
        try:
            text = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        return text or self._ask(f"GET VARIABLE {name}")

    def set(self, name: str, value: str) -> None:
        """Sets a variable of the channel; what would end the command is left out."""
        plain = inert(value).translate({ord("\\"): "/", ord('"'): "'"})[:MOST_SAID]
        self._ask(f'SET VARIABLE {name} "{plain}"')

    def _ask(self, command: str) -> str:
        """The value of an answer "200 result=1 (value)", else ''."""
        self._write.write(f"{command}\n".encode())
        self._write.flush()
        answer = self._line()
        while answer.startswith("520-"):  # the usage of what it does not know
            answer = self._line()
        begin, _, value = answer.partition(" (")
        if not begin.startswith("200 result=1") or not value.endswith(")"):
            return ""
        return value[:-1]

    def _line(self) -> str:
        line = self._read.readline(MOST_LINE)
        if not line.endswith(b"\n"):
            raise NoAsterisk  # hung up
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        return self._line() if text == "HANGUP" else text


@click.command()
@pass_context
def agi(context: Context, /) -> None:
    """Send a message from Asterisk's dialplan: AGI(/usr/bin/massivesms,agi).

    The channel's variables MASSIVESMS_NUMBER and MASSIVESMS_TEXT say to whom and what
    (or MASSIVESMS_TEXT_BASE64), MASSIVESMS_SENDER and MASSIVESMS_TRUNK by whom.
    MASSIVESMS_STATUS is QUEUED, REFUSED or FAILED after it, MASSIVESMS_RESULT says why.
    """
    channel = Channel(sys.stdin.buffer, sys.stdout.buffer)
    try:
        channel.begin()
        # Who hangs up must not break it off in the middle.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        wanted = _wanted(channel)
        status, said = _queue(context, wanted)
        channel.set("MASSIVESMS_STATUS", status)
        channel.set("MASSIVESMS_RESULT", said)
    except (NoAsterisk, BrokenPipeError) as error:
        raise Refused(
            "this is for Asterisk's dialplan: AGI(/usr/bin/massivesms,agi)."
            " To send from a shell use massivesms send."
        ) from error


def _wanted(channel: Channel) -> Wanted:
    encoded = channel.get("MASSIVESMS_TEXT_BASE64")
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    return Wanted(
        channel.get("MASSIVESMS_NUMBER").strip(),
        text or channel.get("MASSIVESMS_TEXT"),
        channel.get("MASSIVESMS_SENDER").strip(),
        channel.get("MASSIVESMS_TRUNK").strip(),
    )


def _queue(context: Context, wanted: Wanted) -> tuple[str, str]:
    """Puts the message into the output queue; what came of it, and its id or why."""
    try:
        settings = context.settings
        single = check_single(
            wanted.number,
            wanted.text,
            wanted.sender,
            settings.number_plan,
            settings.signature,
        )
        if isinstance(single, Mapping):
            raise refuse(single)
        trunk = wanted.trunk or None
        message_id = context.db.atomically(
            lambda tx: enqueue(tx, context, single, trunk, express=False)
        )
    except Refused as error:
        return REFUSED, error.message
    except MassiveSmsError as error:
        return FAILED, str(error)
    return QUEUED, str(message_id)
