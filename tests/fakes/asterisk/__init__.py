"""An Asterisk as its manager interface and its modem drivers show it."""
