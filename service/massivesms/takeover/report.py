"""What a takeover did: counts by kind, and each thing that needs a person's eye."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..domain.words import Problem

#: The kinds in the order of the report; `numbers` are those of lists.
KINDS = ("setting", "script", "trunk", "list", "number", "campaign", "message")
TAKEN, ALREADY, NOT_TAKEN = "taken", "already", "not_taken"
NOTE = "note"
MOST_KEPT_NOTES = 200


@dataclass(frozen=True, slots=True)
class Note:
    """One thing with its reason in words; `outcome` may be a mere note."""

    kind: str
    name: str
    outcome: str
    problem: Problem


@dataclass(slots=True)
class Report:
    """The counts, and the notes in the order in which they came up."""

    database: str
    dry_run: bool
    finished: bool = False
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    mended: int = 0  # texts that were not encoded as their columns said
    notes: list[Note] = field(default_factory=list)

    def add(self, kind: str, outcome: str, number: int = 1) -> None:
        """Counts things that were taken, were here, or were not taken."""
        self.counts[kind, outcome] += number

    def refuse(self, kind: str, name: str, problem: Problem) -> None:
        """Counts one thing that was not taken, with the reason."""
        self.add(kind, NOT_TAKEN)
        self.notes.append(Note(kind, name, NOT_TAKEN, problem))

    def note(self, kind: str, name: str, problem: Problem) -> None:
        """Says something about a thing without counting it."""
        self.notes.append(Note(kind, name, NOTE, problem))

    @property
    def has_news(self) -> bool:
        """Whether anything was taken."""
        return any(n for (_, outcome), n in self.counts.items() if outcome == TAKEN)

    def table(self) -> list[tuple[str, int, int, int]]:
        """(kind, taken, already here, not taken) of every kind."""
        count = self.counts
        return [
            (kind, count[kind, TAKEN], count[kind, ALREADY], count[kind, NOT_TAKEN])
            for kind in KINDS
        ]

    def as_json(self) -> dict[str, Any]:
        """The whole report for programs."""
        return {
            "database": self.database,
            "dry_run": self.dry_run,
            "finished": self.finished,
            "parts": {
                kind: {"taken": taken, "already": here, "not_taken": refused}
                for kind, taken, here, refused in self.table()
            },
            "message_states": dict(self.states),
            "mended_texts": self.mended,
            "notes": [
                {
                    "kind": note.kind,
                    "name": note.name,
                    "outcome": note.outcome,
                    "code": note.problem.code,
                    "text": str(note.problem),
                }
                for note in self.notes
            ],
        }

    def for_audit(self) -> dict[str, Any]:
        """What the record of changes keeps: all counts, and the first notes."""
        kept = self.as_json()
        return {**kept, "notes": kept["notes"][:MOST_KEPT_NOTES]}
