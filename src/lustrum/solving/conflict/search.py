"""The search for an irreducible conflict: narrow by neighbourhood and family, then delete limit by limit.

Every verdict that counts comes from the elastic form: a set of limits clashes with the laws if and only if
the least cost of giving way is above `TOLERANCE`, and its duals drop what plays no part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lustrum.errors import LimitReached
from lustrum.lp.certificate import primal_residuals
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.elastic import Answer, Elastic, row_sizes
from lustrum.lp.highs import Options, maximise
from lustrum.lp.problem import Problem
from lustrum.planning.families import ASKED
from lustrum.solving.conflict.words import Row

#: Limits that need give way by no more than this share of their size are met.
TOLERANCE = 1e-7
#: Share of the largest dual (times size) below which a row plays no part in a proof.
_NOISE = 1e-9
#: Largest relative violation in a plan that shows a conflict without one of its members to be none.
_MET = 1e-6
#: Problems with more rows than this are narrowed first.
_LARGE = 2_000
#: Deletions that leave most of the conflict come first, so that it does not end as a hairline with many members.
_MARGINS = (0.5, 0.1, 0.01, 1e-3, 0.0)
#: Families with fewer rows are left to the deletion filter.
_SMALL = 50
#: Share of a row's largest term from which a variable weighs in it, and how many such steps are followed.
_DOMINANT, _STEPS = 0.25, 8
#: Shares of the largest part in a proof above which limits are tried by themselves, and how many of them at most.
_WEIGHTY, _MANY = (1e-4, 1e-6), 600
#: How many violated rows are looked at in their neighbourhood.
_NEIGHBOURS = 15


@dataclass(frozen=True, eq=False)
class Found:
    """Rows of the conflict, how far each alone must give way to end it, Farkas vector, whether all was checked."""

    rows: list[int]
    relax_by: list[float]
    dual: np.ndarray
    irreducible: bool


class Search:
    """The search over one problem; `soft` rows may be members, the others are held."""

    def __init__(
        self,
        problem: Problem,
        rows: Sequence[Row],
        soft: np.ndarray,
        say: Callable[[str], None],
        hint: np.ndarray | None = None,
    ) -> None:
        self.problem, self.rows, self.soft, self.say, self.hint = problem, rows, soft, say, hint
        self.size = row_sizes(problem)
        self.name = np.array([r.name for r in rows])
        self.code = np.array([r.code for r in rows])

    def run(self, first: Answer) -> Found | None:
        """Find one irreducible conflict, given the least relaxation of all limits (its cost above zero)."""
        violated = np.flatnonzero(self.soft & (first.amount > TOLERANCE * 1e-2 * self.size))
        if self.problem.shape[0] <= _LARGE:
            return self._delete(self.soft)
        near = self._around(violated)
        near = self._near(violated) if near is None else near
        if near is None and self.hint is not None:
            near = self._weighty(self.hint)
        found = self._delete(self._families(self._support(first.dual, self.soft)) if near is None else near)
        if found is None:
            self.say("searching all limits")
            found = self._delete(self.soft)
        return found

    def _without(self, active: np.ndarray) -> tuple[Problem, np.ndarray]:
        keep = np.flatnonzero(~self.soft | active)
        p = self.problem
        only = Coefficients(p.matrix[keep])
        return replace(p, coefficients=only, row_lower=p.row_lower[keep], row_upper=p.row_upper[keep]), keep

    def _clash(self, active: np.ndarray) -> bool:
        """Whether laws and active limits clash, in the word of a quick solve (checked later)."""
        problem, _ = self._without(active)
        options = Options("auto", time_limit=20.0, crossover=False)
        return maximise(problem, np.zeros(problem.shape[1]), options).status == "infeasible"

    def _support(self, dual: np.ndarray, within: np.ndarray) -> np.ndarray:
        part = np.abs(dual) * self.size
        return np.asarray(within & (part > _NOISE * part.max(initial=0.0)))

    def _around(self, violated: np.ndarray) -> np.ndarray | None:
        """Limits that clash by themselves among those reached from what gave way through dominant terms only.

        From housing to the output of dwellings, their capacity, their building: the chain a planner would
        follow. Each step goes from rows to the variables that weigh in them, and on to the rows where these do.
        """
        weight = abs(self.problem.matrix.multiply(self.problem.scale[None, :])).tocsr()
        largest = np.maximum(np.asarray(weight.max(axis=1).todense()).ravel(), 1e-300)
        link = weight.multiply(1 / largest[:, None]).tocsr()
        link.data = (link.data >= _DOMINANT).astype(float)
        reached = np.zeros(self.soft.size, dtype=bool)
        reached[violated] = True
        steps: list[np.ndarray] = []
        for _ in range(_STEPS):
            more = reached | (link @ (link.T @ reached.astype(float)) > 0)
            if more.sum() == reached.sum():
                break
            reached = more
            steps.append(self.soft & reached)
        self.say("following the chain from what must give way")
        if not steps or not self._clash(steps[-1]):
            return None
        # each step holds the one before: the first that clashes is found by halving
        first, last = 0, len(steps) - 1
        while first < last:
            middle = (first + last) // 2
            first, last = (first, middle) if self._clash(steps[middle]) else (middle + 1, last)
        return steps[last]

    def _near(self, violated: np.ndarray) -> np.ndarray | None:
        """Limits around one product, activity or need that clash by themselves, if there are any."""
        codes = list(dict.fromkeys(self.code[r] for r in violated))[:_NEIGHBOURS]
        sets = [self.soft & (self.code == code) for code in codes]
        sets.sort(key=lambda s: int(s.sum()))
        if len(sets) > 1 and not self._clash(np.any(sets, axis=0)):
            return None  # not even all of them together
        for near, code in ((s, self.code[s][0]) for s in sets if s.any()):
            self.say(f"looking at the limits of {code}")
            if self._clash(near):
                return near
        return None

    def _weighty(self, proof: np.ndarray) -> np.ndarray | None:
        """Limits that weigh most in a proof and clash by themselves; None if they are no small part of all.

        The interior point proves with every limit that could play a part, but those that matter weigh most.
        """
        part = np.abs(proof) * self.size * self.soft
        for share in _WEIGHTY:
            active = self.soft & (part > share * part.max(initial=0.0))
            if active.sum() > _MANY:
                break
            self.say(f"looking at the {active.sum()} limits that weigh most")
            if self._clash(active):
                return active
        return None

    def _families(self, support: np.ndarray) -> np.ndarray:
        """Drop whole families as long as the rest still clashes: large families of rates only."""
        active = self.soft & np.isin(self.name, np.unique(self.name[support]))
        counts = Counter(self.name[active].tolist())
        for family in sorted(counts, key=lambda f: -counts[f]):
            if family in ASKED or counts[family] < _SMALL:
                continue
            rest = active & (self.name != family)
            self.say(f"without {family.replace('_', ' ')}?")
            if rest.any() and self._clash(rest):
                active = rest
        return active

    def _delete(self, active: np.ndarray) -> Found | None:
        """Deletion filter over groups of years, then rows; the duals drop what is not needed on the way."""
        while True:
            problem, keep = self._without(active)
            model = Elastic(problem, active[keep])
            answer = self._ask(model, keep, active)
            if answer is None or answer.cost <= TOLERANCE:
                return None
            before, active = active, self._support(answer.dual, active)
            if active.sum() > 0.7 * before.sum():
                break
        part = np.abs(answer.dual) * self.size
        order = sorted(np.flatnonzero(active).tolist(), key=lambda r: (self.name[r] in ASKED, part[r]))
        groups: dict[tuple[str, str], list[int]] = {}
        for r in order:
            groups.setdefault((self.rows[r].name, self.rows[r].label), []).append(r)
        self.say(f"choosing among {len(order)} limits")
        # a row can come up twice: with its years, and alone
        trials = [*(g for g in groups.values() if len(g) > 1), *([r] for r in order)]
        left = np.full(len(trials), np.inf)  # what would be left of the conflict without each: it only shrinks
        for share in _MARGINS:
            enough = max(share * answer.cost, TOLERANCE)
            for k in np.flatnonzero(left > enough):
                if not active[trials[k]].any():
                    left[k] = 0.0
                    continue
                rest = active.copy()
                rest[trials[k]] = False
                found = self._ask(model, keep, rest)
                left[k] = 0.0 if found is None else found.cost
                if found is not None and found.cost > enough:
                    active = self._support(found.dual, rest)
        return self._finish(active)

    def _ask(
        self, model: Elastic, keep: np.ndarray, active: np.ndarray, most: np.ndarray | None = None
    ) -> Answer | None:
        """Least relaxation with a price on active rows only, on the rows of the whole problem."""
        answer = model.solve(active[keep].astype(float), np.inf if most is None else most[keep])
        if answer is None:
            return None
        m = self.size.size
        amount, dual = np.zeros(m), np.zeros(m)
        amount[keep], dual[keep] = answer.amount, answer.dual
        return Answer(answer.cost, amount, answer.values, dual)

    def _possible(self, active: np.ndarray, values: np.ndarray) -> bool:
        """Whether laws and these limits allow a plan: the values at hand, or those of a solve of its own."""
        problem, _ = self._without(active)
        if primal_residuals(problem, values).max(initial=0.0) <= _MET:
            return True
        raw = maximise(problem, np.zeros(problem.shape[1]), Options("auto", time_limit=20.0))
        values = np.clip(raw.values, problem.lower, problem.upper)
        return raw.status == "optimal" and bool(primal_residuals(problem, values).max(initial=0.0) <= _MET)

    def _finish(self, active: np.ndarray) -> Found | None:
        """Prove the members, and solve without each of them."""
        problem, keep = self._without(active)
        model = Elastic(problem, active[keep])
        proof = self._ask(model, keep, active)
        if proof is None or proof.cost <= TOLERANCE:
            return None
        members = np.flatnonzero(active).tolist()
        members.sort(key=lambda r: (self.name[r] not in ASKED, self.name[r], self.rows[r].label, self.rows[r].year))
        relax, sound = [], True
        for r in members:
            alone = np.zeros(self.size.size, dtype=bool)
            alone[r] = True
            try:
                way = self._ask(model, keep, alone, np.where(active & ~alone, 0.0, np.inf))
            except LimitReached:
                way = None
            if way is None:
                relax.append(float("nan"))
                sound = False
                continue
            relax.append(float(way.amount[r]))
            sound = sound and self._possible(active & ~alone, way.values)
        return Found(members, relax, proof.dual, sound)
