"""Write the tables of docs/default-plans.md: how the default plans of the embedded economies are judged.

    python -m tools.build_plan_docs

All figures follow from the accounts and the plan files; a test holds them to the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tools.build_imported_docs import fill, markdown
from tools.judged_plans import NAMES, History, Judged, default_plan, history, judge

PAGE = Path(__file__).resolve().parents[1] / "docs" / "default-plans.md"
#: Classification of the United States of 2015-2019 that stands beside each plan.
BESIDE = {"us-2019": "us-2019", "us-2019-16": "us-2019-16"}


def percent(values: Sequence[float] | np.ndarray, digits: int = 1) -> str:
    """Growth or shares in per cent, in a row."""
    return " ".join(f"{0.0 if abs(v) < 5e-3 / 10**digits else 100 * v:.{digits}f}" for v in np.asarray(values).tolist())


def quantiles(by_year: np.ndarray) -> list[str]:
    """A cell for each year: 10/50/90 % of the labels."""
    return [percent(column).replace(" ", " / ") for column in by_year.T]


def pace(judged: Mapping[str, Judged], past: Mapping[str, History]) -> str:
    """Spread by year of each plan, and of the United States."""
    years = [f"year {t}" for t in range(1, 6)]
    rows: list[list[str]] = []
    for name, j in judged.items():
        rows.append([name, "output by activity", *quantiles(j.output)])
        rows.append(["", "investment by activity", *quantiles(j.sectors)])
        rows.append(["", "investment by asset and activity", *quantiles(j.pairs)])
        for what, series in (
            ("all output", j.total_output),
            ("all investment", j.total_investment),
            ("consumption per head", j.consumption),
        ):
            rows.append(["", what, *(percent([v]) for v in series.tolist())])
    for name, h in past.items():
        rows.append([f"US 2015-2019, as {name}", "output by activity", *quantiles(h.output)])
        rows.append(["", "investment by activity", *quantiles(h.sectors)])
        rows.append(["", "investment by asset and activity", *quantiles(h.pairs)])
    return markdown(("economy", "growth, %", *years), rows)


def shape(judged: Mapping[str, Judged], past: Mapping[str, History]) -> str:
    """Bands, kinks, close, trade, labour and certificate, one row a measure."""

    def row(words: str, of: Sequence[str], beside: Sequence[str] = ("", "")) -> list[str]:
        return [words, *of, *beside]

    js, hs = list(judged.values()), list(past.values())
    return markdown(
        ("measure", *judged, *(f"US 2015-2019, as {n}" for n in past)),
        [
            row(
                "outputs on their band 3 years or more, % (US: beyond it)",
                [percent([j.stuck_outputs]) for j in js],
                [percent([h.stuck_outputs]) for h in hs],
            ),
            row(
                "(asset, activity) pairs the same, %",
                [percent([j.stuck_pairs]) for j in js],
                [percent([h.stuck_pairs]) for h in hs],
            ),
            row("share of these pairs in base investment, %", [percent([j.stuck_weight]) for j in js]),
            row("pairs on their band by year, %", [percent(j.bound_pairs, 0) for j in js]),
            row("lowest growth of all investment, %", [percent([j.total_investment.min()]) for j in js]),
            row("investment by asset: lowest and highest growth, %", [percent(_ends(j)) for j in js]),
            row("kink of the second year, points", [percent([j.first_kink]) for j in js]),
            row("kink of the last year, points", [percent([j.last_kink]) for j in js]),
            row("output, growth a year, %", [percent([j.made]) for j in js]),
            row("assets from opening to close, growth a year, %", [_stocks(j) for j in js]),
            row("trade deficit by year, % of base exports", [percent(j.deficit) for j in js]),
            row("labour used by year, %", [percent(j.labour) for j in js]),
            row("certificate, largest figure at most", [_certificate(j.certificate) for j in js]),
        ],
    )


def _ends(j: Judged) -> tuple[float, float]:
    every = np.concatenate(list(j.assets.values()))
    return float(every.min()), float(every.max())


def _stocks(j: Judged) -> str:
    return ", ".join(f"{a} {percent([g])}" for a, g in j.stocks.items())


def _certificate(figure: float) -> str:
    return next(f"1e-{k}" for k in (9, 8, 7, 6) if figure <= 10.0**-k)


def limits(judged: Mapping[str, Judged]) -> str:
    """The five strongest limits of each plan."""
    return markdown(("economy", *"12345"), [[name, *j.limits] for name, j in judged.items()])


def tables(judged: Mapping[str, Judged]) -> dict[str, str]:
    """The text of each marked table."""
    past = {name: history(name) for name in BESIDE.values()}
    return {"pace": pace(judged, past), "shape": shape(judged, past), "limits": limits(judged)}


def main() -> None:
    """Solve the four plans and write the page."""
    judged = {name: judge(default_plan(name)) for name in NAMES}
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), tables(judged)), encoding="utf-8")


if __name__ == "__main__":
    main()
