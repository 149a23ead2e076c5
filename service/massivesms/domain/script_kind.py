"""The settings of a trunk that is a shell script."""

from __future__ import annotations

from .trunk_settings import Kind, Setting
from .words import N_

SCRIPT = Kind(
    "script",
    N_("Shell script"),
    (
        Setting(
            "script",
            "text",
            N_("Script"),
            required=True,
            maximum=64,
            hint=N_("Only its name; it lies in the directory of trunk scripts."),
        ),
        Setting(
            "timeout_s",
            "integer",
            N_("Time limit (seconds)"),
            "30",
            minimum=1,
            maximum=600,
            advanced=True,
        ),
        Setting(
            "concurrency",
            "integer",
            N_("At the same time"),
            "1",
            minimum=1,
            maximum=64,
            hint=N_("How many copies of the script may run at once."),
            advanced=True,
        ),
        Setting(
            "legacy_entities",
            "yes_no",
            N_("Unicode texts as entities (&#1056;)"),
            "no",
            hint=N_("For scripts written for the original module."),
            advanced=True,
        ),
    ),
)
