"""The real service in the foreground, with one fault built in.

    python -m tests.faults.service --config FILE --kill-at before_settle --after 7
    python -m tests.faults.service --config FILE --error 1047 --after 7 --for-s 3
    python -m tests.faults.service --config FILE --lose-commit claim --after 7

Without a fault it is `massivesms run`.
"""

from __future__ import annotations

import argparse

from massivesms.cli import command_line
from tests.faults import database_errors
from tests.faults.kill_points import POINTS


def main() -> None:
    """Builds the fault in and runs the service."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.service")
    parser.add_argument("--config", required=True)
    parser.add_argument("--kill-at", choices=POINTS)
    parser.add_argument("--error", type=int, choices=database_errors.WORDS)
    parser.add_argument("--lose-commit", choices=["claim", "settle"])
    parser.add_argument("--undone", action="store_true", help="the COMMIT was not done")
    parser.add_argument("--after", type=int, default=1, help="at the N-th passage")
    parser.add_argument("--for-s", type=float, default=1.0)
    options = parser.parse_args()
    if options.kill_at:
        POINTS[options.kill_at](options.after)
    if options.error:
        database_errors.fail_for(options.error, options.after, options.for_s)
    if options.lose_commit:
        database_errors.lose_commits(
            options.lose_commit, options.after, not options.undone
        )
    command_line(["--config", options.config, "run"], prog_name="massivesms")


if __name__ == "__main__":
    main()
