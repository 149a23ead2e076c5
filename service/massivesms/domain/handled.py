"""What the service did of itself about an incoming message, in words."""

from __future__ import annotations

from collections.abc import Mapping

from .answer_rules import Kind
from .words import N_

#: inbound_message.handled -> what it means.
HANDLED: Mapping[str, str] = {
    Kind.OPT_OUT: N_("Opted out"),
    Kind.OPT_IN: N_("Opted in again"),
    Kind.KEYWORD: N_("Keyword answered"),
    Kind.OUT_OF_HOURS: N_("Out-of-hours answer"),
}
#: The same as sentences, for mails.
SENTENCES: Mapping[str, str] = {
    Kind.OPT_OUT: N_("They were put among the blocked numbers: they want no more."),
    Kind.OPT_IN: N_(
        "They were taken off the blocked numbers: they want messages again."
    ),
    Kind.KEYWORD: N_("A keyword was answered automatically."),
    Kind.OUT_OF_HOURS: N_("It was answered automatically, out of hours."),
}
