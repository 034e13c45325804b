"""A primal-dual interior point for reduced programs: Mehrotra's predictor and corrector, Gondzio's correctors.

Several plans over one matrix go through at once; each has its own steps and stops by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from lustrum.solving.staircase.bounds import REFUTED, Outcome, longest
from lustrum.solving.staircase.device import ONE_THREAD, Machine
from lustrum.solving.staircase.kernels import Team, dot, take, threads
from lustrum.solving.staircase.kkt import KktFactor
from lustrum.solving.staircase.point import FINEST, HIGHEST, Direction, Guess, Point
from lustrum.solving.staircase.reduced_program import ReducedLimits, ReducedProgram
from lustrum.solving.staircase.structure import analyse

#: A solve with a larger relative residual is repeated with more regularisation.
SOUND = 1e-6
#: The first slacks and prices, as a share of what Mehrotra's rule gives: figures near 1 are near their place.
#: Iterations that get stuck begin again without it.
NEARER, STUCK = 0.1, "no progress"
#: Narrower dense matrices are too little work for threads to share: they gain nothing up to here (400 sectors over
#: five years), and waiting for each other costs more when the machine has other work.
SHARED_FROM = 1_000
#: Gondzio's correctors, at most.
CORRECTORS = 3
#: Steps after convergence, while the certificate is not as good as wanted; steps without progress.
POLISH, PATIENCE = 8, 12
#: From so many steps without progress on, where solves have relative residuals up to EXACT, less is added.
CRAWL, EXACT = 2, 1e-10
#: A point is judged from this multiple of the tolerance on; one up to ENOUGH is an optimum.
NEAR, ENOUGH = 100.0, 100.0
#: Near a guess fewer steps without progress are waited for: there may be no plan, and nothing there would show it.
SOON = 6
#: Prices may show that there is no plan where they make a gap of APART and a step has brought rows no nearer.
APART, NO_NEARER = 0.5, 0.7


#: Judges values and multipliers of a plan on the problem they are for; below 1 is good enough.
Accept = Callable[[int, np.ndarray, np.ndarray], float]
#: Whether multipliers prove that a plan's problem has no solution.
Refute = Callable[[int, np.ndarray, np.ndarray], bool]


@dataclass(frozen=True)
class Aim:
    """When to stop: relative residuals, iterations, seconds; `accept` has the last word, and the best point by it is
    returned. So does `refute` where there may be no plan: the multipliers returned are its proof then, and the reason
    is REFUTED. `trace` gets a line an iteration."""

    tolerance: float = 1e-9
    limit: int = 120
    seconds: float = 600.0
    trace: Callable[[str], None] | None = None
    accept: Accept | None = None
    refute: Refute | None = None


class Program:
    """A reduced program with what is found once for it: structure, factor, and the first optimum.

    Other limits may be put on it, as long as they are finite, equal and shut in the same places.
    """

    def __init__(self, reduced: ReducedProgram, machine: Machine = ONE_THREAD) -> None:
        self.reduced, self.machine = reduced, machine
        self.factor = KktFactor(analyse(reduced), reduced.matrix, 1, machine.space)
        self.near: Guess | None = None

    def solve(self, sides: ReducedLimits, aim: Aim, near: Guess | None = None) -> list[Outcome]:
        """Solve for several sides at once: near a guess, or the first optimum of an earlier call, where there
        is one; then from nothing."""
        until = time.perf_counter() + aim.seconds
        count = sides.cost.shape[0]
        found: dict[int, Outcome] = {}
        first = near or self.near
        starts: list[float | Guess] = [NEARER, 1.0] if first is None else [first, NEARER, 1.0]
        with threads(self.machine.threads if self.factor.widest >= SHARED_FROM else 1) as team:
            for start in starts:
                plans = [k for k in range(count) if k not in found or not found[k].ended]
                if start == 1.0:
                    plans = [k for k in plans if found[k].reason == STUCK]
                if plans:
                    for k, o in _Walk(self, sides, aim, until, np.array(plans)).run(start, team).items():
                        found[k] = replace(o, iterations=o.iterations + (found[k].iterations if k in found else 0))
        if self.near is None:
            self.near = next((Guess(o.u, o.y) for o in found.values() if o.optimal), None)
        return [found[k] for k in range(count)]


def interior_point(
    problem: ReducedProgram, aim: Aim, machine: Machine = ONE_THREAD, near: Guess | None = None
) -> Outcome:
    """Solve one reduced program."""
    return Program(problem, machine).solve(ReducedLimits.of(problem), aim, near)[0]


@dataclass(eq=False)
class _Course:
    """How one plan has come along."""

    plan: int
    best: Outcome
    judged: float = np.inf
    lowest: np.ndarray = field(default_factory=lambda: np.full(3, np.inf))
    stalled: int = 0
    polished: int = 0
    polishing: bool = False


class _Walk:
    """The iterations of the plans numbered `plans`."""

    def __init__(self, program: Program, sides: ReducedLimits, aim: Aim, until: float, plans: np.ndarray) -> None:
        self.program, self.aim, self.until = program, aim, until
        self.at = point = Point(program.factor, sides.some(plans))
        none = Outcome(np.zeros(point.n), np.zeros(point.m), np.inf, np.inf, np.inf, 0, False, "")
        self.courses = [_Course(int(k), none) for k in plans]

    def run(self, start: float | Guess, team: Team) -> dict[int, Outcome]:
        found: dict[int, Outcome] = {}
        at = self.at
        self.patience = SOON if isinstance(start, Guess) else PATIENCE
        team.adjust()
        with np.errstate(all="ignore"):
            if isinstance(start, Guess):
                at.begin_near(start)
            else:
                at.start(start)
            self.lost = np.zeros(at.plans, dtype=bool)
            for k in range(self.aim.limit + 1):
                team.adjust()
                at.residuals()
                measures = at.measures()
                if self.aim.trace:
                    self._tell(k, measures)
                ended = [self._watch(row, k, measures[row]) for row in range(at.plans)]
                going = np.array([reason is None for reason in ended])
                for course, reason in zip(self.courses, ended, strict=True):
                    if reason is not None:
                        found[course.plan] = replace(course.best, reason=reason)
                if not going.any():
                    break
                if not going.all():
                    plans = np.flatnonzero(going)
                    at.keep(plans)
                    self.courses = [self.courses[row] for row in plans]
                self._step()
        return found

    def _tell(self, k: int, measures: np.ndarray) -> None:
        at = self.at
        for row, course in enumerate(self.courses):
            primal, dual, gap = measures[row]
            assert self.aim.trace is not None
            self.aim.trace(
                f"{k:3d} plan {course.plan} {at.objective[row]: .10e} p {primal:.1e} d {dual:.1e} "
                f"gap {gap:.1e} mu {at.mu[row]:.1e} err {at.factor.residual[row]:.0e} "
                f"reg {at.regular[row]:.0e}"
            )

    def _watch(self, row: int, k: int, measures: np.ndarray) -> str | None:
        """Judge the point of a plan; the reason for which it ends here, None where it goes on."""
        at, aim, course = self.at, self.aim, self.courses[row]
        worst = float(measures.max())
        if not np.isfinite(worst):
            return "numbers out of range"
        now = np.array([measures[0], measures[1], at.mu[row]])
        if (now < 0.7 * course.lowest).any():
            course.stalled = 0
        missed = now[0] > max(NO_NEARER * course.lowest[0], NEAR * aim.tolerance)
        course.lowest = np.minimum(course.lowest, now)
        near = aim.accept is not None and worst <= NEAR * aim.tolerance
        judged = aim.accept(course.plan, at.u[row], at.y[row]) if aim.accept and near else 1e6 * worst / aim.tolerance
        if judged < course.judged:
            good = judged <= ENOUGH if near else worst <= aim.tolerance
            primal, dual, gap = measures.tolist()
            course.judged = judged
            course.best = Outcome(at.u[row].copy(), at.y[row].copy(), primal, dual, gap, k, good, "")
        if judged <= 1 or (aim.accept is None and worst <= aim.tolerance):
            return ""
        course.polishing = course.polishing or worst <= aim.tolerance
        course.polished += course.polishing or course.best.optimal
        course.stalled += 1
        if aim.refute and missed and measures[2] > APART and aim.refute(course.plan, at.u[row], at.y[row]):
            primal, dual, gap = measures.tolist()
            course.best = Outcome(at.u[row].copy(), at.y[row].copy(), primal, dual, gap, k, False, "")
            return REFUTED
        if course.stalled > CRAWL and at.factor.residual[row] <= EXACT:
            at.lowest[row] = max(FINEST, 0.1 * at.lowest[row])
            at.regular[row] = min(at.regular[row], at.lowest[row])
        if self.lost[row]:
            return "core not positive definite"
        if course.polished > POLISH:
            return "as good as it gets"
        if course.stalled > self.patience:
            return STUCK
        if k >= aim.limit:
            return "iterations"
        return "time" if time.perf_counter() > self.until else None

    def _predictor(self) -> tuple[Direction, np.ndarray]:
        """Factor and affine direction, with more regularisation where figures are lost; and which plans have none."""
        at = self.at
        while True:
            at.weigh()
            affine = at.direction(-at.bounds.s * at.bounds.z)
            error, failed = at.factor.residual, at.factor.failed.copy()
            last = at.regular >= HIGHEST
            bad = (failed | ~(error <= SOUND)) & ~last
            at.regular = np.where(bad, 10 * at.regular, at.regular)
            if not bad.all():  # where some are sound, the others stand still for this step
                break
        self.lost = failed & last
        sound = (error <= 1e-3 * SOUND) & ~bad
        at.regular = np.where(sound, np.maximum(at.lowest, 0.3 * at.regular), at.regular)
        return affine, bad | failed

    def _step(self) -> None:
        at = self.at
        b = at.bounds
        affine, still = self._predictor()
        rates = at.rates(affine)
        p, q = self._lengths(rates)
        after = dot(b.s + p[:, None] * affine[3], b.z + q[:, None] * affine[4])
        sigma = np.clip((after / at.count / np.maximum(at.mu, 1e-300)) ** 3, 1e-6, 1.0)
        polishing = np.array([course.polishing for course in self.courses])
        floor = np.where(polishing, 0.003, 0.1) * self.aim.tolerance * (1e-3 + np.abs(at.objective)) / at.count
        target = np.maximum(sigma * at.mu, floor)[:, None]
        # the corrector counts as much as lets the longest step through (Colombo and Gondzio 2008)
        most = 100 * np.maximum(at.mu[:, None], target)  # a slack near zero would turn more than that into rounding
        second = at.direction(target - np.clip(affine[3] * affine[4], -most, most), True)
        d, rates, p, q = self._weighted(affine, rates, second, p * q)
        going = (np.minimum(p, q) <= 0.9) & ~still
        for _ in range(CORRECTORS):
            if not going.any():
                break
            extra = at.direction(self._correction(d, p, q, target), True)
            new, faster, np_, nq = self._weighted(d, rates, extra, np.full(at.plans, 0.1))
            gained = ((np_ >= p + 0.05) | (nq >= q + 0.05)) & (np_ >= 0.95 * p) & (nq >= 0.95 * q)
            take = going & (np_ + nq > p + q)
            if take.all():
                d, rates = new, faster
            elif take.any():
                d = tuple(np.where(take[:, None], x, y) for x, y in zip(new, d, strict=True))
                rates = np.where(take[:, None], faster, rates)
            p, q = np.where(take, np_, p), np.where(take, nq, q)
            going &= gained & (np.minimum(p, q) <= 0.9)
        short = np.minimum(p, q)
        keep = np.where(short > 0.5, np.maximum(0.9, 1 - np.maximum(at.mu, 1e-6)), 0.9)
        keep = np.minimum(np.maximum(keep, np.where(short > 0.9, 0.995, 0.95)), 0.9999)
        p, q = np.minimum(1.0, keep * p), np.minimum(1.0, keep * q)
        if still.any():
            p, q = np.where(still, 0.0, p), np.where(still, 0.0, q)
            d = tuple(np.where(still[:, None], 0.0, x) for x in d)
        at.move(d, p, q)

    def _correction(self, d: Direction, p: np.ndarray, q: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Gondzio's: what products at a longer step would have to gain to come near the target."""
        wp, wd = (np.minimum(1.0, 1.5 * x + 0.3)[:, None] for x in (p, q))
        product = (self.at.bounds.s + wp * d[3]) * (self.at.bounds.z + wd * d[4])
        return np.maximum(np.clip(product, 0.1 * target, 10 * target) - product, -10 * target)

    def _lengths(self, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Longest steps of slacks and of prices."""
        half = self.at.bounds.at.size
        return longest(rates[:, :half]), longest(rates[:, half:])

    def _weighted(
        self, first: Direction, a: np.ndarray, second: Direction, least: np.ndarray
    ) -> tuple[Direction, np.ndarray, np.ndarray, np.ndarray]:
        """first + weight · second with the weight, at least `least`, that lets both steps be longest; a: rates of the
        first. With the sum's own rates and steps."""
        b = self.at.rates(second)
        most = np.maximum(b, 0.0)
        most += a
        near = np.flatnonzero((most > 1).any(axis=0))  # the others end no step, whatever the weight
        split = int(np.searchsorted(near, self.at.bounds.at.size))
        few_a, few_b = take(a, near), take(b, near)
        least = np.clip(least, 0.05, 1.0)
        best = np.full(self.at.plans, -np.inf)
        weight, ap, ad = (np.zeros(self.at.plans) for _ in range(3))
        for share in np.linspace(1.0, 0.0, 6):
            w = least + share * (1 - least)
            rate = few_a + w[:, None] * few_b
            p, q = longest(rate[:, :split]), longest(rate[:, split:])
            better = (p * q > 1.02 * best) & ~(best > 0.9)
            best, weight = np.where(better, p * q, best), np.where(better, w, weight)
            ap, ad = np.where(better, p, ap), np.where(better, q, ad)
            if (best > 0.9).all():
                break
        by = weight[:, None]
        return tuple(x + by * y for x, y in zip(first, second, strict=True)), a + by * b, ap, ad
