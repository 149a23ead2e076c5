"""The exceptions of massivesms: each carries a Problem with words for a person.

This room owns the names that callers catch. It holds no rules and no wording;
results of sending are values (outcomes), not exceptions.
"""

from __future__ import annotations

from massivesms.domain.words import Problem


class MassiveSmsError(Exception):
    """Something that stops one request; `problem` says what and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem.text


class ConfigError(MassiveSmsError):
    """The configuration file or a setting cannot be used."""


class StoreError(MassiveSmsError):
    """The database cannot be reached, is too old or refuses the statement."""


class WrongSchema(MassiveSmsError):
    """The database's tables are not this version's: nothing may work on them."""


class EventLogError(MassiveSmsError):
    """A file of the event log cannot be read, emptied or deleted."""


class ImportRefused(MassiveSmsError):
    """A file or query is refused as a whole; a bad row alone never raises this."""


class TextRefused(ImportRefused):
    """The text of a campaign does not go with its recipients; said beside the text."""


class ExportFailed(MassiveSmsError):
    """A file could not be written: the disk is full, the directory is not ours."""


class SetupError(MassiveSmsError):
    """The machine or its PBX is not as `massivesms setup` needs it."""
