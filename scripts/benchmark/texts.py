"""What is sent, and to which numbers: the same for the straight line and for us."""

from __future__ import annotations

TEXT = "Your appointment is tomorrow at 10:30. Reply NO to change it."
LONG_TEXT = TEXT + " Bring the letter and your card with you, please." * 3
MARK = "34799"  # numbers that are timed one by one; no others begin with it
