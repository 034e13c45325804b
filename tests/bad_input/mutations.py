"""Ways in which files go wrong: slips of the hand, of a spreadsheet, of a disk, of an editor, and of the ill-minded."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import strategies as st

from lustrum.planning.parameters import PARAMETERS

Draw = Any

#: Text that does not belong where it is put.
SNIPPETS = (
    "",
    "-",
    ":",
    ": ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "#",
    "&a ",
    "*a",
    "!!set ",
    "---\n",
    "...\n",
    "? ",
    "| ",
    "%YAML 9",
    "<<: ",
    "null",
    "~",
    "true",
    "NO",
    "1e999",
    "-0",
    "0x1F",
    "1:30",
    "007",
    "٣",
    "½",
    "é",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\x00",
    "\x1b[31m",
    "\x85",
    "9" * 50,
    "9" * 5000,
    "nan",
    "-.inf",
    "=1+1",
    "#REF!",
    "1,000",
    "1.000,5",
    "5 %",
    "2026-01-01",
    "all",
    "value",
    "year",
    " " * 50,
    "a" * 2000,
    "\U0001f33e",
)

#: Values of every kind, sensible or not, for any place in a plan.
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    5,
    60,
    61,
    1000,
    2026,
    2030,
    2031,
    1999,
    -2026,
    10**19,
    10**400,
    0.0,
    -0.5,
    0.5,
    1.0,
    1e-300,
    1e17,
    1e18,
    1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    " ",
    "all",
    "ALL",
    "food",
    "corn",
    "goods",
    "machines",
    "NO",
    "1",
    "1e3",
    "2026-05-01",
    "a: b",
    "x" * 300,
    "\x1b[0m",
    [],
    [[]],
    [None],
    ["all", "food"],
    ["food"],
    [2026],
    [2026, 2026],
    [1, "a"],
    {},
    {"from": 1.0, "to": 2.0},
    {"from": 1.0},
    {"start": 1.0, "growth": 0.1},
    {"start": 1e18, "growth": 10.0},
    {"start": 1.0, "growth": -2},
    {2026: 1.0},
    {2026: 1.0, 2027: None},
    {1: 1},
    {"a": 1},
    {"need": "food", "at_least": 1.0},
    {"of": "output"},
    {"name": "t", "terms": [{"of": "debt"}], "at_least": 0},
    {"flow": "imports", "at_least": 1.0, "basis": "absolute"},
    {"rule": "stocks", "stocks": [{"at_least": 1.0}]},
)

#: Cells that spreadsheets and hands produce.
CELLS = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "-0",
    "+5",
    "0.1",
    "1e5",
    "1e18",
    "1e19",
    "1e-99",
    "1e-101",
    "1e308",
    "1e999",
    "5e-324",
    "nan",
    "inf",
    "#N/A",
    "#DIV/0!",
    "=SUM(A1:A3)",
    "1,5",
    '"1,5"',
    "1 000",
    "5%",
    "(3)",
    "−3",
    "½",
    "１２",
    "TRUE",
    "yes",
    "n/a",
    "..",
    "all",
    "value",
    "year",
    "2025",
    "2026",
    "²",
    "12345",
    "corn",
    "Corn",
    "farms",
    "'",
    '"',
    '"a\nb"',
    "\x00",
    "\x1b",
    "a" * 200,
    "\ufeff",
    "\u202e",
    "\U0001f33e",
)


#: Numbers that can be read, and that nobody should write.
FIGURES = ("0", "-1", "-0", "1e-99", "1e-18", "1e18", "-1e18", "1e9", "0.3333333333333333", "1.0000001", "2", "100")


def place(draw: Draw, size: int) -> int:
    return int(draw(st.integers(0, max(size - 1, 0))))


@st.composite
def spoilt_text(draw: Draw, text: str) -> str:
    """One to three slips in a text."""
    for _ in range(draw(st.integers(1, 3))):
        text = _slip(draw, text)
    return text


def _slip(draw: Draw, text: str) -> str:
    kind = draw(st.sampled_from(("character", "insert", "replace", "line", "lines", "cut", "whole")))
    at = place(draw, len(text))
    if kind == "character":
        return text[:at] + text[at + draw(st.integers(1, 3)) :]
    if kind == "insert":
        return text[:at] + draw(st.sampled_from(SNIPPETS)) + text[at:]
    if kind == "replace":
        return text[:at] + draw(st.sampled_from(SNIPPETS)) + text[at + draw(st.integers(1, 8)) :]
    lines = text.splitlines(keepends=True) or [""]
    k = place(draw, len(lines))
    if kind == "line":
        changed = draw(st.sampled_from(([], [lines[k]] * 2, ["  " + lines[k]], [lines[k].lstrip()], ["\t" + lines[k]])))
        return "".join([*lines[:k], *changed, *lines[k + 1 :]])
    if kind == "lines":
        other = place(draw, len(lines))
        lines[k], lines[other] = lines[other], lines[k]
        return "".join(lines)
    if kind == "cut":
        return text[:at]
    return draw(
        st.sampled_from(
            (
                text.replace("\n", "\r\n"),
                "\ufeff" + text,
                text * 2,
                text.upper(),
                text.replace(" ", "\t"),
                text.replace(":", "="),
                "\x00" * 100,
                "{" * 2000,
                "- " * 2000,
                text.replace("\n", ""),
            )
        )
    )


def _paths(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(p for k, v in below for p in _paths(v, (*at, k)))]


@st.composite
def spoilt_plan(draw: Draw, text: str, keys: tuple[str, ...]) -> str:
    """A plan whose text is sound YAML and whose keys or values are wrong, or merely odd."""
    tree = yaml.safe_load(text)
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 3)) == 0:
            _extreme(draw, tree)
            continue
        path = draw(st.sampled_from(_paths(tree)[1:]))
        parent = tree
        for part in path[:-1]:
            parent = parent[part]
        last, kind = path[-1], draw(st.sampled_from(("value", "value", "delete", "key", "add", "twice", "nest")))
        if kind == "value":
            parent[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif kind == "delete":
            del parent[last]
        elif kind == "nest":
            parent[last] = [parent[last]] if draw(st.booleans()) else {"a": parent[last]}
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last] if kind == "twice" else draw(st.sampled_from(VALUES))))
        elif kind == "key":
            parent[draw(st.sampled_from((*keys, "", 2026, str(last) + "s")))] = parent.pop(last)
        else:
            parent[draw(st.sampled_from(keys))] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        if not isinstance(tree, dict) or not tree:
            break
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def _extreme(draw: Draw, tree: Any) -> None:
    """Set a parameter to an end of its range, or just past it."""
    p = PARAMETERS[draw(st.sampled_from(sorted(set(PARAMETERS) - {"solver.time_limit"})))]
    ends = [p.default, p.low, p.high, *([] if p.low is None else [p.low - 1, p.low + 1e-9]), True, False]
    *sections, last = p.path.split(".")
    for part in sections:
        if not isinstance(tree.get(part), dict):
            tree[part] = {}
        tree = tree[part]
    tree[last] = draw(st.sampled_from(ends))


@st.composite
def spoilt_tables(draw: Draw, tables: dict[str, str]) -> dict[str, str | bytes]:
    """An economy folder in which one or two files are wrong, or merely odd."""
    out: dict[str, str | bytes] = dict(tables)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(tables)))
        text = tables[name]
        kind = draw(
            st.sampled_from(
                ("figure", "figure", "figure", "cell", "cell", "row", "column", "text", "text", "file", "bytes")
            )
        )
        if kind in ("cell", "figure", "row", "column") and name.endswith(".csv"):
            out[name] = _cells(draw, text, kind)
        elif kind == "file":
            other = draw(st.sampled_from(sorted(tables)))
            what = draw(st.sampled_from(("swap", "delete", "empty", "rename")))
            if what == "swap":
                out[name], out[other] = tables[other], text
            elif what == "empty":
                out[name] = ""
            else:
                out.pop(name, None)
                if what == "rename":
                    out[draw(st.sampled_from((name.upper(), "x" + name, name + ".txt", other)))] = text
        elif kind == "bytes":
            raw = bytearray(text.encode())
            at = place(draw, len(raw))
            raw[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=8))
            out[name] = draw(st.sampled_from((bytes(raw), text.encode("utf-16"), b"\x89PNG\r\n" + bytes(raw)[:20])))
        else:
            out[name] = draw(spoilt_text(text))
    return out


def _cells(draw: Draw, text: str, kind: str) -> str:
    rows = [line.split(",") for line in text.splitlines()] or [[""]]
    r = place(draw, len(rows))
    c = place(draw, len(rows[r]))
    if kind == "figure":
        numbers = [(i, k) for i, row in enumerate(rows) for k, cell in enumerate(row) if k and i and cell[:1].isdigit()]
        if numbers:
            i, k = draw(st.sampled_from(numbers))
            rows[i][k] = draw(st.sampled_from(FIGURES))
    elif kind == "cell":
        rows[r][c] = draw(st.sampled_from(CELLS))
    elif kind == "row":
        change = draw(st.sampled_from(("delete", "twice", "short", "long")))
        if change == "delete":
            del rows[r]
        elif change == "twice":
            rows.insert(r, list(rows[r]))
        else:
            rows[r] = rows[r][:-1] if change == "short" else [*rows[r], "1"]
    else:
        for row in rows:
            if c < len(row):
                row[c : c + 1] = [] if draw(st.booleans()) else [row[c], row[c]]
    return "\n".join(",".join(row) for row in rows) + "\n"
