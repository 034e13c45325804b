"""Change and Case: one typed difference, and a named set of them, as values that can be compared, kept and sent.

A change says what it changes by kind and name:

    limit:FAMILY       a limit of the plan, by its constraint family (docs/model.md section 4)
    datum:FIELD        a figure of the accounts
    decision:VARIABLE  what the plan decides
    parameter:PATH     a scalar of the plan file
    task:NAME          the target of a task, or a new task
    entry:ID           an entry of a list of the plan file, struck out

One line of text, one entry of YAML and one Python object are three forms of the same change; `grammar` reads lines.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml

from lustrum.errors import SpecError
from lustrum.labels import unknown_label
from lustrum.planning.families import FAMILIES, ConstraintFamily
from lustrum.scenario.plan_file import lists
from lustrum.solving.conflict.words import merge_years
from lustrum.strict_yaml import clip, parse


@dataclass(frozen=True)
class LimitWord:
    """How a line and the plan file say a limit.

    Attributes
    ----------
    word
        What a line begins with.
    path
        List of the plan file.
    main, further
        The dimension whose codes stand first; those that are named.
    side
        Key of the figure: `at_least` or `at_most`.
    other
        The basis that may be said instead of the usual one.
    fixed
        Keys that every entry of this limit has.
    """

    word: str
    path: str
    main: str
    further: tuple[str, ...]
    side: str
    other: str = ""
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def sign(self) -> str:
        """The sign that compares."""
        return SIGNS[self.side]


SIGNS = {"at_least": ">=", "at_most": "<=", "equals": "="}
#: List of the plan file -> the word that a line begins with; limits on trade begin with the flow.
_WORDS = {
    "living_standard.floors": "floor",
    "reserves": "reserve",
    "trade.self_sufficiency": "self_sufficiency",
    "trade.limits": "",
    "investment.ceilings": "investment",
    "resources": "resource",
    "output.ceilings": "output",
}


def _limit_word(family: ConstraintFamily) -> LimitWord:
    """How the limit of a family is said, from its row in the table of families and its section of the plan file."""
    main = "need" if "need" in family.dims else family.dims[0]
    flow = {"import": "imports", "export": "exports"}.get(family.name.split("_")[0], "")
    basis = lists()[family.place].model_fields.get("basis")
    other = "" if basis is None else "absolute" if basis.default == "base" else "base"
    further = tuple(dim for dim in family.dims if dim != main)
    fixed = (("flow", flow),) if family.place == "trade.limits" else ()
    return LimitWord(_WORDS[family.place] or flow, family.place, main, further, family.key, other, fixed)


#: Constraint family -> how it is said.
LIMITS: dict[str, LimitWord] = {f.name: _limit_word(f) for f in FAMILIES.values() if f.place in _WORDS}

KINDS = ("limit", "datum", "decision", "parameter", "task", "entry")
WAYS = ("times", "plus", "to")
_UNSET: Any = object()


@dataclass(frozen=True, eq=False, repr=False)
class Change:
    """One typed difference.

    Parameters
    ----------
    what
        Kind and name, such as `limit:import_ceiling` or `datum:labour_supply`.
    where
        Dimension -> codes; a dimension left out stands for all of it.
    years
        Calendar years; None: all years of the plan.
    times, plus, to
        Exactly one: a factor, an amount to add, or the new value: a figure of the plan file (a number, a path by year,
        a ramp, a growing value), or an array on labels.
    more
        What only some kinds have: `basis` and `overrides_band` of a limit; `side`, `terms`, `over` and `elastic`
        of a task.

    Examples
    --------
    >>> print(Change("datum:labour_supply", years=[2021, 2022], times=0.98))
    scale labour_supply 0.98 in 2021-2022
    """

    what: str
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    years: Sequence[int] | None = None
    times: float | None = None
    plus: float | None = None
    to: Any = _UNSET
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.name:
            expected, mend = unknown_label(self.kind, KINDS, "kind of change")
            raise SpecError(
                f"a change of {clip(self.what)}", found=clip(self.what), expected=f"KIND:NAME, {expected}", mend=mend
            )
        given = [way for way in WAYS if (self.to is not _UNSET if way == "to" else getattr(self, way) is not None)]
        if len(given) != 1:
            raise SpecError(
                "a change has one of times, plus, to",
                where=self.what,
                found=" and ".join(given) or "none of them",
                mend="give exactly one",
            )
        self._check_value()
        where = {dim: _codes(codes) for dim, codes in self.where.items()}
        object.__setattr__(self, "where", where)
        if self.years is not None:
            object.__setattr__(self, "years", tuple(sorted({int(y) for y in self.years})))

    def _check_value(self) -> None:
        """Require finite figures, and of what the plan file names as a whole nothing but its new value."""
        number = isinstance(self.value, (int, float)) and math.isfinite(self.value)
        if not number and (self.way != "to" or isinstance(self.value, float)):
            raise SpecError("not a finite number", where=self.what, found=clip(self.value), expected="a finite number")
        if self.kind in ("parameter", "entry", "task") and self.way != "to":
            raise SpecError(
                f"a {self.kind} has no `{self.way}`", where=self.what, expected="to", mend="give the new value itself"
            )
        if self.kind in ("parameter", "entry") and (self.where or self.years is not None):
            raise SpecError(f"a {self.kind} has no labels and years", where=self.what, mend="leave them out")

    @property
    def kind(self) -> str:
        """What sort of thing changes: one of `KINDS`."""
        return self.what.partition(":")[0]

    @property
    def name(self) -> str:
        """Which one changes."""
        return self.what.partition(":")[2]

    @property
    def way(self) -> str:
        """How it changes: times, plus or to."""
        return "times" if self.times is not None else "plus" if self.plus is not None else "to"

    @property
    def value(self) -> Any:
        """By how much, or to what."""
        return getattr(self, self.way)

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        out: dict[str, Any] = {"what": self.what}
        if self.where:
            out["where"] = {dim: list(codes) for dim, codes in self.where.items()}
        if self.years is not None:
            out["years"] = list(self.years)
        out[self.way] = _plain(self.value)
        return out | {key: _plain(value) for key, value in self.more.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        """Read what `to_dict` gave.

        Raises
        ------
        SpecError
            If it is not the description of a change.
        """
        known = ("what", "where", "years", *WAYS)
        if not isinstance(data.get("what"), str):
            raise SpecError("not a change", found=clip(data), expected="a line, or `what`, `where`, `years` and `to`")
        more = {key: value for key, value in data.items() if key not in known}
        extra = set(more) - {"basis", "overrides_band", "side", "terms", "over", "elastic"}
        if extra:
            expected, mend = unknown_label(min(extra), known, "key")
            raise SpecError(f"unknown key {clip(min(extra))} of a change", expected=expected, mend=mend)
        given = {key: data[key] for key in known[1:] if key in data}
        if "to" in given:
            given["to"] = _read(given["to"])
        return cls(data["what"], more=more, **given)

    @property
    def key(self) -> str:
        """Text that is equal for equal changes only."""
        return json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def has_line(self) -> bool:
        """Whether a line of text says all of it: an array on labels is too long for one."""
        return not isinstance(self.to, xr.DataArray)

    def __str__(self) -> str:
        return _line(self)

    def __repr__(self) -> str:
        return f"Change({str(self)!r})"


class Case:
    """A named set of changes.

    Parameters
    ----------
    name
        What people call it.
    changes
        Lines or changes, in order: later ones see what earlier ones made. Lines are read when the case meets accounts.

    Examples
    --------
    >>> case = Case("fewer workers", "scale labour 0.98 in 2021-2022")
    >>> print(case.to_yaml(), end="")
    case: fewer workers
    changes:
    - scale labour 0.98 in 2021-2022
    """

    __slots__ = ("changes", "name")

    def __init__(self, name: str = "", *changes: str | Change) -> None:
        self.name = str(name)
        self.changes: tuple[str | Change, ...] = tuple(
            c.strip() if isinstance(c, str) else c for c in _flat(changes) if not (isinstance(c, str) and not c.strip())
        )

    @property
    def key(self) -> str:
        """SHA-256 of what the case says, its name apart."""
        text = json.dumps([c if isinstance(c, str) else c.to_dict() for c in self.changes], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and (self.name, self.key) == (other.name, other.key)

    def __hash__(self) -> int:
        return hash((self.name, self.key))

    def __repr__(self) -> str:
        return f"Case({', '.join(repr(x) for x in (self.name, *map(str, self.changes)))})"

    def to_yaml(self) -> str:
        """Return the case as a file of `cases/`."""
        body = {
            "case": self.name,
            "changes": [str(c) if isinstance(c, str) or c.has_line else c.to_dict() for c in self.changes],
        }
        return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=1000)

    @classmethod
    def from_yaml(cls, text: str, where: str = "case") -> Case:
        """Read a case from YAML text: `case: NAME` and `changes:`, each a line or a mapping.

        Raises
        ------
        SpecError
            If the text is no case.
        """
        raw = parse(text, where, what="case")
        changes = raw.get("changes")
        unknown = set(raw) - {"case", "changes"}
        if not isinstance(changes, list) or unknown:
            raise SpecError(
                "not a case" if not unknown else f"unknown key {clip(min(map(str, unknown)))}",
                where=where,
                found=clip(list(raw)),
                expected="`case: NAME` and `changes:` with a list of lines",
                mend="write one change a line: `- floor housing >= 1.04 in 2022`",
            )
        return cls(str(raw.get("case", "")), *(c if isinstance(c, str) else Change.from_dict(c) for c in changes))

    @classmethod
    def read(cls, path: str | Path) -> Case:
        """Read a case from a file."""
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as e:
            found = e.strerror if isinstance(e, OSError) else "not UTF-8 text"
            raise SpecError("case cannot be read", where=str(file), found=found, mend="give a file of cases/") from None
        return cls.from_yaml(text, file.name)


def as_case(given: Case | Change | str | Iterable[str | Change] | None) -> Case:
    """Return a case from whatever says one: nothing, a line, a change, several of them."""
    if isinstance(given, Case):
        return given
    changes = list(_flat([] if given is None else [given]))
    return Case(", ".join(str(c) for c in changes)[:120], *changes)


def _flat(given: Iterable[Any]) -> Iterable[str | Change]:
    for item in given:
        if isinstance(item, (str, Change)):
            yield item
        elif isinstance(item, Case):
            yield from item.changes
        elif isinstance(item, Iterable):
            yield from _flat(item)
        else:
            raise SpecError("not a change", found=clip(item), expected="a line of text or a Change")


def _codes(codes: Sequence[str] | str) -> tuple[str, ...]:
    return (codes,) if isinstance(codes, str) else tuple(map(str, codes))


def _plain(value: Any) -> Any:
    """A value as plain data; an array on labels with its labels beside it."""
    if isinstance(value, xr.DataArray):
        labels = {str(d): value[d].values.tolist() for d in value.dims}
        return {"array": {"labels": labels, "values": np.asarray(value.values).tolist()}}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def _read(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"array"}:
        labels = value["array"]["labels"]
        return xr.DataArray(np.array(value["array"]["values"], dtype=float), dims=list(labels), coords=labels)
    return value


def _line(change: Change) -> str:
    """A change as the line that says it."""
    when = f" in {merge_years(change.years).replace(' ', '').replace(',', ', ')}" if change.years else ""
    labels = {dim: ",".join(map(quoted, codes)) for dim, codes in change.where.items()}
    named = "".join(f" {dim}={codes}" for dim, codes in labels.items())
    if change.kind in ("datum", "decision") or (
        change.kind == "limit" and (change.way != "to" or change.name not in LIMITS)
    ):
        if change.what == "datum:capital_stock" and change.way == "times" and "asset" in labels and change.value < 1:
            lost = _number(round(100 * (1 - change.value), 10))
            return f"lose {lost}% of {labels['asset']} {labels.get('activity', '')}".rstrip() + when
        subject = quoted(change.name) if change.kind == "datum" else f"{change.kind}:{change.name}"
        if change.way == "times":
            return f"scale {subject} {_number(change.value)}{named}{when}"
        value = _number(change.value) if isinstance(change.value, (int, float)) else "an array on its labels"
        return f"{'add' if change.way == 'plus' else 'let'} {subject} {value}{named}{when}"
    if change.kind == "limit" and change.more.get("overrides_band"):
        flow = LIMITS[change.name].word
        partner = f" partner={labels['partner']}" if "partner" in labels else ""
        return f"stop {flow} {labels.get('product', 'all')}{partner}{when}"
    if change.kind == "limit":
        limit = LIMITS[change.name]
        codes = f" {labels[limit.main]}" if limit.main in labels else ""
        named = "".join(f" {dim}={labels[dim]}" for dim in limit.further if dim in labels)
        basis = f" {change.more['basis']}" if change.more.get("basis") else ""
        return f"{limit.word}{codes}{named} {limit.sign} {_figure(change.value)}{when}{basis}"
    if change.kind == "task":
        return _task_line(change, when)
    if change.kind == "entry":
        return f"delete {change.name}"
    value = change.value
    shown = "none" if value is None else str(value).lower() if isinstance(value, bool) else _value(value)
    return f"set {quoted(change.name)} = {shown}"


def _task_line(change: Change, when: str) -> str:
    terms = " + ".join(map(_term, change.more.get("terms", ())))
    end = " sum" if change.more.get("over") == "sum" else ""
    if (elastic := change.more.get("elastic")) is not None:
        numbers = [elastic[k] for k in ("priority", "weight") if k in elastic]
        end += " elastic" + "".join(f" {_number(n)}" for n in numbers)
    sign = SIGNS[change.more.get("side", "at_least")]
    return f'task "{change.name}"{" " + terms if terms else ""} {sign} {_figure(change.value)}{when}{end}'


def _term(term: Mapping[str, Any]) -> str:
    factor = f"{_number(term['factor'])} * " if "factor" in term else ""
    named = "".join(f" {dim}={','.join(map(quoted, c))}" for dim, c in term.items() if dim not in ("of", "factor"))
    return f"{factor}{term['of']}{named}"


def _figure(value: Any) -> str:
    """A figure of the plan file as a line writes it."""
    if not isinstance(value, Mapping):
        return _number(value) if isinstance(value, (int, float)) else str(value)
    if set(value) == {"start", "growth"}:
        return f"{_number(value['start'])} growing {_number(value['growth'])}"
    if set(value) == {"from", "to"}:
        return f"{_number(value['from'])} to {_number(value['to'])}"
    return ", ".join(f"{year}: {_number(v)}" for year, v in value.items())


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_number, value))
    return _number(value) if isinstance(value, (int, float)) else quoted(str(value))


def _number(value: float) -> str:
    """A number that reads back equal."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def quoted(code: str) -> str:
    """A code or name as a line writes it: in quotes where it is more than one word."""
    return code if re.fullmatch(r'[^\s,=<>*":+]+', code) else f'"{code}"'
