"""Counting votes exactly: decisions, elections and apportionment, with every tie reported and every stage shown.

Pure functions on ballots; nothing here reads a file, and no count touches a floating-point number. `docs/voting.md` has
the rules of every method, its version, its precision and its sources.
"""

from __future__ import annotations

from lustrum.congress.voting.ballot_files import BltFile, read_blt, read_csv, write_blt
from lustrum.congress.voting.ballots import REASONS, Ballots, Paper, paper_of
from lustrum.congress.voting.counting import METHODS, YES_NO, Method, count, fault, method_of, tally_of
from lustrum.congress.voting.decision import BASES, Decision, DecisionRule, Majority, Quorum, Tally, decide
from lustrum.congress.voting.result import Count, Lot, Stage, Tie

__all__ = [
    "BASES",
    "METHODS",
    "REASONS",
    "YES_NO",
    "Ballots",
    "BltFile",
    "Count",
    "Decision",
    "DecisionRule",
    "Lot",
    "Majority",
    "Method",
    "Paper",
    "Quorum",
    "Stage",
    "Tally",
    "Tie",
    "count",
    "decide",
    "fault",
    "method_of",
    "paper_of",
    "read_blt",
    "read_csv",
    "tally_of",
    "write_blt",
]
