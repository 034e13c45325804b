"""The interior point: Mehrotra's predictor and corrector, Gondzio's correctors, for reduced programs.

Several plans over one matrix are solved at once; each has its own step lengths and stops by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import numpy as np

from lustrum.solving.staircase.device import ONE_THREAD, Machine
from lustrum.solving.staircase.iterate import FINEST, MOST, Iterate, StartingPoint, StepDirection, step_length
from lustrum.solving.staircase.kernels import Team, dot, take, threads
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.reduced_program import ReducedLimits, ReducedProgram
from lustrum.solving.staircase.structure import analyse

#: A solve with a larger relative residual is repeated with more regularisation.
SOUND = 1e-6
#: The first slacks and duals as a share of what Mehrotra's rule gives: values of a plan scaled by its base year are
#: near their optimum already. If the iterations stall, they restart from Mehrotra's point.
CLOSER, MEHROTRA = 0.1, 1.0
#: Dense matrices with fewer rows are too little work for several threads: up to here (400 sectors over five years) they
#: gain nothing, and waiting for each other costs more if the machine has other work.
SHARED_FROM = 1_000
#: Gondzio's correctors, at most.
CORRECTORS = 3
#: Steps after convergence while the certificate is not yet as good as wanted; steps without progress before stopping.
EXTRA, PATIENCE = 8, 12
#: After a warm start fewer steps without progress are allowed: there may be no plan, and nothing there would show it.
WARM_PATIENCE = 6
#: After this many steps without progress the regularisation is reduced, if solves have at most this relative residual.
CRAWL, EXACT = 2, 1e-10
#: A point is scored from this multiple of the tolerance on; one with a score up to ACCEPTABLE is an optimum.
NEAR, ACCEPTABLE = 100.0, 100.0
#: Multipliers are tried as a proof of infeasibility if the relative gap is above this, and a step has left more than
#: this share of the primal residual.
OPEN_GAP, NOT_REDUCED = 0.5, 0.7
#: Reasons of an outcome: the multipliers prove that there is no plan; the iterations stalled.
REFUTED, STALLED = "no plan", "no progress"

#: Distance of a plan's values and multipliers from what is wanted, on the problem they are for; up to 1 is good enough.
Score = Callable[[int, np.ndarray, np.ndarray], float]
#: Whether multipliers prove that a plan's problem has no solution.
Refute = Callable[[int, np.ndarray, np.ndarray], bool]


@dataclass(frozen=True)
class StoppingCriteria:
    """When to stop.

    Attributes
    ----------
    tolerance, max_iterations, seconds
        Of relative residuals; limits.
    trace
        Called with a line for each iteration.
    score
        If given, it decides, and the point with the best score is returned.
    refute
        If given, it is asked where there may be no plan; if it agrees, the reason is REFUTED, and the multipliers
        returned are the proof.
    """

    tolerance: float = 1e-9
    max_iterations: int = 120
    seconds: float = 600.0
    trace: Callable[[str], None] | None = None
    score: Score | None = None
    refute: Refute | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where the iterations of one plan ended: u, y, relative residuals and gap, iterations, and why."""

    u: np.ndarray
    y: np.ndarray
    primal: float
    dual: float
    gap: float
    iterations: int
    optimal: bool
    reason: str

    @property
    def decided(self) -> bool:
        """Whether the question is answered."""
        return self.optimal or self.reason == REFUTED


