"""The table of all kinds of events, filled by importing every topic."""

from __future__ import annotations

from lustrum.congress.events import (
    ballots,
    credentials,
    elections,
    mandates,
    motions,
    papers,
    people,
    reversing,
    sessions,
    tasks,
)
from lustrum.congress.events.step import KINDS, read_step

__all__ = ["KINDS", "TOPICS", "read_step"]

TOPICS = (papers, people, credentials, sessions, motions, ballots, elections, mandates, tasks, reversing)
