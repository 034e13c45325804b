"""Which limits hold the amended plan that did not hold the old one, or hold it more or less than before."""

from __future__ import annotations

from typing import Any

from lustrum.planning.plan import Plan
from lustrum.planning.summary import Limit, every_limit

#: Gains below this share of the strongest are rounding.
SMALL = 1e-4
#: How many are listed.
MOST = 12


def changed_limits(before: Plan, after: Plan) -> list[dict[str, Any]]:
    """Return limits whose strength differs between two plans, the largest difference first.

    Strength is what 1 % more room would add to the objective, by marginal values (they need not be unique). `status`:
    new (no strength before), gone, stronger, weaker.
    """
    old, new = _by_key(before), _by_key(after)
    largest = max((x.gain for x in (*old.values(), *new.values())), default=0.0)
    rows = []
    for key in {*old, *new}:
        was, now = (side[key].gain if key in side else 0.0 for side in (old, new))
        if abs(now - was) <= max(SMALL * largest, 0.01 * max(was, now)):
            continue
        none = SMALL * largest
        status = "new" if was <= none else "gone" if now <= none else "stronger" if now > was else "weaker"
        limit = new.get(key) or old[key]
        values = limit.marginal_values if key in new else {}
        rows.append(
            {
                "text": limit.text,
                "name": key[0],
                "label": " / ".join(key[1]),
                "status": status,
                "gain_before": was,
                "gain_after": now,
                "marginal_values": {str(y): v for y, v in values.items() if y is not None},
            }
        )
    rows.sort(key=lambda r: (-abs(float(str(r["gain_after"])) - float(str(r["gain_before"]))), str(r["text"])))
    return rows[:MOST]


def _by_key(plan: Plan) -> dict[tuple[str, tuple[str, ...]], Limit]:
    return {(x.family, x.labels): x for x in every_limit(plan)}
