"""What the service did of itself about an incoming message, in words."""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_

#: inbound_message.handled -> what it means.
HANDLED: Mapping[str, str] = {
    "opt_out": N_("Opted out"),
    "opt_in": N_("Opted in again"),
    "keyword": N_("Keyword answered"),
    "out_of_hours": N_("Out-of-hours answer"),
}
