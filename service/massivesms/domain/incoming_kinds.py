"""What comes from people: messages, and calls to a modem. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_

MESSAGE, CALL = "message", "call"

#: inbound_message.kind -> its word.
KINDS: Mapping[str, str] = {MESSAGE: N_("Message"), CALL: N_("Call")}
CALLED = N_("Called, and wrote nothing")
