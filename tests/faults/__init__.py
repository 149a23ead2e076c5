"""The guarantee under faults: docs/guarantee.md says what is promised and what ran.

`scripts/faults --list` names the rows. One room per file: judge (what is wrong),
run (one run and all that it needs), killing (the service with a kill point),
rows_* (the faults), matrix (all rows), report (tables), __main__ (the command).
"""