class IpmSolver:
    """A reduced program with what is found once for it: structure, factor, and the first optimum.

    It solves for other limits too, as long as these are finite, equal and fixed in the same places.
    """

    def __init__(self, reduced: ReducedProgram, machine: Machine = ONE_THREAD) -> None:
        self.reduced, self.machine = reduced, machine
        self.factor = KktFactor(analyse(reduced), reduced.matrix, 1, machine.space)
        self.first_optimum: StartingPoint | None = None

    def solve(
        self, limits: ReducedLimits, criteria: StoppingCriteria, near: StartingPoint | None = None
    ) -> list[Outcome]:
        """Solve for several plans at once.

        They begin near the given point or the first optimum of an earlier call, if there is one; if that fails, from
        nothing.
        """
        until = time.perf_counter() + criteria.seconds
        count = limits.cost.shape[0]
        found: dict[int, Outcome] = {}
        first = near or self.first_optimum
        starts: list[float | StartingPoint] = [CLOSER, MEHROTRA] if first is None else [first, CLOSER, MEHROTRA]
        with work_threads(self.machine, self.factor) as team:
            for start in starts:
                plans = [k for k in range(count) if k not in found or not found[k].decided]
                if start == MEHROTRA:
                    plans = [k for k in plans if found[k].reason == STALLED]
                if plans:
                    for k, o in IpmRun(self.factor, limits, criteria, until, np.array(plans)).run(start, team).items():
                        found[k] = replace(o, iterations=o.iterations + (found[k].iterations if k in found else 0))
        if self.first_optimum is None:
            self.first_optimum = next((StartingPoint(o.u, o.y) for o in found.values() if o.optimal), None)
        return [found[k] for k in range(count)]


def work_threads(machine: Machine, factor: KktFactor) -> AbstractContextManager[Team]:
    """The threads that a factor is worth."""
    return threads(machine.threads if factor.widest >= SHARED_FROM else 1)


def interior_point(
    program: ReducedProgram,
    criteria: StoppingCriteria,
    machine: Machine = ONE_THREAD,
    near: StartingPoint | None = None,
) -> Outcome:
    """Solve one reduced program."""
    return IpmSolver(program, machine).solve(ReducedLimits.of(program), criteria, near)[0]


@dataclass(eq=False)
class _History:
    """How one plan has developed: its best point and score, lowest residuals, and steps counted."""

    plan: int
    best: Outcome
    score: float = np.inf
    lowest: np.ndarray = field(default_factory=lambda: np.full(3, np.inf))
    stalled: int = 0
    extra: int = 0
    converged: bool = False


