"""What a delegate writes, one change a line, as a typed operation on the plan.

    floor NEEDS [household=CODES] >= FIGURE [absolute]
    reserve PRODUCTS >= FIGURE [base]
    self_sufficiency PRODUCTS >= FIGURE
    imports PRODUCTS [partner=CODES] >= FIGURE [absolute]        (also <=; exports likewise)
    investment ASSETS [activity=CODES] <= FIGURE [absolute]
    resource RESOURCES <= FIGURE [base]
    task "NAME" [TERM + TERM …] >= FIGURE [sum] [elastic [CLASS [WEIGHT]]]       (also <= and =)
    set PARAMETER = VALUE
    delete ENTRY

TERM: `[FACTOR *] QUANTITY [CODES] [LABEL=CODES …]`, such as `output 331` or `2 * exports partner=isles`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import Json, Operation, Version, delete, insert, replace_unit, set_number
from lustrum.congress.plan_change.entries import TABLES, entry_name, entry_value, lists, plan_of
from lustrum.congress.plan_change.figures import with_years
from lustrum.congress.plan_change.fit import require_fit
from lustrum.congress.plan_change.units import check_task_unit, check_unit
from lustrum.congress.plan_change.words import Words
from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.calendar import Calendar
from lustrum.planning.tasks import QUANTITY_DIMS
from lustrum.strict_yaml import clip

#: Word -> list of the plan file, main label, further labels, sides, and the other basis that may be said.
_LIMITS: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...], str]] = {
    "floor": ("living_standard.floors", "need", ("household",), (">=",), "absolute"),
    "reserve": ("reserves", "product", (), (">=",), "base"),
    "self_sufficiency": ("trade.self_sufficiency", "product", (), (">=",), ""),
    "imports": ("trade.limits", "product", ("partner",), (">=", "<="), "absolute"),
    "exports": ("trade.limits", "product", ("partner",), (">=", "<="), "absolute"),
    "investment": ("investment.ceilings", "asset", ("activity",), ("<=",), "absolute"),
    "resource": ("resources", "resource", (), ("<=",), "base"),
}
#: The label that stands without its name in a term.
_MAIN = {quantity: "need" if quantity == "consumption" else dims[0] for quantity, dims in QUANTITY_DIMS.items()}


def operation_of(line: str, version: Version, economy: Economy) -> Operation:
    """Turn a line into the one operation that it says, checked against plan file and accounts.

    Parameters
    ----------
    line
        See the top of this module, and docs/amendments.md.
    version
        The plan as it stands (`plan_version`).

    Raises
    ------
    SpecError
        If the line cannot be read, names what the accounts do not have (with the nearest names), or asks for what no
        plan file can say.
    """
    words = Words(line)
    spec = plan_of(version)
    reading = _Reading(words, version, economy, Calendar.of(spec, economy.base_year))
    kinds: dict[str, Callable[[], Operation]] = {"task": reading.task, "set": reading.set, "delete": reading.delete}
    word = words.take()
    if word in _LIMITS:
        operation = reading.limit(word)
    elif word in kinds:
        operation = kinds[word]()
    else:
        words.at -= 1
        expected, mend = unknown_label(word, [*_LIMITS, *kinds], "word")
        words.fail(f"a line cannot begin with {clip(word)}", expected=expected, mend=mend)
    require_fit(version, [operation], economy)
    return operation


class _Reading:
    """One line being read on one version."""

    def __init__(self, words: Words, version: Version, economy: Economy, calendar: Calendar) -> None:
        self.w, self.version, self.e, self.calendar = words, version, economy, calendar

    def limit(self, word: str) -> Operation:
        path, main, more, sides, other = _LIMITS[word]
        body: dict[str, Any] = {"flow": word} if path == "trade.limits" else {}
        self._labels(body, main, more)
        if main not in body and lists()[path].model_fields[main].is_required():
            self.w.fail(
                f"no {main} is named", expected=f"{word} {main.upper()}S … FIGURE", mend="name one or more, or `all`"
            )
        side = self.w.side(*sides)
        figure, years = self.w.figure()
        if other and self.w.taken(other):
            body["basis"] = other
        relative = body.get("basis", "absolute" if other == "base" else "base") == "base"
        check_unit(self.w, self.e, main, body.get(main, ["all"]), relative)
        self.w.end()
        return self._figure(path, body, side, figure, years)

    def _labels(self, body: dict[str, Any], main: str, more: tuple[str, ...]) -> None:
        """Take codes of the main label, and `label=codes` for the others."""
        ahead = self.w.tokens[self.w.at + 1 : self.w.at + 2]
        if self.w.next in (main, *more) and ahead == ["="]:
            pass
        elif self.w.next not in (">=", "<=", "=", "+", None):
            body[main] = self.w.codes(self.e, main)
        while self.w.next in (main, *more) and self.w.tokens[self.w.at + 1 : self.w.at + 2] == ["="]:
            dim = self.w.take()
            self.w.take()
            body[dim] = self.w.codes(self.e, dim)

    def task(self) -> Operation:
        name = self.w.name()
        terms = []
        while self.w.next not in (">=", "<=", "=", None):
            terms.append(self._term())
            if not self.w.taken("+"):
                break
        side = self.w.side(">=", "<=", "=")
        figure, years = self.w.figure()
        body: dict[str, Any] = {"name": name, "terms": terms}
        if self.w.taken("sum"):
            body |= {"over": "sum", **({"years": years} if years else {})}
            years = None
        if self.w.taken("elastic"):
            body["elastic"] = {}
            for key in ("priority", "weight"):
                if self.w.next is not None:
                    number = self.w.number(f"a {key}")
                    body["elastic"][key] = int(number) if key == "priority" and number == int(number) else number
        self.w.end()
        if f"tasks[{name}]" in self.version:
            self._same_task(name, body, side)
        elif not terms:
            names = [u.id[6:-1] for u in self.version.units if u.id.startswith("tasks[")]
            _, mend = unknown_label(name, names, "task")
            self.w.fail(
                f"no task {clip(name)}",
                found=name,
                expected="a task of the plan, or terms: output 331 >= 12",
                mend=mend if mend.startswith("did") else "say what the task counts",
            )
        counted = terms or self.version.unit(f"tasks[{name}]").value["terms"]
        check_task_unit(self.w, self.e, counted)
        return self._figure("tasks", body, side, figure, years)

    def _same_task(self, name: str, body: dict[str, Any], side: str) -> None:
        """A task that is there keeps what it counts; only its target changes."""
        old = self.version.unit(f"tasks[{name}]").value
        if body.pop("terms") or len(body) > 1:
            self.w.fail(
                "a task of this name is there",
                found=name,
                expected=f'task "{name}" >= FIGURE',
                mend="leave out what it counts to change its target, or choose another name",
            )
        if side not in old:
            self.w.fail(
                f"this task has no {side} to change",
                found=side,
                expected=next(k for k in ("at_least", "at_most", "equals") if k in old),
                mend="compare as the task does, or delete it and move another",
            )

    def _term(self) -> dict[str, Any]:
        factor: float | None = None
        if self.w.tokens[self.w.at + 1 : self.w.at + 2] == ["*"]:
            factor = self.w.number("a factor")
            self.w.take()
        of = self.w.name()
        if of not in QUANTITY_DIMS:
            self.w.at -= 1
            expected, mend = unknown_label(of, list(QUANTITY_DIMS), "quantity")
            self.w.fail(f"unknown quantity {clip(of)}", expected=expected, mend=mend)
        term: dict[str, Any] = {"of": of}
        self._labels(term, _MAIN[of], tuple(d for d in QUANTITY_DIMS[of] if d != _MAIN[of]))
        return term | ({"factor": factor} if factor is not None else {})

    def set(self) -> Operation:
        path = self.w.name()
        table, bracket, label = path.partition("[")
        known = [u.id for u in self.version.units if "[" not in u.id and u.id not in (*lists(), *TABLES)]
        if path not in known and not (bracket and table in TABLES and label.endswith("]")):
            self.w.at -= 1
            expected, mend = unknown_label(path, known, "parameter")
            self.w.fail(f"unknown parameter {clip(path)}", expected=expected, mend=mend)
        if not self.w.taken("="):
            self.w.fail("`=` belongs here", expected="set PARAMETER = VALUE", mend="write the new value after it")
        value = self._value()
        self.w.end()
        if path in self.version:
            return _smallest(self.version, path, value)
        units = [u.id for u in self.version.units if u.id == table or u.id.startswith(f"{table}[")]
        return insert(self.version, path, value, units[-1])

    def _value(self) -> Json:
        word = self.w.next
        plain: dict[str | None, Json] = {"none": None, "true": True, "false": False}
        if word in plain and len(self.w.tokens) == self.w.at + 1:
            self.w.take()
            return plain[word]
        if word is not None and (word[0].isdigit() or word[0] in "+-."):
            if self.w.tokens[self.w.at + 1 : self.w.at + 2] == [","]:
                return self._shares()
            figure, years = self.w.figure()
            if self.w.unit is not None:
                self.w.fail("a parameter is a plain figure", found=self.w.unit, mend="leave the unit out")
            if years is not None:
                self.w.fail("a parameter holds in every year", mend="leave out `in`")
            return figure
        return self.w.name()

    def _shares(self) -> list[float]:
        out = [self.w.number()]
        while self.w.taken(","):
            out.append(self.w.number())
        return out

    def delete(self) -> Operation:
        rest = self.w.line.split(None, 1)[1] if len(self.w.tokens) > 1 else ""
        unit = rest.strip().strip('"')
        entries = [u.id for u in self.version.units if "[" in u.id]
        if unit not in entries:
            expected, mend = unknown_label(unit, entries, "entry")
            self.w.fail(f"no entry {clip(unit)}", found=clip(unit), expected=expected, mend=mend)
        return delete(self.version, unit)

    def _figure(self, path: str, body: dict[str, Any], side: str, figure: Json, years: list[int] | None) -> Operation:
        """The figure of an entry: of the one that is there with these labels, or of a new one."""
        probe = lists()[path].model_validate(
            {"terms": [{"of": "output"}], **body, side: 1.0} if path == "tasks" else {**body, side: 1.0}
        )
        unit = f"{path}[{entry_name(probe)}]"
        old = self.version.unit(unit).value if unit in self.version else None
        if years is not None:
            figure = with_years((old or {}).get(side), float(figure), years, self.calendar, f"`{self.w.line}`")
        if old is not None:
            if f"{unit}#2" in self.version:
                self.w.fail(
                    "the plan has several entries with these labels",
                    found=unit,
                    expected="one entry",
                    mend="delete the later ones first, or replace the unit by its id",
                )
            return _smallest(self.version, unit, {**old, side: figure})
        value = entry_value(lists()[path].model_validate({**body, side: _plain(figure)}))
        units = [u.id for u in self.version.units if u.id == path or u.id.startswith(f"{path}[")]
        return insert(self.version, unit, value, units[-1])


def _plain(figure: Json) -> Any:
    by_year = isinstance(figure, dict) and all(k.isdigit() for k in figure)
    return {int(k): v for k, v in figure.items()} if by_year else figure


def _smallest(version: Version, unit: str, value: Json) -> Operation:
    """The smallest operation that gives a unit its new value: one number where only one differs."""
    old = version.unit(unit).value
    place = _one_number(old, value, ())
    if place is not None:
        path, number = place
        return set_number(version, unit, path, number)
    if old == value:
        raise SpecError("the plan says this already", where=unit, found=clip(old), mend="leave it out")
    return replace_unit(version, unit, value)


def _one_number(old: Json, new: Json, path: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], float] | None:
    """The path and new value of the only number that differs; None where more does, or nothing."""
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (old, new)):
        return (path, new) if old != new else None
    if not (isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys()):
        return None
    differ = [k for k in new if old[k] != new[k]]
    return _one_number(old[differ[0]], new[differ[0]], (*path, differ[0])) if len(differ) == 1 else None
