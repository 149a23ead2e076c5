"""Messages and settings for the tests of HTTP trunks."""

from __future__ import annotations

from massivesms.domain.http_kind import HTTP
from massivesms.domain.http_provider import Provider, read_provider
from massivesms.domain.segments import split
from massivesms.domain.trunk_kinds import check_settings
from massivesms.trunks.base import Submission

SECRET = "s3cr+t/é"
PRESETS = {preset.name: preset.values for preset in HTTP.presets}


def settings(**given: str) -> dict[str, str]:
    """Checked settings."""
    found = check_settings(HTTP, given)
    assert all(isinstance(value, str) for value in found.values()), found
    return found  # type: ignore[return-value]


def preset(name: str, **given: str) -> dict[str, str]:
    """The settings of a preset, with a user and a secret."""
    return settings(**{**PRESETS[name], "user": "AC1", "secret": SECRET, **given})


def provider(values: dict[str, str]) -> Provider:
    """The provider of checked settings."""
    found = read_provider(values)
    assert isinstance(found, Provider)
    return found


def message(message_id: int = 7, text: str = "Hola", **more: object) -> Submission:
    """A message to be sent."""
    given = {
        "destination": "34600111222",
        "is_international": True,
        "sender_id": "",
        **more,
    }
    return Submission(message_id, 1, text=text, split=split(text), **given)  # type: ignore[arg-type]
