"""A counted ballot as a page: the tally and rule of a motion, or an election stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from lustrum.reporting.layout import plain_table

_OUTCOMES = {
    "adopted": "Adopted",
    "rejected": "Rejected",
    "no_quorum": "No quorum: neither adopted nor rejected",
    "elected": "Elected",
    "reballot": "Re-ballot",
    "none": "Nobody is elected",
}


def count_screen(result: Mapping[str, Any], names: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    """Yield the parts of the page.

    Parameters
    ----------
    result
        As counting gives it: `outcome`, and `tally` with `decision`, or `count` with `elected` and `contest`.
    names
        Name of each candidate.
    """
    if "tally" in result:
        yield from _motion(result)
    else:
        yield from _election(result, names, width)


def _motion(result: Mapping[str, Any]) -> Iterator[RenderableType]:
    tally, decision = result["tally"], result["decision"]
    yield (
        f"Yes {tally['yes']}, no {tally['no']}, abstain {tally['abstain']}, invalid {tally['invalid']}; "
        f"present {tally['present']} of {tally['members']} members."
    )
    if result["outcome"] == "no_quorum":
        yield f"{_OUTCOMES['no_quorum']}: {decision['took_part']} of the {decision['quorum']} needed."
        return
    tied = " A tie is no majority." if decision.get("tied") else ""
    needed = f"{decision['needed']} of {decision['of']} needed"
    yield f"{_OUTCOMES[result['outcome']]}: {decision['yes']} in favour, {needed}.{tied}"


def _election(result: Mapping[str, Any], names: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    count = result["count"]
    invalid = sum(count["invalid"].values())
    yield (
        f"{count['method']}: {count['valid']} valid, {invalid} invalid"
        + (f" ({', '.join(f'{reason} {n}' for reason, n in count['invalid'].items())})" if invalid else "")
        + "."
    )
    yield from _stages(count, names, width)
    for lot in count["lots"]:
        yield f"Lot {lot['number']} from the seed {lot['seed']!r}: {_listed(lot['drawn'], names)}"
    outcome = result["outcome"]
    if outcome == "elected":
        yield f"Elected: {_listed(result['elected'], names)}"
        return
    between = f" between {_listed(result['contest'], names)}" if result["contest"] else ""
    yield f"{_OUTCOMES[outcome]}{between}: {result['why']}."
    if result["elected"]:
        yield f"Elected so far: {_listed(result['elected'], names)}"


def _stages(count: Mapping[str, Any], names: Mapping[str, str], width: int) -> Iterator[RenderableType]:
    """What happened at each stage, and the votes of every candidate stage by stage, in blocks that fit the page."""
    stages = count["stages"]
    for stage in stages:
        told = [f"{word} {_listed(stage[word], names)}" for word in ("elected", "excluded") if stage[word]]
        told += stage["notes"]
        yield f" {stage['stage']:>3} {_named(stage['action'], names)}{': ' if told else ''}{'; '.join(told)}"
    options = count["options"]
    if not stages or not options:
        return
    label = max(len(names.get(o, o)) for o in options)
    cell = max(len(str(v)) for stage in stages for v in stage["votes"]) + 2
    per = max(1, (width - min(label, 30) - 4) // max(cell, 4))
    for start in range(0, len(stages), per):
        block = stages[start : start + per]
        rows = [[names.get(o, o), *(str(stage["votes"][k]) for stage in block)] for k, o in enumerate(options)]
        if any(str(stage["exhausted"]) not in ("0", "0.00000") for stage in block):
            rows.append(["not transferable", *(str(stage["exhausted"]) for stage in block)])
        columns = [("votes at stage", "left"), *((str(stage["stage"]), "right") for stage in block)]
        yield plain_table(columns, rows)


def _listed(people: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(p, p) for p in people)


def _named(action: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(word, word) for word in action.split(" "))
