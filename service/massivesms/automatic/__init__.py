"""Automatic loads: what a person enters, a trial, a run, and its summary by mail.

Joins reading the other side (massivesms.sources), the loads (massivesms.intake) and
the store. When a run is due is the engine's.
"""
