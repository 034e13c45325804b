"""Fills the lists of docs/tables.md, docs/plan-file.md and docs/model.md from the tables of the code.

    python tools/build_docs.py           write them
    python tools/build_docs.py --check   only say whether they are up to date (exit code 1 if not)

A list stands between `<!-- generated: NAME [WORDS] -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lustrum.accounts.fields import FIELDS, FLOWS, SET_WORDS, SETS, SIGN_WORDS
from lustrum.planning.families import FAMILIES
from lustrum.planning.parameters import PARAMETERS, Parameter

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = ("tables.md", "plan-file.md", "model.md")

_MARKED = re.compile(r"(<!-- generated: (\w+)([\w ]*) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def sets(_: Sequence[str]) -> str:
    """Return the list of sets and their label files."""
    return table(("file", "set", "labels"), [(f"`{file}`", f"`{dim}`", SET_WORDS[dim]) for dim, file in SETS.items()])


def fields(_: Sequence[str]) -> str:
    """Return the list of fields."""
    rows = [
        (f"`{f.name}`", f.symbol, ", ".join(f.dims), "yes" if f.yearly else "", f.unit, SIGN_WORDS[f.sign], f.meaning)
        for f in FIELDS
    ]
    return table(("field", "symbol", "dimensions", "years", "unit", "values", "meaning"), rows)


def flows(_: Sequence[str]) -> str:
    """Return the list of flow tables."""
    rows = [(f"`{f.name}`", ", ".join(f.dims), f"`{f.gives}`", _per(f.per), f.meaning) for f in FLOWS]
    return table(("flow table", "dimensions", "gives", "divided by", "meaning"), rows)


def families(_: Sequence[str]) -> str:
    """Return the list of constraint families."""
    rows = [
        (
            f"`{f.name}`",
            f.number,
            ", ".join(f.dims),
            f.kind,
            f"`{f.place}`" + (f", `{f.key}`" if f.key else "") if f.place else "",
            f.measure,
        )
        for f in FAMILIES.values()
    ]
    return table(("family", "number", "labels", "kind", "plan file", "1 % is counted against"), rows)


def _per(per: str) -> str:
    return {"output": "`output`", "asset total": "the column's total"}.get(per, f"together with `{per}`")


def parameters(sections: Sequence[str]) -> str:
    """Return the parameters of the named sections of a plan file."""
    rows = [_row(p) for p in PARAMETERS.values() if p.path.split(".")[0] in sections]
    return table(("parameter", "default", "unit", "range", "meaning"), rows)


def _row(p: Parameter) -> tuple[str, ...]:
    return f"`{p.path}`", _word(p.default), p.unit, _range(p), p.meaning


def _word(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _range(p: Parameter) -> str:
    if p.low is None:
        return "true or false" if isinstance(p.default, bool) else ""
    return f"{p.low:g} or more" if p.high is None else f"{p.low:g} to {p.high:g}"


LISTS: dict[str, Callable[[Sequence[str]], str]] = {
    "sets": sets,
    "fields": fields,
    "flows": flows,
    "parameters": parameters,
    "families": families,
}


def filled(text: str) -> str:
    """Return a page with its lists made anew."""

    def fill(found: re.Match[str]) -> str:
        begin, name, words, _, end = found.groups()
        return begin + LISTS[name](words.split()) + end

    return _MARKED.sub(fill, text)


def stale() -> list[Path]:
    """Return the pages whose lists are not those of the code."""
    pages = [DOCS / page for page in PAGES]
    return [p for p in pages if filled(p.read_text(encoding="utf-8")) != p.read_text(encoding="utf-8")]


def main(arguments: Sequence[str]) -> int:
    """Write the lists, or with --check only tell which pages are out of date."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    old = stale()
    for page in old:
        if arguments:
            print(f"docs/{page.name} is out of date: run python tools/build_docs.py")
        else:
            page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
            print(f"docs/{page.name} written")
    return 1 if arguments and old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
