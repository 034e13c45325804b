"""What a person writes, one change a line, as a `Change`.

    floor NEEDS [household=CODES] >= FIGURE [absolute]
    reserve PRODUCTS >= FIGURE [base]
    self_sufficiency PRODUCTS >= FIGURE
    imports PRODUCTS [partner=CODES] >= FIGURE [absolute]        (also <=; exports likewise)
    investment ASSETS [activity=CODES] <= FIGURE [absolute]
    resource RESOURCES <= FIGURE [base]
    output ACTIVITIES <= FIGURE [absolute]
    stop imports|exports PRODUCTS [partner=CODES] [in YEARS]
    scale DATUM FACTOR [LABEL=CODES …] [in YEARS]
    lose SHARE of ASSETS [ACTIVITIES] [in YEARS]
    task "NAME" [TERM + TERM …] >= FIGURE [sum] [elastic [CLASS [WEIGHT]]]       (also <= and =)
    set PARAMETER = VALUE
    delete ENTRY

TERM: `[FACTOR *] QUANTITY [CODES] [LABEL=CODES …]`, such as `output 331` or `2 * exports partner=isles`.
DATUM: a field of the accounts (docs/tables.md), or `limit:FAMILY` for a limit of the plan (docs/model.md section 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import BY_NAME, SETS
from lustrum.labels import unknown_label
from lustrum.planning.spec import PlanSpec
from lustrum.planning.tasks import QUANTITY_DIMS
from lustrum.scenario.change import LIMITS, Change
from lustrum.scenario.plan_file import TABLES, entries_of, lists
from lustrum.scenario.words import Words
from lustrum.strict_yaml import clip

#: The label that stands without its name in a term.
_MAIN = {quantity: "need" if quantity == "consumption" else dims[0] for quantity, dims in QUANTITY_DIMS.items()}
#: Short words for what people often scale.
DATA = {"labour": "labour_supply", "capital": "capital_stock"}
#: The label whose unit a quantity is counted in; debt is in money.
COUNTED_BY = {
    "output": "activity",
    "production": "product",
    "imports": "product",
    "exports": "product",
    "stock": "product",
    "investment": "asset",
    "capital": "asset",
    "consumption": "need",
    "labour": "skill",
    "resource": "resource",
}


def read_line(line: str, economy: Economy, spec: PlanSpec) -> Change:
    """Turn a line into the change that it says; codes are those of the accounts, entries those of the plan file.

    Raises
    ------
    SpecError
        If the line cannot be read, or names what accounts and plan file do not have (with the nearest names).

    Examples
    --------
    >>> import lustrum as lu
    >>> from lustrum.accounts.embedded import embedded_folder
    >>> spec = lu.PlanSpec.from_yaml(embedded_folder("us-2019-16") / "lustrum.yaml")
    >>> read_line("floor housing >= 1.04 in 2022", lu.load_economy("us-2019-16"), spec).what
    'limit:consumption_floor'
    """
    reading = _Reading(Words(line), economy, spec)
    words = reading.w
    sides: dict[str, list[str]] = {}
    for family, limit in LIMITS.items():
        sides.setdefault(limit.word, []).append(family)
    kinds = {
        "stop": reading.stop,
        "scale": reading.scale,
        "lose": reading.lose,
        "task": reading.task,
        "set": reading.parameter,
        "delete": reading.entry,
    }
    word = words.take()
    if word in sides:
        change = reading.limit(word, sides[word])
    elif word in kinds:
        change = kinds[word]()
    else:
        words.at -= 1
        expected, mend = unknown_label(word, [*sides, *kinds], "word")
        words.fail(f"a line cannot begin with {clip(word)}", expected=expected, mend=mend)
    words.end()
    return change


class _Reading:
    """One line being read."""

    def __init__(self, words: Words, economy: Economy, spec: PlanSpec) -> None:
        self.w, self.e, self.entries = words, economy, entries_of(spec)

    def limit(self, word: str, families: Sequence[str]) -> Change:
        limits = {LIMITS[f].sign: f for f in families}
        first = LIMITS[families[0]]
        where = self._labels(first.main, first.further)
        if first.main not in where and lists()[first.path].model_fields[first.main].is_required():
            self.w.fail(
                f"no {first.main} is named",
                expected=f"{word} {first.main.upper()}S … FIGURE",
                mend="name one or more, or `all`",
            )
        sign = self.w.sign(*limits)
        figure, years = self.w.figure()
        more = {"basis": first.other} if first.other and self.w.taken(first.other) else {}
        relative = more.get("basis", "absolute" if first.other == "base" else "base") == "base"
        self._check_unit(first.main, where.get(first.main, ["all"]), relative)
        return Change(f"limit:{limits[sign]}", where, years, to=figure, more=more)

    def _labels(self, main: str, further: Sequence[str]) -> dict[str, list[str]]:
        """Take codes of the main label, and `label=codes` for the others."""
        where: dict[str, list[str]] = {}
        ahead = self.w.tokens[self.w.at + 1 : self.w.at + 2]
        if not (self.w.next in (main, *further) and ahead == ["="]) and (
            self.w.next not in (">=", "<=", "=", "+", "in", None)
        ):
            where[main] = self.w.codes(self.e, main)
        return where | self._named((main, *further))

    def _named(self, dims: Sequence[str]) -> dict[str, list[str]]:
        where: dict[str, list[str]] = {}
        while self.w.next in dims and self.w.tokens[self.w.at + 1 : self.w.at + 2] == ["="]:
            dim = self.w.take()
            self.w.take()
            where[dim] = self.w.codes(self.e, dim)
        return where

    def _years(self) -> list[int] | None:
        return self.w.years() if self.w.taken("in") else None

    def stop(self) -> Change:
        flow = self.w.taken("imports", "exports")
        if flow is None:
            self.w.fail("what is stopped?", expected="imports or exports", mend="stop imports PRODUCT [in YEARS]")
        where = self._labels("product", ("partner",))
        if "product" not in where:
            self.w.fail("no product is named", expected=f"stop {flow} PRODUCTS", mend="name one or more, or `all`")
        more = {"overrides_band": True}
        return Change(f"limit:{flow[:-1]}_ceiling", where, self._years(), to=0.0, more=more)

    def scale(self) -> Change:
        subject = self.w.name()
        if self.w.taken(":"):
            subject = f"{subject}:{self.w.name()}"
        kind, colon, name = subject.partition(":")
        if colon and kind in ("limit", "decision"):
            dims: Sequence[str] = list(SETS)
        else:
            name = DATA.get(subject, subject)
            if name not in BY_NAME:
                self.w.at -= 1
                expected, mend = unknown_label(subject, [*DATA, *BY_NAME], "datum")
                self.w.fail(f"unknown datum {clip(subject)}", expected=expected, mend=mend)
            kind, dims = "datum", BY_NAME[name].dims
        factor = self._share(below=1e6)
        where = self._named(dims)
        return Change(f"{kind}:{name}", where, self._years(), times=factor)

    def lose(self) -> Change:
        share = self._share(below=1.0)
        if not self.w.taken("of"):
            self.w.fail("`of` belongs here", expected="lose 10% of ASSET [ACTIVITY]", mend="say what is lost")
        where = {"asset": self.w.codes(self.e, "asset")}
        if self.w.next not in ("in", None):
            if self.w.next == "activity" and self.w.tokens[self.w.at + 1 : self.w.at + 2] == ["="]:
                where |= self._named(("activity",))
            else:
                where["activity"] = self.w.codes(self.e, "activity")
        return Change("datum:capital_stock", where, self._years(), times=1.0 - share)

    def _share(self, below: float) -> float:
        """A factor or a share; `10%` is 0.1."""
        word = self.w.next or ""
        if word.endswith("%"):
            self.w.tokens[self.w.at] = word[:-1]
            value = self.w.number("a share") / 100
        else:
            value = self.w.number("a factor")
            if self.w.taken("%"):
                value /= 100
        if not 0 <= value <= below:
            self.w.at -= 1
            self.w.fail("out of range", found=value, expected=f"0 to {below:g}", mend="10 % is 10% or 0.1")
        return round(value, 15)

    def task(self) -> Change:
        name = self.w.name()
        terms = []
        while self.w.next not in (">=", "<=", "=", None):
            terms.append(self._term())
            if not self.w.taken("+"):
                break
        side = self.w.side(">=", "<=", "=")
        figure, years = self.w.figure()
        more: dict[str, Any] = {"side": side, "terms": terms}
        if self.w.taken("sum"):
            more["over"] = "sum"
        if self.w.taken("elastic"):
            elastic: dict[str, float | int] = {}
            for key in ("priority", "weight"):
                if self.w.next is not None:
                    number = self.w.number(f"a {key}")
                    elastic[key] = int(number) if key == "priority" and number == int(number) else number
            more["elastic"] = elastic
        self.w.end()
        entry = f"tasks[{name}]"
        if entry in self.entries:
            self._same_task(name, more, years)
        elif not terms:
            names = [u[6:-1] for u in self.entries if u.startswith("tasks[")]
            _, mend = unknown_label(name, names, "task")
            self.w.fail(
                f"no task {clip(name)}",
                found=name,
                expected="a task of the plan, or terms: output 331 >= 12",
                mend=mend if mend.startswith("did") else "say what the task counts",
            )
        self._check_task_unit(terms or self.entries[entry]["terms"])
        return Change(f"task:{name}", years=years, to=figure, more=more)

    def _same_task(self, name: str, more: dict[str, Any], years: Sequence[int] | None) -> None:
        """A task that is there keeps what it counts; only its target changes."""
        old, side = self.entries[f"tasks[{name}]"], more["side"]
        if more.pop("terms") or "over" in more or "elastic" in more:
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
        where = self._labels(_MAIN[of], tuple(d for d in QUANTITY_DIMS[of] if d != _MAIN[of]))
        return {"of": of, **where} | ({"factor": factor} if factor is not None else {})

    def parameter(self) -> Change:
        path = self.w.name()
        table, bracket, label = path.partition("[")
        known = [u for u in self.entries if "[" not in u and u not in (*lists(), *TABLES)]
        if path not in known and not (bracket and table in TABLES and label.endswith("]")):
            self.w.at -= 1
            expected, mend = unknown_label(path, known, "parameter")
            self.w.fail(f"unknown parameter {clip(path)}", expected=expected, mend=mend)
        if not self.w.taken("="):
            self.w.fail("`=` belongs here", expected="set PARAMETER = VALUE", mend="write the new value after it")
        return Change(f"parameter:{path}", to=self._value())

    def _value(self) -> Any:
        word = self.w.next
        plain: dict[str | None, Any] = {"none": None, "true": True, "false": False}
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

    def entry(self) -> Change:
        rest = self.w.line.split(None, 1)[1] if len(self.w.tokens) > 1 else ""
        entry = rest.strip().strip('"')
        known = [u for u in self.entries if "[" in u]
        if entry not in known:
            expected, mend = unknown_label(entry, known, "entry")
            self.w.fail(f"no entry {clip(entry)}", found=clip(entry), expected=expected, mend=mend)
        self.w.at = len(self.w.tokens)
        return Change(f"entry:{entry}", to=None)

    # --- units: `12 Mt` is no task where steel is counted in money -------------------------------

    def _check_unit(self, dim: str, codes: Sequence[str], relative: bool) -> None:
        """Require that the unit of a limit, if one was written, is that of its labels; shares have none."""
        if self.w.unit is None:
            return
        if relative:
            self.w.fail(
                "a multiple of the base year, or a share, has no unit",
                found=self.w.unit,
                expected="a plain number",
                mend="leave the unit out, or say `absolute` where the line allows it",
            )
        self._require_unit(self._units(dim, codes))

    def _check_task_unit(self, terms: Sequence[Mapping[str, Any]]) -> None:
        """Require that the unit of a target, if one was written, is that of all its terms."""
        if self.w.unit is None:
            return
        if any("factor" in term for term in terms):
            self.w.fail("a sum with factors has no unit of its own", found=self.w.unit, mend="leave the unit out")
        found: set[str] = set()
        for term in terms:
            dim = COUNTED_BY.get(term["of"])
            found |= self._units(dim, term.get(dim, ["all"])) if dim else {self.e.source.money}
        self._require_unit(found)

    def _units(self, dim: str, codes: Sequence[str]) -> set[str]:
        return {self.e.unit_of(dim, c) for c in (self.e.codes(dim) if list(codes) == ["all"] else codes)}

    def _require_unit(self, units: set[str]) -> None:
        if units != {self.w.unit}:
            self.w.fail(
                "the accounts count this in another unit",
                found=self.w.unit,
                expected=", ".join(sorted(units)),
                mend="convert the figure, or leave the unit out",
            )
