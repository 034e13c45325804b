"""What an explanation carries: proof, irreducible conflict, least relaxation; and how it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lustrum.solving.conflict.words import Change, figure, merge_years


@dataclass(frozen=True, eq=False)
class Proof:
    """A Farkas vector λ on the rows of the problem: λ'A v <= 0 for every v >= 0, yet the limits ask for more.

    Attributes
    ----------
    vector
        One figure a row, in the sense of `certificate.dual_bound`; zero on limits outside the conflict.
    residual
        Largest relative residual of λ'A (should be ~ 0).
    bound
        The bound on 0 that λ proves, relative to its largest term: below zero, so that no plan exists.
    reach
        What rounding leaves open: only a plan with some variable this many times its natural size could
        escape the proof.
    """

    vector: np.ndarray = field(repr=False)
    residual: float
    bound: float
    reach: float

    @property
    def holds(self) -> bool:
        """Residual at most 1e-6, bound below -1e-9, and no escape below 1000 times the natural sizes."""
        return self.residual <= 1e-6 and self.bound < -1e-9 and self.reach >= 1e3


@dataclass(frozen=True)
class Member:
    """A limit of the conflict; `relax_by`, in its own units, ends this conflict if only it gives way."""

    name: str
    label: str
    year: int
    relax_by: float
    sentence: str


@dataclass(frozen=True)
class Relaxed:
    """A limit that gives way: `amount` in the row's units, `relative` to its size, and the advice in words.

    `expressible` is False where no figure of the plan file can let it give way.
    """

    name: str
    label: str
    year: int
    amount: float
    relative: float
    advice: str
    expressible: bool


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A least relaxation of the limits, and the changes of the plan file that follow from it.

    Attributes
    ----------
    entries
        What gives way, most first.
    cost
        Weighted sum of the relative amounts (facts weigh 10 times).
    changes
        Changes of the plan file; complete only if every entry is expressible.
    checked
        The limits, moved by the amounts and a margin of 1e-6, were solved and a plan was found.
    works
        The plan file with the changes was built and solved, and has a plan (False if not expressible).
    """

    entries: tuple[Relaxed, ...]
    cost: float
    changes: tuple[Change, ...]
    checked: bool
    works: bool

    @property
    def expressible(self) -> bool:
        """Whether the plan file alone can follow the whole advice."""
        return all(e.expressible for e in self.entries)


@dataclass(frozen=True, eq=False)
class Conflict:
    """Why there is no plan.

    Attributes
    ----------
    feasible
        True where the limits can be met together after all (to within 1e-7 of their sizes).
    proof
        A checked proof, or None where none passed its check.
    members
        One irreducible conflict among the limits; there may be others.
    irreducible
        Each member was left out in turn, and laws and the others were solved.
    laws
        Where the accounts clash by themselves, without any limit: an irreducible set of laws.
    relaxation
        The least relaxation of all limits.
    alternative
        Where that one touches what the plan file cannot change: the least that the plan file can express.
    """

    feasible: bool
    proof: Proof | None
    members: tuple[Member, ...]
    irreducible: bool
    laws: tuple[Member, ...]
    relaxation: Relaxation | None
    alternative: Relaxation | None
    seconds: float

    def to_list(self) -> list[dict[str, str | int | float]]:
        """Return the members for JSON: name, label, year, relax_by."""
        return [{"name": m.name, "label": m.label, "year": m.year, "relax_by": m.relax_by} for m in self.members]

    @property
    def advice(self) -> Relaxation | None:
        """The relaxation that a plan file can follow, if there is one."""
        for way in (self.relaxation, self.alternative):
            if way is not None and way.expressible:
                return way
        return None

    def __str__(self) -> str:
        if self.feasible:
            return (
                "These limits can be met together (to within 1e-7 of their sizes). If a solver said otherwise,\n"
                "the plan is on the border: ease the tightest limit a little."
            )
        if self.laws:
            lines = ["The accounts clash by themselves, whatever the plan asks:", *_lines(self.laws)]
            return "\n".join([*lines, "No change of the plan file helps; check these figures of the accounts."])
        lines = ["No plan satisfies all limits at once. These clash:", *_lines(self.members)]
        if self.members:
            lines.append("Relax one of them to remove this conflict; there may be others.")
        if self.relaxation:
            lines += ["The least that must give way in all:", *(f"  - {e.advice}" for e in self.relaxation.entries)]
        if self.alternative:
            lines += ["If nothing else moves, by the plan file alone:"]
            lines += [f"  - {e.advice}" for e in self.alternative.entries]
        if self.proof is None:
            lines.append("(The proof did not pass its check to full accuracy.)")
        return "\n".join(lines)


def _lines(members: Sequence[Member]) -> list[str]:
    """One line a limit, its years merged."""
    groups: dict[tuple[str, str], list[Member]] = {}
    for m in members:
        groups.setdefault((m.sentence, m.label), []).append(m)
    out = []
    for (sentence, _), some in groups.items():
        least = min((m for m in some if np.isfinite(m.relax_by)), key=lambda m: m.relax_by, default=None)
        when = f" in {least.year}" if least and len(some) > 1 else ""
        more = f" (alone: by {figure(least.relax_by)}{when})" if least else ""
        out.append(f"  - {sentence}, {merge_years(m.year for m in some)}{more}")
    return out