class IpmRun:
    """One run of the iterations, for the plans numbered `plans`."""

    def __init__(
        self, factor: KktFactor, limits: ReducedLimits, criteria: StoppingCriteria, until: float, plans: np.ndarray
    ) -> None:
        self.criteria, self.until = criteria, until
        self.at = at = Iterate(factor, limits.some(plans))
        none = Outcome(np.zeros(at.n), np.zeros(at.m), np.inf, np.inf, np.inf, 0, False, "")
        self.histories = [_History(int(k), none) for k in plans]

    def run(self, start: float | StartingPoint, team: Team) -> dict[int, Outcome]:
        """Iterate from a starting point, or from a share of Mehrotra's."""
        found: dict[int, Outcome] = {}
        at = self.at
        self.patience = WARM_PATIENCE if isinstance(start, StartingPoint) else PATIENCE
        team.adjust()
        with np.errstate(all="ignore"):
            if isinstance(start, StartingPoint):
                at.warm_start(start)
            else:
                at.start(start)
            self.lost = np.zeros(at.plans, dtype=bool)
            for k in range(self.criteria.max_iterations + 1):
                team.adjust()
                at.update_residuals()
                measures = at.measures()
                if self.criteria.trace:
                    self._trace(self.criteria.trace, k, measures)
                ended = [self._check(row, k, measures[row]) for row in range(at.plans)]
                going = np.array([reason is None for reason in ended])
                for history, reason in zip(self.histories, ended, strict=True):
                    if reason is not None:
                        found[history.plan] = replace(history.best, reason=reason)
                if not going.any():
                    break
                if not going.all():
                    plans = np.flatnonzero(going)
                    at.keep(plans)
                    self.histories = [self.histories[row] for row in plans]
                self._step()
        return found

    def _trace(self, trace: Callable[[str], None], k: int, measures: np.ndarray) -> None:
        at = self.at
        for row, history in enumerate(self.histories):
            primal, dual, gap = measures[row]
            trace(
                f"{k:3d} plan {history.plan} {at.objective[row]: .10e} p {primal:.1e} d {dual:.1e} "
                f"gap {gap:.1e} mu {at.mu[row]:.1e} err {at.factor.residual[row]:.0e} "
                f"reg {at.regularisation[row]:.0e}"
            )

    def _check(self, row: int, k: int, measures: np.ndarray) -> str | None:
        """Score the point of a plan; the reason why it ends here, or None."""
        at, criteria, history = self.at, self.criteria, self.histories[row]
        primal, dual, gap = measures.tolist()
        worst = float(measures.max())
        if not np.isfinite(worst):
            return "numbers out of range"
        now = np.array([primal, dual, at.mu[row]])
        if (now < 0.7 * history.lowest).any():
            history.stalled = 0
        missed = primal > max(NOT_REDUCED * history.lowest[0], NEAR * criteria.tolerance)
        history.lowest = np.minimum(history.lowest, now)
        u, y = at.u[row], at.y[row]
        near = criteria.score is not None and worst <= NEAR * criteria.tolerance
        score = criteria.score(history.plan, u, y) if criteria.score and near else 1e6 * worst / criteria.tolerance
        if score < history.score:
            good = score <= ACCEPTABLE if near else worst <= criteria.tolerance
            history.score = score
            history.best = Outcome(u.copy(), y.copy(), primal, dual, gap, k, good, "")
        if score <= 1 or (criteria.score is None and worst <= criteria.tolerance):
            return ""
        history.converged = history.converged or worst <= criteria.tolerance
        history.extra += history.converged or history.best.optimal
        history.stalled += 1
        if criteria.refute and missed and gap > OPEN_GAP and criteria.refute(history.plan, u, y):
            history.best = Outcome(u.copy(), y.copy(), primal, dual, gap, k, False, "")
            return REFUTED
        if history.stalled > CRAWL and at.factor.residual[row] <= EXACT:
            at.least[row] = max(FINEST, 0.1 * at.least[row])
            at.regularisation[row] = min(at.regularisation[row], at.least[row])
        if self.lost[row]:
            return "core not positive definite"
        if history.extra > EXTRA:
            return "as good as it gets"
        if history.stalled > self.patience:
            return STALLED
        if k >= criteria.max_iterations:
            return "iterations"
        return "time" if time.perf_counter() > self.until else None

    def _predictor(self) -> tuple[StepDirection, np.ndarray]:
        """Factorise, with more regularisation if solves are inaccurate; the affine direction, and plans without one."""
        at = self.at
        while True:
            at.factorise()
            affine = at.direction(-at.bounds.s * at.bounds.z)
            error, failed = at.factor.residual, at.factor.failed.copy()
            last = at.regularisation >= MOST
            bad = (failed | ~(error <= SOUND)) & ~last
            at.regularisation = np.where(bad, 10 * at.regularisation, at.regularisation)
            if not bad.all():  # the plans that are not sound take no step this time
                break
        self.lost = failed & last
        sound = (error <= 1e-3 * SOUND) & ~bad
        lower = np.maximum(at.least, 0.3 * at.regularisation)
        at.regularisation = np.where(sound, lower, at.regularisation)
        return affine, bad | failed

    def _step(self) -> None:
        """Predictor, corrector and Gondzio's correctors, and a step along their sum."""
        at = self.at
        b = at.bounds
        affine, still = self._predictor()
        rates = at.decrease(affine)
        p, q = self._lengths(rates)
        after = dot(b.s + p[:, None] * affine.s, b.z + q[:, None] * affine.z)
        sigma = np.clip((after / at.count / np.maximum(at.mu, 1e-300)) ** 3, 1e-6, 1.0)
        converged = np.array([history.converged for history in self.histories])
        floor = np.where(converged, 0.003, 0.1) * self.criteria.tolerance * (1e-3 + np.abs(at.objective)) / at.count
        target = np.maximum(sigma * at.mu, floor)[:, None]
        # second-order terms far above μ would be rounding errors of slacks near zero
        most = 100 * np.maximum(at.mu[:, None], target)
        second = at.direction(target - np.clip(affine.s * affine.z, -most, most), True)
        d, rates, p, q = self._weighted(affine, rates, second, p * q)
        going = (np.minimum(p, q) <= 0.9) & ~still
        for _ in range(CORRECTORS):
            if not going.any():
                break
            extra = at.direction(self._correction(d, p, q, target), True)
            new, faster, np_, nq = self._weighted(d, rates, extra, np.full(at.plans, 0.1))
            gained = ((np_ >= p + 0.05) | (nq >= q + 0.05)) & (np_ >= 0.95 * p) & (nq >= 0.95 * q)
            use = going & (np_ + nq > p + q)
            if use.all():
                d, rates = new, faster
            elif use.any():
                d = StepDirection(*(np.where(use[:, None], x, y) for x, y in zip(new, d, strict=True)))
                rates = np.where(use[:, None], faster, rates)
            p, q = np.where(use, np_, p), np.where(use, nq, q)
            going &= gained & (np.minimum(p, q) <= 0.9)
        short = np.minimum(p, q)
        keep = np.where(short > 0.5, np.maximum(0.9, 1 - np.maximum(at.mu, 1e-6)), 0.9)
        keep = np.minimum(np.maximum(keep, np.where(short > 0.9, 0.995, 0.95)), 0.9999)
        p, q = np.minimum(1.0, keep * p), np.minimum(1.0, keep * q)
        if still.any():
            p, q = np.where(still, 0.0, p), np.where(still, 0.0, q)
            d = StepDirection(*(np.where(still[:, None], 0.0, x) for x in d))
        at.step(d, p, q)

    def _correction(self, d: StepDirection, p: np.ndarray, q: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Gondzio's correction: what the products at a longer step lack to come near the target."""
        wp, wd = (np.minimum(1.0, 1.5 * x + 0.3)[:, None] for x in (p, q))
        product = (self.at.bounds.s + wp * d.s) * (self.at.bounds.z + wd * d.z)
        return np.maximum(np.clip(product, 0.1 * target, 10 * target) - product, -10 * target)

    def _lengths(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Longest steps of slacks and of duals."""
        half = self.at.bounds.at.size
        return step_length(rates[:, :half]), step_length(rates[:, half:])

    def _weighted(
        self, first: StepDirection, a: np.ndarray, second: StepDirection, least: np.ndarray
    ) -> tuple[StepDirection, np.ndarray, np.ndarray, np.ndarray]:
        """first + weight · second, with the weight that allows the longest steps (Colombo and Gondzio 2008).

        Parameters
        ----------
        a
            Relative decrease (`Iterate.decrease`) along the first.
        least
            The smallest weight.

        Returns
        -------
        tuple
            The sum, its relative decrease, its primal and its dual step length.
        """
        b = self.at.decrease(second)
        most = np.maximum(b, 0.0)
        most += a
        near = np.flatnonzero((most > 1).any(axis=0))  # the others limit no step, whatever the weight
        split = int(np.searchsorted(near, self.at.bounds.at.size))
        near_a, near_b = take(a, near), take(b, near)
        least = np.clip(least, 0.05, 1.0)
        best = np.full(self.at.plans, -np.inf)
        weight, ap, ad = (np.zeros(self.at.plans) for _ in range(3))
        for share in np.linspace(1.0, 0.0, 6):
            w = least + share * (1 - least)
            rate = near_a + w[:, None] * near_b
            p, q = step_length(rate[:, :split]), step_length(rate[:, split:])
            better = (p * q > 1.02 * best) & ~(best > 0.9)
            best, weight = np.where(better, p * q, best), np.where(better, w, weight)
            ap, ad = np.where(better, p, ap), np.where(better, q, ad)
            if (best > 0.9).all():
                break
        by = weight[:, None]
        return StepDirection(*(x + by * y for x, y in zip(first, second, strict=True))), a + by * b, ap, ad
