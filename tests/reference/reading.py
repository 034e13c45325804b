"""Sums over variables that several constraints, tasks and objectives share."""

from __future__ import annotations

from tests.reference.given import Given, Terms, Var, add

from lustrum.planning.sections import Term


class Reading(Given):
    """The data of a plan, and its sums: labour spent, output made, any quantity a plan file can name."""

    def next_outputs(self, j: int, t: int) -> list[tuple[Var, float]]:
        """x_{j,t+λ} as variables with factors: also where it stands for (1+g) x_T, or is zero."""
        if t + self.lam < 1:
            return []
        if t + self.lam <= self.H:
            return [(("x", j, t + self.lam), 1.0)]
        if self.lam == 1 and self.n_post == 0 and self.rule == "growth":
            return [(("x", j, self.T), 1.0 + self.g)]
        return []

    def works(self, t: int) -> list[tuple[Var, int, float]]:
        """Building work of balance year t: (n variable, asset, φ)."""
        out: list[tuple[Var, int, float]] = []
        if t not in self.balance_years:
            return out
        for a, j in self.pairs:
            for tau, share in enumerate(self.shares[a]):
                if share > 0:
                    out.append((("n", a, j, t + tau), a, share))
        return out

    def labour_terms(self, s: int, t: int) -> Terms:
        """Labour of a skill as spent in year t."""
        out: Terms = {}
        need, work = self.labour_need(t + self.lam), self.building_labour(t)
        for j in self.activities:
            for var, factor in self.next_outputs(j, t):
                add(out, var, need[s, j] * factor)
        for var, a, share in self.works(t):
            add(out, var, share * work[s, a])
        return out

    def made(self, i: int, t: int) -> Terms:
        """(S x_t)_i."""
        out: Terms = {}
        if t in self.output_years:
            supply = self.at("supply", t)
            for j in self.activities:
                add(out, ("x", j, t), supply[i, j])
        return out

    def traded(self, flow: str, i: int, t: int) -> Terms:
        """Σ_p m or e of a product."""
        if t not in self.trade_years:
            return {}
        return {(flow, i2, p, t): 1.0 for i2, p in self.flows[flow] if i2 == i}

    def quantity(self, term: Term, t: int) -> Terms:
        """A quantity of a task or a cost in plan year t, times its factor."""
        out: Terms = {}
        factor = self.path(term.factor, t)
        if factor is None:
            return out
        for var, coefficient in self._amount(term, t).items():
            add(out, var, factor * coefficient)
        return out

    def _amount(self, term: Term, t: int) -> Terms:
        out: Terms = {}
        match term.of:
            case "output":
                for j in self.picked("activity", term.activity):
                    add(out, ("x", j, t), 1.0)
            case "production":
                for i in self.picked("product", term.product):
                    for var, c in self.made(i, t).items():
                        add(out, var, c)
            case "imports" | "exports":
                for i in self.picked("product", term.product):
                    for p in self.picked("partner", term.partner):
                        if (i, p) in self.flows[term.of]:
                            add(out, (term.of, i, p, t), 1.0)
            case "stock":
                for i in self.picked("product", term.product):
                    if self.storable[i]:
                        add(out, ("s", i, t), 1.0)
            case "investment" | "capital":
                letter = "n" if term.of == "investment" else "k"
                for a in self.picked("asset", term.asset):
                    for j in self.picked("activity", term.activity):
                        if (a, j) in self.pairs:
                            add(out, (letter, a, j, t), 1.0)
            case "consumption":
                for h in self.picked("household", term.household):
                    for g in self.picked("need", term.need):
                        add(out, ("y", h, g, t), 1.0)
            case "debt":
                if self.exchanging:
                    for r in self.picked("region", term.region):
                        add(out, ("d", r, t), 1.0)
            case "labour":
                for s in self.picked("skill", term.skill):
                    for var, c in self.labour_terms(s, t).items():
                        add(out, var, c)
            case "resource":
                rho = self.at("resource_coefficient", t)
                for q in self.picked("resource", term.resource):
                    for j in self.activities:
                        add(out, ("x", j, t), rho[q, j])
        return out


__all__ = ["Reading", "Terms", "Var", "add"]
