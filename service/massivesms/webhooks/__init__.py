"""Posting to other programs: the one room that speaks HTTP with webhooks' targets."""
