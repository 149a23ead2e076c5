"""massivesms: bulk SMS for Asterisk PBXs. The service, and what the web shares."""

__version__ = "0.1.0"
