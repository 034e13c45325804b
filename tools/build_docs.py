"""Fills the lists of docs/tables.md, plan-file.md, model.md and import.md from the tables of the code.

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
from lustrum.accounts.readers.mapped import layouts as shipped
from lustrum.accounts.readers.mapping import COLUMNS, ROWS, ImportMap, Line, Sheet
from lustrum.planning.families import FAMILIES
from lustrum.planning.parameters import PARAMETERS, Parameter

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = ("tables.md", "plan-file.md", "model.md", "import.md")

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


def layouts(_: Sequence[str]) -> str:
    """Return the layouts that ship with the program, with the release that each was made with."""
    rows = [
        (
            m.publisher,
            m.title.replace(", {year}", "").replace(" {year}", ""),
            m.seen,
            f"`{name}`" + (", refused" if m.lacks else ""),
        )
        for name, m in sorted(shipped().items(), key=lambda i: i[1].publisher)
    ]
    return table(("publisher", "table", "release seen", "mapping"), rows)


def mapping(words: Sequence[str]) -> str:
    """Return the keys of one part of a mapping file."""
    model = {m.__name__: m for m in (ImportMap, Sheet, Line)}[words[0]]
    rows = [
        (f"`{f.alias or name}`", "needed" if f.is_required() else "", f.description or KEY_WORDS.get(name, ""))
        for name, f in model.model_fields.items()
        if name not in ("recognise", "seen", "lacks")
    ]
    return table(("key", "", "meaning"), rows)


#: Keys whose name says all, or nearly.
KEY_WORDS: dict[str, str] = {
    "format": "`lustrum-import/1`",
    "name": "short name of the accounts",
    "title": "full title",
    "publisher": "the office",
    "licence": "its terms",
    "prices": "basic, producer or purchaser",
    "decimal": "sign of decimals, `.` or `,`",
    "thousands": "sign between thousands",
    "columns_within": "the same for the column of an industry",
    "why": "the publisher's reason",
    "notes": "remarks that go with the accounts",
    "tables": "the sheets",
    "row_codes": "column with the codes of the rows",
    "row_names": "column with their names",
    "column_codes": "row with the codes of the columns",
    "column_names": "row with their names",
    "column_take": "the same for labels of columns",
    "column_prefix": "the same for columns",
    "column_digits": "the same for columns",
    "names": "another sheet with codes and names: `{sheet, codes, names}`",
    "rows": "what the rows are",
    "columns": "what the columns are",
    "role": "what the rows or columns are: below",
}


def roles(words: Sequence[str]) -> str:
    """Return what a row or a column can be."""
    given = ROWS if words[0] == "rows" else COLUMNS
    return table(("is", "meaning"), [(f"`{role}`", meaning) for role, meaning in given.items()])


LISTS: dict[str, Callable[[Sequence[str]], str]] = {
    "sets": sets,
    "fields": fields,
    "flows": flows,
    "parameters": parameters,
    "families": families,
    "layouts": layouts,
    "mapping": mapping,
    "roles": roles,
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
