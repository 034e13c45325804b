"""What a change does to a plan, in sentences: for a screen, a hall, a record or a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lustrum.solving.conflict.words import figure

#: How many gainers, payers, sectors and limits are named.
FEW = 4


def told(consequences: Mapping[str, Any]) -> list[str]:
    """Return what `consequences` found as lines of words."""
    if not consequences["feasible"]:
        return told_conflict(consequences)
    if not consequences["effect"]:
        return ["This changes nothing: the plan does not use what it sets."]
    holds = "holds" if consequences["certificate"]["holds"] else "does not hold"
    return [*told_differences(consequences), f"The plan is optimal; its certificate {holds}."]


def told_conflict(consequences: Mapping[str, Any]) -> list[str]:
    """Return why there is no plan, what must give way, and how far the change alone could go."""
    if consequences["status"] != "infeasible":
        return [f"No plan was found: {consequences['words']}"]
    if not consequences["conflict"]:
        return str(consequences["words"]).splitlines()
    clash = [f"  - {c['text']}, {c['year']}" for c in consequences["conflict"]]
    advice = [f"  - {a}" for a in consequences["advice"]] or ["  - nothing that the plan file can say"]
    own = [f"  - {a}" for a in consequences["as_far_as"]]
    further = ["If only this amendment gives way:", *own] if own and own != advice else []
    return [
        "There is no such plan. These cannot be had together:",
        *clash,
        "The least that must give way:",
        *advice,
        *further,
    ]


def told_differences(tables: Mapping[str, Any]) -> list[str]:
    """Return two plans side by side (`compare.differences`) as lines of words."""
    lines = [_cost(tables["objective"])]
    for what, rows in (("needs", tables["needs"]), ("groups", tables["households"])):
        if what == "needs" or len(rows) > 1:
            lines += _sides(what, rows)
    for measure, found in tables["sectors"].items():
        if found["changed"]:
            lines.append(f"{measure.capitalize()} moves in {found['changed']} sectors: {_most(found['most'])}.")
    lines += _trade(tables["trade"])
    limits = [f"  - {x['text']} ({x['status']})" for x in tables["limits"][:FEW]]
    return [
        *lines,
        *(["What holds the plan back changes:", *limits] if limits else ["What holds the plan back does not change."]),
    ]


def _cost(objective: Mapping[str, Any]) -> str:
    change, relative = objective["change"], objective["relative"]
    if not objective["comparable"]:
        return f"There is such a plan. Its objective counts something else than before: {figure(objective['after'])}."
    if change == 0:
        return "There is such a plan, and it costs nothing: the objective stays what it was."
    way = "rises" if change > 0 else "falls"
    share = f" ({100 * relative:+.2g} %)" if relative is not None else ""
    words = (
        f"There is such a plan. The objective {way} from {figure(objective['before'])} to {figure(objective['after'])}"
    )
    return f"{words} {objective['unit']}{share}."


def _sides(what: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who gains and who pays, per head and in the mean of the years."""
    gain = [r for r in rows if r["change"] > 0][:FEW]
    pay = [r for r in reversed(rows) if r["change"] < 0][:FEW]
    if not gain and not pay:
        return [f"No {what} gain or pay."]

    def listed(some: Sequence[Mapping[str, Any]]) -> str:
        return ", ".join(f"{r['name']} {100 * r['change']:+.2g} points" for r in some) or "none"

    return [f"Gain, of the {what}: {listed(gain)}.", f"Pay, of the {what}: {listed(pay)}."]


def _most(rows: Sequence[Mapping[str, Any]]) -> str:
    largest = sorted(rows, key=lambda r: -abs(r["change"]))[:FEW]
    return ", ".join(f"{r['name']} {'+' if r['change'] > 0 else '−'}{figure(abs(r['change']))}" for r in largest)


def _trade(trade: Mapping[str, Any]) -> list[str]:
    if not trade:
        return []
    old, new = (sum(v for v in trade["balance"][side].values() if v is not None) for side in ("before", "after"))
    if abs(new - old) <= 1e-6 * max(abs(old), abs(new), 1.0):
        return ["The balance of trade over the plan stays what it was."]
    return [f"The balance of trade over the plan: {figure(new)} instead of {figure(old)}."]
