"""From a trunk's settings to a signed-in talk: who answers, what it may be asked.

Sends nothing. Asks for the version, for the actions that this user may use, and for
the modems; says in words what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...domain.asterisk_kind import read_devices
from ...domain.inert_text import inert
from ..base import Note, TrunkSettings, TrunkUnavailable
from . import devices, messages
from .devices import Device
from .events import Answered, Happened, LoggedIn, Over, Unanswered
from .link import RETRY_S, Link, connect
from .packets import Unwritable
from .session import Access

SETUP_S = 30.0  # until an Asterisk that lacks a module is asked again
STEP_S = 1.0


class Opening:
    """Opens one session."""

    def __init__(self, settings: TrunkSettings, note: Note) -> None:
        self._settings = settings
        self._note = note
        self._driver = settings.values["driver"]
        self.heard: list[Happened] = []  # events that came meanwhile

    def run(self) -> tuple[Link, Mapping[str, Device]]:
        """The link, and the modems by name. Raises TrunkUnavailable."""
        values = self._settings.values
        host, port = values["host"], self._settings.number("port")
        self._note("connecting", f"{host}:{port}")
        made = connect(host, port)
        is_sip = self._driver == "sip"
        events = "off" if is_sip else "call"
        access = Access(values["user"], values["secret"], values["auth"], events)
        link = Link(made, access)
        try:
            self._sign_in(link)
            self._ask_version(link)
            self._need_actions(link)
            if not is_sip:
                return link, self._look_at_modems(link)
            self._note("asterisk_sip_ready", values["sip_to"])
        except Unwritable as error:
            link.end()
            raise TrunkUnavailable(
                "settings_wrong", str(error), needs_person=True
            ) from error
        except TrunkUnavailable:
            link.end()
            raise
        return link, {}

    def _sign_in(self, link: Link) -> None:
        while True:
            for event in link.pump(STEP_S, -1)[0]:
                if isinstance(event, LoggedIn):
                    self._note("asterisk_connected", inert(event.banner))
                    return
                _raise_when_over(event)

    def _ask_version(self, link: Link) -> None:
        """A user who may not know it can send nevertheless."""
        answered = self._ask(link, "CoreSettings")
        version = inert(answered.response.get("AsteriskVersion"))[:60]
        if answered.is_success and version:
            self._note("asterisk_version", version)

    def _need_actions(self, link: Link) -> None:
        """ListCommands names those actions only that this user may use."""
        driver = messages.ACTIONS.get(self._driver, "")
        sms = (f"{driver}SendSMS", f"{driver}ShowDevices")
        needed: tuple[str, ...] = sms if driver else ("MessageSend",)
        answered = self._ask(link, "ListCommands")
        if not answered.is_success:
            return
        known = {name.lower() for name, _ in answered.response.lines}
        for action in needed:
            if action.lower() not in known:
                code = "asterisk_action_missing"
                raise TrunkUnavailable(code, action, wait_s=SETUP_S)

    def _look_at_modems(self, link: Link) -> Mapping[str, Device]:
        names = read_devices(self._settings.values["devices"]) or ()
        action = f"{messages.ACTIONS[self._driver]}ShowDevices"
        answered = self._ask(link, action, is_list=True)
        if not answered.is_success:
            said = inert(answered.said)[:160]
            raise TrunkUnavailable("asterisk_permission", f"{action} ({said})",
                                   wait_s=SETUP_S)  # fmt: skip
        listed = devices.read(answered.entries)
        found = {name: listed.get(name) or devices.missing(name) for name in names}
        for name, device in found.items():
            code = device.code if name in listed else "asterisk_device_unknown"
            self._note(code, device.shown)
        if not any(found[name].is_ready and name in listed for name in names):
            shown = ", ".join(found[name].trouble for name in names)
            raise TrunkUnavailable("asterisk_no_device", shown, wait_s=RETRY_S)
        return found

    def _ask(self, link: Link, action: str, *, is_list: bool = False) -> Answered:
        key = link.ask(action, is_list=is_list)
        while True:
            for event in link.pump(STEP_S, -1)[0]:
                _raise_when_over(event)
                if isinstance(event, Happened):
                    self.heard.append(event)
                if isinstance(event, Answered) and event.key == key:
                    return event
                if isinstance(event, Unanswered) and event.key == key:
                    raise TrunkUnavailable("asterisk_silent", action, wait_s=RETRY_S)


def _raise_when_over(event: object) -> None:
    if isinstance(event, Over):
        raise TrunkUnavailable(
            event.code, event.detail, needs_person=event.needs_person, wait_s=RETRY_S
        )
