"""A workbook is read in a process of its own, which may fall without harm.

This room starts book_reader, asks it for sheets and rows, and says in words what
became of it when it was ended by its limits.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from massivesms.domain.words import Problem, problem_from
from massivesms.errors import ImportRefused
from massivesms.intake.book_limits import PROBLEMS, refused
from massivesms.intake.records import Record

#: How a process ends that runs into its limits: memory that is not there ends the
#: library by SIGABRT, time by SIGXCPU and at last SIGKILL.
_BY_LIMITS = {-signal.SIGABRT, -signal.SIGXCPU, -signal.SIGKILL}
_ENDING_S = 5


class Reader:
    """One workbook that is open in its process; one sheet is read at a time.

    `file` is a real file that holds nothing but the workbook. Raises ImportRefused
    with the codes of book_limits.
    """

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        number = file.fileno()
        self._process = subprocess.Popen(  # noqa: S603 - nothing of the user's
            [sys.executable, "-I", "-m", "massivesms.intake.book_reader", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(number,),
        )
        self._turn = 0
        answer = self._answer()
        self.sheets: list[tuple[str, bool]] = [
            (str(name), bool(hidden)) for name, hidden in answer["sheets"]
        ]

    def rows(self, sheet: str, notes: list[Problem]) -> Iterator[Record]:
        """The rows of a sheet that are not blank; what is to be said comes in notes.

        Reading another sheet, or this one again, ends this one.
        """
        self._turn += 1
        turn = self._turn
        self._ask({"sheet": sheet})
        for code, params in self._answer()["notes"]:
            notes.append(problem_from(PROBLEMS, code, **params))
        while turn == self._turn:
            self._ask({})
            rows = self._answer()["rows"]
            if not rows:
                return
            for line, cells in rows:
                yield Record(line, cells)

    def close(self) -> None:
        """Ends the process; may be called again."""
        process = self._process
        if process.poll() is None:
            process.kill()
            process.wait(_ENDING_S)
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass  # a request that the process never read

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # how it ended is said by the answer that does not come

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._fallen()
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            self.close()
            code, params = answer["refused"]
            raise ImportRefused(problem_from(PROBLEMS, code, **params))
        return answer

    def _fallen(self) -> ImportRefused:
        self._process.wait()
        is_limit = self._process.returncode in _BY_LIMITS
        self.close()
        return refused("book_too_large" if is_limit else "book_damaged")
