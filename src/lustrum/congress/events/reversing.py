"""A step back: a reversing event takes an earlier one out of the fold. Nothing certified may rest on it.

What the reversal must not break is asked by replaying the ledger without the step (`folding.py`): if any later step
would not have been allowed, it rests on this one and is to be taken back first.
"""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.events.step import Now, Step, Text, kind
from lustrum.congress.state.state import State
from lustrum.errors import Refused


@kind("step.reversed/1", reversible=False)
class StepReversed(Step):
    """The event at `reverses` is taken back."""

    reverses: int = Field(ge=0)
    reason: Text

    def check(self, state: State, now: Now) -> None:
        if self.reverses >= now.height:
            raise Refused(
                "only what has happened can be taken back",
                found=f"event {self.reverses}",
                expected=f"an event before {now.height}",
            )

    def apply(self, state: State, now: Now) -> None:
        """Nothing here: the fold leaves the reversed event out."""
