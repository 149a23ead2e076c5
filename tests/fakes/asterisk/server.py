"""The fake Asterisk on a real socket, a thread for each connection.

with Asterisk(Behaviour()) as asterisk:
    ...connect to asterisk.port...
    asterisk.deliver("dongle0", "+34600111222", "Sí")
"""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from tests.fakes.asterisk.pbx import (
    ACTIONS,
    VERSION,
    Behaviour,
    HangUp,
    Headers,
    Pbx,
    Sms,
)

CHALLENGE = "911725589"
MOST_LINE = 1024  # inbuf of a session in manager.c is 1025 octets


class Session:
    """One connection."""

    def __init__(self, pbx: Pbx, made: socket.socket) -> None:
        self.pbx = pbx
        self.socket = made
        self.is_in = False
        self.events = ""
        self._lock = threading.Lock()
        self._asked: dict[str, str] = {}

    def serve(self) -> None:
        with suppress(HangUp, OSError):
            self.socket.sendall(f"{self.pbx.behaviour.banner}\r\n".encode())
            for lines in self._requests():
                self._asked = dict(lines)
                self._answer()
        self.hang_up()

    def hang_up(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def write(self, headers: Headers) -> None:
        text = "".join(f"{name}: {value}\r\n" for name, value in headers)
        with self._lock, suppress(OSError):
            self.socket.sendall(f"{text}\r\n".encode())

    def _requests(self) -> Iterator[Headers]:
        kept = b""
        lines: Headers = []
        while True:
            line, end, rest = kept.partition(b"\r\n")
            if not end:
                data = self.socket.recv(4096)
                if not data:
                    return
                kept += data
                continue
            kept = rest
            if len(line) > MOST_LINE:
                self._respond("Error", "Failed to parse message: line too long")
                lines = []
            elif line:
                name, _, value = line.decode().partition(":")
                lines.append((name, value.lstrip(" ")))
            elif lines:
                yield lines
                lines = []

    def _respond(
        self, response: str, message: str = "", extra: Sequence[tuple[str, str]] = ()
    ) -> None:
        headers = [("Response", response)]
        if action_id := self._asked.get("ActionID"):
            headers.append(("ActionID", action_id))
        if message:
            headers.append(("Message", message))
        self.write([*headers, *extra])

    def _answer(self) -> None:
        pbx, behaviour = self.pbx, self.pbx.behaviour
        action = self._asked.get("Action", "")
        pbx.seen.append(action)
        if behaviour.is_silent:
            return
        if action == "Logoff":
            self._respond("Goodbye", "Thanks for all the fish.")
            raise HangUp
        if not self.is_in and action not in ("Login", "Challenge"):
            self._respond("Error", "Permission denied")
        elif action not in pbx.commands() and not (
            action in ACTIONS and not pbx.may(action)
        ):
            said = f"Invalid/unknown command: {action}."
            self._respond("Error", f"{said} Use Action: ListCommands to show them.")
        elif not pbx.may(action):
            self._respond("Error", "Permission denied")
        elif action.endswith("SendSMS"):
            pbx.sms(self._asked, self._respond)
        elif action.endswith("ShowDevices"):
            self._show_devices(action.removesuffix("ShowDevices"))
        else:
            self._plain(action)

    def _plain(self, action: str) -> None:
        if action == "Challenge":
            self._respond("Success", extra=[("Challenge", CHALLENGE)])
        elif action == "Login":
            self._login()
        elif action == "Ping" and not self.pbx.behaviour.ignores_ping:
            self._respond("Success", extra=[("Ping", "Pong"), ("Timestamp", "1.0")])
        elif action == "CoreSettings":
            settings = [("AMIversion", "9.0.0"), ("AsteriskVersion", VERSION)]
            self._respond("Success", extra=settings)
        elif action == "ListCommands":
            commands = [(name, "... (Priv: ...)") for name in self.pbx.commands()]
            self._respond("Success", extra=commands)
        elif action == "MessageSend":
            self._message_send()

    def _login(self) -> None:
        behaviour = self.pbx.behaviour
        if behaviour.in_use:
            self._respond("Error", "Login Already In Use")
            raise HangUp
        if self._asked.get("AuthType") == "MD5":
            mixed = (CHALLENGE + behaviour.secret).encode()
            is_right = self._asked.get("Key") == hashlib.md5(mixed).hexdigest()
        else:
            is_right = self._asked.get("Secret") == behaviour.secret
        if not is_right or self._asked.get("Username") != behaviour.user:
            self._respond("Error", "Authentication failed")
            raise HangUp
        self.is_in = True
        self.events = self._asked.get("Events", "on")
        self._respond("Success", "Authentication accepted")
        self.write([("Event", "FullyBooted"), ("Privilege", "system,all"),
                    ("Status", "Fully Booted")])  # fmt: skip

    def _show_devices(self, driver: str) -> None:
        action_id = [("ActionID", self._asked.get("ActionID", ""))]
        said = "Device status list will follow"
        self._respond("Success", said, [("EventList", "start")])
        modems = self.pbx.behaviour.modems
        for modem in modems:
            entry = [("Event", f"{driver}DeviceEntry"), *action_id]
            entry += [("Device", modem.name), ("AudioSetting", "")]
            entry += [("State", modem.state), ("RSSI", modem.signal)]
            entry += [("ProviderName", modem.operator)]
            entry += [("TasksInQueue", str(modem.tasks))]
            self.write(entry)
        done = [("EventList", "Complete"), ("ListItems", str(len(modems)))]
        self.write([("Event", f"{driver}ShowDevicesComplete"), *action_id, *done])

    def _message_send(self) -> None:
        behaviour = self.pbx.behaviour
        fault = behaviour.faults.pop(0) if behaviour.faults else ""
        if fault == "hang_up":
            raise HangUp
        if fault == "silent":
            return
        if fault:
            self._respond("Error", fault)
            return
        self.pbx.messages.append(self._asked)
        self._respond("Success", "Message successfully sent")


class Asterisk:
    """A server at a port of 127.0.0.1."""

    host = "127.0.0.1"

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        self.behaviour = behaviour or Behaviour()
        self.pbx = Pbx(self.behaviour)
        self.pbx.broadcast = self._broadcast
        self.sessions: list[Session] = []
        self._wanted_port = port
        self._server: socket.socket | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.getsockname()[1])

    @property
    def values(self) -> dict[str, str]:
        """The settings of a trunk to it."""
        return {
            "host": self.host,
            "port": str(self.port),
            "user": self.behaviour.user,
            "secret": self.behaviour.secret,
            "driver": self.behaviour.driver.lower(),
            "devices": ", ".join(modem.name for modem in self.behaviour.modems),
        }

    @property
    def sent(self) -> list[Sms]:
        return list(self.pbx.sent)

    def deliver(self, device: str, sender: str, text: str, plain: bool = True) -> None:
        """A message comes: in lines, and in Base64."""
        driver = self.behaviour.driver
        if plain:
            lines = [line for line in text.split("\n") if line]
            named = [(f"MessageLine{n}", line) for n, line in enumerate(lines)]
            # One empty line too many, as manager_event_new_sms writes it.
            count = ("LineCount", str(len(lines)))
            self.pbx.event(f"{driver}NewSMS", ("Device", device), ("From", sender),
                           count, *named)  # fmt: skip
            self.raw(b"\r\n")
        self.deliver_base64(device, sender, base64.b64encode(text.encode()).decode())

    def deliver_base64(self, device: str, sender: str, text: str) -> None:
        self.pbx.event(f"{self.behaviour.driver}NewSMSBase64", ("Device", device),
                       ("From", sender), ("Message", text))  # fmt: skip

    def raw(self, octets: bytes) -> None:
        """Writes octets to everybody."""
        for session in list(self.sessions):
            with suppress(OSError):
                session.socket.sendall(octets)

    def hang_up(self) -> None:
        """Ends all connections, as a restart of Asterisk does."""
        for session in list(self.sessions):
            session.hang_up()

    def wait_for(self, fact: Callable[[], object], timeout_s: float = 10) -> None:
        until_s = time.monotonic() + timeout_s
        while not fact():
            assert time.monotonic() < until_s, (self.pbx.seen, self.pbx.sent)
            time.sleep(0.01)

    def _broadcast(self, headers: Headers) -> None:
        if "call" not in self.behaviour.read:
            return
        for session in list(self.sessions):
            if session.is_in and session.events != "off":
                session.write(headers)

    def __enter__(self) -> Asterisk:
        self._server = socket.create_server((self.host, self._wanted_port))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()

    def _accept(self) -> None:
        assert self._server is not None
        with suppress(OSError):
            while True:
                made, _ = self._server.accept()
                session = Session(self.pbx, made)
                self.sessions.append(session)
                threading.Thread(target=session.serve, daemon=True).start()
