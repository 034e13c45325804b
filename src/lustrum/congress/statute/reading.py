"""The rules of all articles put together and checked, with file, line and mend for whatever is wrong.

Each name that a rule uses must be there, bodies nest, quotas fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from lustrum.congress.statute.rules import DECISIONS, Body, Rules
from lustrum.errors import BadInput
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip, kind, line_of, parse


class StatuteError(BadInput):
    """A statute that cannot be read, or whose rules do not agree."""


def path_of(loc: Sequence[str | int]) -> str:
    """Write the path of a rule: `bodies.committee.first_plenary[2]`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")


def complaint(error: ValidationError, model: type[BaseModel]) -> tuple[tuple[str | int, ...], dict[str, Any]]:
    """Return the path and the words of pydantic's first complaint."""
    first = min(error.errors(include_url=False), key=lambda e: (e["type"] != "extra_forbidden", len(e["loc"])))
    loc, of, given, ctx = first["loc"], first["type"], first["input"], first.get("ctx", {})
    path = tuple(p for p in loc if p != "[key]")
    if of == "extra_forbidden":
        expected, mend = unknown_label(str(loc[-1]), keys_at(model, loc[:-1]), "key")
        return path, {
            "what": f"unknown key {clip(loc[-1])}",
            "found": clip(loc[-1]),
            "expected": expected,
            "mend": mend,
        }
    if of == "missing":
        return path[:-1], {"what": f"{loc[-1]!r} is missing", "mend": f"add `{loc[-1]}:` there"}
    if of == "value_error":
        return path, {
            "what": str(ctx.get("error", first["msg"])),
            "found": clip(given),
            "mend": "change one of the two",
        }
    if of == "literal_error":
        return path, {
            "what": "not one of the choices",
            "found": clip(given),
            "expected": str(ctx.get("expected", "")).replace("'", "").replace(" or ", ", "),
            "mend": "write one of them",
        }
    if of == "string_pattern_mismatch":
        method = "/" in str(ctx.get("pattern"))
        return path, {
            "what": "not the name of a method" if method else "not a plain name",
            "found": clip(given),
            "expected": "a method and its version, such as scottish-stv/1"
            if method
            else "small letters, digits and _, beginning with a letter",
            "mend": "add the version" if method else "write the name that people read under `name:`",
        }
    return path, {
        "what": f"{kind(given)} that cannot stand here",
        "found": clip(given),
        "expected": first["msg"].removeprefix("Input should be ").removeprefix("Value should "),
        "mend": "thresholds are whole numbers: {num: 2, den: 3}"
        if isinstance(given, (float, str))
        else "see docs/statute.md for what may stand there",
    }


def keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys that a model knows at a path."""
    here: Any = model
    for part in loc:
        fields = getattr(here, "model_fields", None)
        here = _inner(fields[str(part)].annotation) if fields is not None and str(part) in fields else here
    return sorted(here.model_fields)


def _inner(annotation: Any) -> Any:
    """The model that a field holds, itself or in a list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_inner(a) for a in getattr(annotation, "__args__", ())]
    models = [f for f in found if isinstance(f, type) and issubclass(f, BaseModel)]
    return models[0] if models else None


#: Sections whose entries may stand in several articles; the others stand in one.
_BY_NAME = ("decisions", "elections", "bodies")


@dataclass(frozen=True)
class Block:
    """A fenced block: the line of the statute on which its text begins (from 1), and its text."""

    line: int
    text: str

    @property
    def padded(self) -> str:
        """The text on its own lines of the statute."""
        return "\n" * (self.line - 1) + self.text


def read_rules(blocks: Sequence[tuple[Block, str]], where: str) -> Rules:
    """Put the rules of all blocks together, each with the number of its article.

    Raises
    ------
    StatuteError
        For the first that is wrong: not YAML, an unknown key, a rule given twice, names that are nowhere.
    """
    merged: dict[str, Any] = {}
    places: dict[tuple[str, ...], tuple[Block, str]] = {}
    for block, article in blocks:
        raw = parse(block.padded, where, error=StatuteError, what="block of rules")
        for section, content in raw.items():
            _add(str(section), content, block, article, where, merged, places)
    try:
        rules = Rules.model_validate(merged)
    except ValidationError as e:
        path, words = complaint(e, Rules)
        raise StatuteError(where=_place(path, places, where), **words) from None
    for wrong in disagreements(rules):
        raise StatuteError(
            wrong.what,
            where=_place(wrong.path, places, where),
            found=wrong.found,
            expected=wrong.expected,
            mend=wrong.mend,
        )
    return rules


