"""What an attacker tries, one file for each row: CSRF, sessions, passwords ...

Rows that need real processes or a browser are in tests/journey, those of scripts in
tests/trunks, retention in tests/store.
"""
