"""Plants words that try to break out of a page wherever a word can come in from.

Names and texts by the command line, answers by a script, errors by the operator.
"""

from __future__ import annotations

from tests.journey.stack import PASSWORD, Stack

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'"
SENDER = "<b>'\"&x"
TRUNK = "<i onclick=alert(3)>x</i>"
TEXT = f"{HOSTILE} {{{{ 7*7 }}}} ñ"
NUMBERS = ["641000001", "641000002"]
SCRIPT = """#!/bin/sh
printf '%s\\n' '7;<img src=x onerror=alert(4)>"\\'\\'';0;1'
""".replace("\\'\\''", "")
STOPPING = """#!/bin/sh
printf '%s\\n' '1;</dd><svg onload=alert(6)>;1;0'
"""
USER = "<svg onload=alert(7)>"
ROLE = "supervisor"
FILE = "x'><img src=x onerror=alert(5)>.csv"


def plant(stack: Stack) -> None:
    """Trunks, users and changes with hostile names and answers."""
    stack.add_script("hostil", SCRIPT)
    stack.add_script("parada", STOPPING)
    how = ("--type", "script", "--priority", "9", "--set")
    stack.command("trunk", "add", TRUNK, *how, "script=hostil")
    stack.command("trunk", "add", f"{TRUNK}2", *how, "script=parada")
    add = ("user", "add", USER, "--role", ROLE, "--password-stdin")
    stack.command(*add, entered=PASSWORD + "\n")
    stack.command("user", "disable", USER)
    sent = ("send", NUMBERS[0], TEXT, "--queue", "--trunk", f"{TRUNK}2")
    stack.command(*sent)
    manner = {"data_coding": 8, "sender_ton": 5}
    text = f"{TEXT} \u202e\x00."
    stack.smsc.deliver("<img src=x onerror=0>", "5000", text, **manner)
