"""What a person types to find a number: the pages' name for domain/number_search."""

from __future__ import annotations

from massivesms.domain.number_search import beginnings

__all__ = ["beginnings"]