def _add(
    section: str,
    content: Any,
    block: Block,
    article: str,
    where: str,
    merged: dict[str, Any],
    places: dict[tuple[str, ...], tuple[Block, str]],
) -> None:
    at = f"{where}:{line_of(block.padded, [section])}"
    if section not in Rules.model_fields:
        expected, mend = unknown_label(section, sorted(Rules.model_fields), "section")
        raise StatuteError(
            f"unknown section of rules {clip(section)}", where=at, found=clip(section), expected=expected, mend=mend
        )
    names: list[tuple[str, ...]] = [(section,)]
    if section in _BY_NAME:
        if not isinstance(content, dict):
            raise StatuteError(
                f"{kind(content)} where names and rules belong",
                where=at,
                found=clip(content),
                expected="`name:` lines with rules below",
                mend="indent them",
            )
        names = [(section, str(name)) for name in content]
    for name in names:
        if name in places:
            raise StatuteError(
                f"{path_of(name)} is ruled twice",
                where=f"{where}:{line_of(block.padded, name)}",
                found=f"articles {places[name][1]} and {article}",
                expected="one article that rules it",
                mend="keep one of the two",
            )
        places[name] = (block, article)
    if section in _BY_NAME:
        merged.setdefault(section, {}).update({str(k): v for k, v in content.items()})
    else:
        merged[section] = content


def _place(path: tuple[str | int, ...], places: dict[tuple[str, ...], tuple[Block, str]], where: str) -> str:
    """File, line, article and path of a rule; the file alone where no article has it."""
    words = tuple(str(p) for p in path)
    own = next((places[words[:n]] for n in (2, 1) if words[:n] in places), None)
    own = own or next((p for name, p in places.items() if words and name[0] == words[0]), None)
    if own is None:
        return ": ".join(x for x in (where, path_of(path)) if x)
    return f"{where}:{line_of(own[0].padded, path)}: article {own[1]}: {path_of(path)}"


@dataclass(frozen=True)
class Disagreement:
    """The path of a rule, what is wrong with it, and the mend."""

    path: tuple[str | int, ...]
    what: str
    found: object = None
    expected: str = ""
    mend: str = ""


def disagreements(rules: Rules) -> Iterator[Disagreement]:
    """Yield what does not fit together, in the order of the rules."""
    for decision_kind in DECISIONS:
        if decision_kind not in rules.decisions:
            yield Disagreement(
                ("decisions",),
                f"no rule for the decision {decision_kind!r}",
                found=", ".join(rules.decisions),
                expected=", ".join(DECISIONS),
                mend=f"add `{decision_kind}:` under `decisions:`",
            )
    for decision_kind, decision in rules.decisions.items():
        for mover in decision.moved_by.bodies:
            yield from _known(mover, rules.bodies, "body", ("decisions", decision_kind, "moved_by", "bodies"))
    for name, body in rules.bodies.items():
        yield from _body(name, body, rules)
    if sum(b.within is None for b in rules.bodies.values()) != 1:
        highest = [n for n, b in rules.bodies.items() if b.within is None]
        yield Disagreement(
            ("bodies",),
            "one body, and only one, is the highest",
            found=", ".join(highest) or "none",
            expected="one body without `within`",
            mend="say of the others what they belong to",
        )
    for k, group in enumerate(rules.incompatible):
        for one in group:
            yield from _known(one, rules.bodies, "body", ("incompatible", k))


def _known(name: str, known: object, what: str, path: tuple[str | int, ...]) -> Iterator[Disagreement]:
    names = list(known) if isinstance(known, dict) else []
    if name not in names:
        expected, mend = unknown_label(name, names, what)
        yield Disagreement(path, f"no {what} {name!r}", name, expected, mend)


def _body(name: str, body: Body, rules: Rules) -> Iterator[Disagreement]:
    path = ("bodies", name)
    for key in ("within", "elected_by", "members_of"):
        if (other := getattr(body, key)) is not None:
            yield from _known(other, rules.bodies, "body", (*path, key))
            if other == name:
                yield Disagreement(
                    (*path, key),
                    "a body cannot name itself here",
                    name,
                    "another body",
                    "name another, or leave the key out",
                )
    if _goes_round(name, rules):
        yield Disagreement(
            (*path, "within"),
            "bodies nest in a circle",
            body.within,
            "a body above it",
            "let one of them belong to the highest body",
        )
    if body.election is not None:
        yield from _known(body.election, rules.elections, "election", (*path, "election"))
        election = rules.elections.get(body.election)
        if election is not None and election.majority is not None and body.seats != 1:
            yield Disagreement(
                (*path, "election"),
                "an election by majority fills one seat",
                f"{body.seats} seats",
                "seats: 1",
                "choose a method for several seats",
            )
    above = rules.bodies.get(body.members_of or "")
    if above is not None and above.seats is not None and (body.seats or 0) > above.seats:
        yield Disagreement(
            (*path, "seats"),
            f"{body.seats} seats for {above.seats} members of {body.members_of}",
            body.seats,
            f"at most {above.seats}",
            "give it fewer seats",
        )
    if body.recall is not None:
        yield from _known(body.recall, rules.decisions, "decision", (*path, "recall"))
    for k, organ in enumerate(body.first_plenary):
        yield from _known(organ, rules.bodies, "body", (*path, "first_plenary", k))
        if organ in rules.bodies and rules.bodies[organ].elected_by != name:
            yield Disagreement(
                (*path, "first_plenary", k),
                f"{organ} is elected by another body",
                rules.bodies[organ].elected_by,
                name,
                f"write `elected_by: {name}` there",
            )


def _goes_round(name: str, rules: Rules) -> bool:
    seen, here = {name}, rules.bodies[name].within
    while here is not None and here in rules.bodies and here not in seen:
        seen.add(here)
        here = rules.bodies[here].within
    return here == name and rules.bodies[name].within != name
