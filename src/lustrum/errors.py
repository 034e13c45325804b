"""Every error a user can meet, in one tree.

LustrumError
├── BadInput            exit code 2: something that was given cannot be used
│   ├── TableError      a table or label file (file, line, column)
│   ├── SpecError       the plan file (path of the field)
│   ├── LabelError      two labelled arrays that do not match
│   ├── WorkspaceError  a folder that is not (or no longer) a workspace or a plan
│   └── LedgerError     a ledger, key or record of the congress that cannot be used
└── AnswerIsNo          exit code 1: the question was sound, the answer is no
    ├── Infeasible      no plan satisfies all limits
    ├── Unbounded       nothing limits the objective
    ├── LimitReached    the solver stopped before it could prove anything
    ├── CheckFailed     accounts that break an identity
    ├── NotVerified     a plan whose figures do not hold
    └── Refused         a step that the rules of the congress do not allow now
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any


class LustrumError(Exception):
    """Root of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


def _told(what: str, where: str, found: object, expected: str, mend: str) -> str:
    """The text of an error: what is wrong, then what stands there, what should, and the mend."""
    parts = [f"{where}: {what}" if where else what]
    if found is not None:
        parts.append(f"  found:    {found}")
    if expected:
        parts.append(f"  expected: {expected}")
    if mend:
        parts.append(f"  mend:     {mend}")
    return "\n".join(parts)


class BadInput(LustrumError):
    """Input that cannot be used, with the place and the mend.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    where
        File, line and column; sheet and cell; or the path of a field.
    found, expected
        What stands there and what should.
    mend
        What to do about it.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        found: object = None,
        expected: str = "",
        mend: str = "",
    ) -> None:
        self.what, self.where, self.found, self.expected, self.mend = what, where, found, expected, mend
        super().__init__(_told(what, where, found, expected, mend))


class TableError(BadInput):
    """A table or label file that cannot be read."""


class SpecError(BadInput):
    """A plan file that cannot be read or asks for something the accounts do not have."""


class LabelError(BadInput):
    """Two labelled arrays met whose labels differ."""


class WorkspaceError(BadInput):
    """A folder that is not a workspace, or a plan that is not in it."""


class LedgerError(BadInput):
    """A ledger, key or record of the congress that cannot be used."""


class AnswerIsNo(LustrumError):
    """The question was understood and the answer is no."""

    exit_code = 1


class Infeasible(AnswerIsNo):
    """No plan satisfies all limits at once.

    Parameters
    ----------
    words
        What is said.
    explain
        Finds out why, when `conflict` is asked for; it can take some seconds.
    """

    def __init__(self, words: str = "no plan satisfies all limits at once", explain: Callable[[], Any] | None = None):
        self._explain = explain
        super().__init__(words)

    @cached_property
    def conflict(self) -> Any:
        """Why there is no plan (`lustrum.explain`); None where that is not known."""
        return self._explain() if self._explain is not None else None


class Unbounded(AnswerIsNo):
    """Nothing limits the objective."""


class LimitReached(AnswerIsNo):
    """The solver ended at a time or iteration limit: nothing was proven."""


class CheckFailed(AnswerIsNo):
    """Accounts that break an identity or a sign."""


class NotVerified(AnswerIsNo):
    """A plan whose figures do not hold."""


class Refused(AnswerIsNo):
    """A step of the congress that its rules do not allow now; the parameters are those of `BadInput`."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        found: object = None,
        expected: str = "",
        mend: str = "",
    ) -> None:
        self.what, self.where, self.found, self.expected, self.mend = what, where, found, expected, mend
        super().__init__(_told(what, where, found, expected, mend))
