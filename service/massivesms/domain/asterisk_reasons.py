"""What Asterisk and its drivers answer, what it means, and the words for it.

One table of the texts of errors, so that none has words and no decision. Sources:
main/manager.c and manager.conf.sample of Asterisk; manager.c, helpers.c and error.h
of chan_dongle and chan_quectel; the pages of the actions Login and MessageSend.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from .words import N_


class Treatment(StrEnum):
    """What a refusal means for the message."""

    DEVICE = "device"  # this device cannot send now; another one may
    GIVE_UP = "give_up"  # the fault is the message's
    ONCE_MORE = "once_more"  # nobody knows whose fault it is
    QUEUE = "queue"  # later; of several parts the first may be queued already
    STOP = "stop"  # a person must change something in Asterisk


class Refusal(NamedTuple):
    """A part of an error's text in small letters, its code, its treatment."""

    said: str
    code: str
    treatment: Treatment


REFUSALS: tuple[Refusal, ...] = (
    Refusal("permission denied", "asterisk_permission", Treatment.STOP),
    Refusal("invalid/unknown command", "asterisk_no_action", Treatment.STOP),
    Refusal("device not found", "asterisk_device_unknown", Treatment.DEVICE),
    Refusal("device not connected", "asterisk_device_away", Treatment.DEVICE),
    Refusal("device disconnected", "asterisk_device_away", Treatment.DEVICE),
    Refusal("device disabled", "asterisk_device_stopped", Treatment.DEVICE),
    Refusal("invalid destination number", "asterisk_number", Treatment.GIVE_UP),
    Refusal("invalid phone number", "asterisk_number", Treatment.GIVE_UP),
    Refusal("cannot build phone number", "asterisk_number", Treatment.GIVE_UP),
    Refusal("line too long", "asterisk_too_long", Treatment.ONCE_MORE),
    Refusal("input too large", "asterisk_too_long", Treatment.ONCE_MORE),
    Refusal("cannot parse u", "asterisk_text", Treatment.ONCE_MORE),  # UTF-8, UCS-2
    Refusal("gsm7", "asterisk_text", Treatment.ONCE_MORE),
    Refusal("pdu building error", "asterisk_text", Treatment.ONCE_MORE),
    Refusal("error adding sms commands", "asterisk_queue", Treatment.QUEUE),
    Refusal("queue error", "asterisk_queue", Treatment.QUEUE),
    Refusal("smsdb error", "asterisk_queue", Treatment.QUEUE),
    Refusal("memory error", "asterisk_queue", Treatment.QUEUE),
    Refusal("message failed to send", "asterisk_not_sent", Treatment.ONCE_MORE),
)
UNKNOWN = Refusal("", "asterisk_refused", Treatment.ONCE_MORE)


def refusal_of(said: str) -> Refusal:
    """The row of an error's text, known or not."""
    lower = said.lower()
    return next((row for row in REFUSALS if row.said in lower), UNKNOWN)


#: State of a device that sends nothing (pvt_str_state) -> our code.
AWAY: Mapping[str, str] = {
    "stopped": "asterisk_device_stopped",
    "not connected": "asterisk_device_away",
    "not initialized": "asterisk_device_starting",
    "gsm not registered": "asterisk_device_no_network",
    "radio off": "asterisk_device_stopped",
}
#: Of these the driver has forgotten what was queued.
FORGETS = frozenset({"stopped", "not connected", "not initialized"})

#: What the user of the manager interface lacks: its section must be mended.
OF_RIGHTS = frozenset(
    {
        "asterisk_login",
        "asterisk_in_use",
        "asterisk_permission",
        "asterisk_action_missing",
    }
)

WORDS: Mapping[str, str] = {
    # Sessions
    "asterisk_connected": N_("Signed in at %(detail)s."),
    "asterisk_version": N_("It is Asterisk %(detail)s."),
    "asterisk_device_ready": N_("The modem %(detail)s can send."),
    "asterisk_device_unknown": N_("Asterisk has no device %(detail)s."),
    "asterisk_device_away": N_("The modem is not connected: %(detail)s"),
    "asterisk_device_stopped": N_("The modem has been stopped in Asterisk: %(detail)s"),
    "asterisk_device_starting": N_("The modem is still starting: %(detail)s"),
    "asterisk_device_no_network": N_("The modem has no network: %(detail)s"),
    "asterisk_sip_ready": N_("SIP messages can be handed over to %(detail)s."),
    "asterisk_no_manager": N_(
        "%(detail)s is no manager interface of Asterisk: look at the port, 5038 mostly."
    ),
    "asterisk_login": N_(
        "Asterisk does not accept the user, the secret or this computer's address."
    ),
    "asterisk_in_use": N_(
        "Asterisk lets this user sign in only once: set allowmultiplelogin = yes, or"
        " give it a user of its own."
    ),
    "asterisk_login_silent": N_("Asterisk did not answer the sign-in."),
    "asterisk_silent": N_("Asterisk no longer answers."),
    "asterisk_closed": N_("Asterisk closed the connection. %(detail)s"),
    "asterisk_garbage": N_("Asterisk sent something that cannot be read: %(detail)s"),
    "asterisk_permission": N_(
        "The user of the manager interface may not do this: %(detail)s. It needs"
        " read = call and write = call,reporting,message."
    ),
    "asterisk_no_action": N_(
        "Asterisk does not know the action %(detail)s: is the driver's module loaded?"
    ),
    "asterisk_action_missing": N_(
        "Asterisk does not offer the action %(detail)s to this user: the driver's"
        " module is not loaded, or the user lacks write = call,reporting,message."
    ),
    "asterisk_no_device": N_("None of the modems can send: %(detail)s"),
    "asterisk_refusing": N_(
        "The modems refused the last messages, all of them: look at credit, barring"
        " and the number of the message centre. %(detail)s"
    ),
    # Messages
    "asterisk_number": N_("Asterisk does not accept this number: %(detail)s"),
    "asterisk_too_long": N_("The text is too long for the manager interface."),
    "asterisk_text": N_("The driver cannot send this text: %(detail)s"),
    "asterisk_lines": N_(
        "The text has several lines and the driver takes one only, by the trunk's"
        " settings."
    ),
    "asterisk_queue": N_("The driver could not take the message: %(detail)s"),
    "asterisk_not_sent": N_("Asterisk could not hand the message over: %(detail)s"),
    "asterisk_refused": N_("Asterisk refused the message: %(detail)s"),
    "asterisk_modem_refused": N_(
        "The modem or its network reported an error, and Asterisk does not say which:"
        " it may have left. %(detail)s"
    ),
    "asterisk_no_answer": N_("Asterisk did not say whether it took the message."),
    "asterisk_gone": N_(
        "The connection to Asterisk broke before it said whether it was sent."
        " %(detail)s"
    ),
    "asterisk_not_reached": N_("The connection broke before the message left."),
    "asterisk_device_lost": N_(
        "The modem went away before it said whether it was sent: %(detail)s"
    ),
    "asterisk_no_events": N_(
        "The modem %(detail)s has nothing left to send, but Asterisk tells this user of"
        " no event: without read = call nobody knows whether there was an error."
    ),
    "asterisk_unconfirmed": N_(
        "The modem did not get round to it in time: it may still send it. %(detail)s"
    ),
}
