"""The house rules that can be measured: no import circles, no layout by hand, few short files."""

from __future__ import annotations

import sys
from pathlib import Path

import grimp
from tools.measure_rooms import SHORT

SOURCE = Path(__file__).parents[1] / "src" / "lustrum"


def circles() -> list[list[str]]:
    """Groups of modules that import each other, by Tarjan's algorithm."""
    graph = grimp.build_graph("lustrum", cache_dir=None)
    below = {m: sorted(graph.find_modules_directly_imported_by(m)) for m in sorted(graph.modules)}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        open_.append(module)
        for other in below[module]:
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in open_:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            at = open_.index(module)
            group, open_[at:] = open_[at:], []
            if len(group) > 1:
                found.append(group)

    sys.setrecursionlimit(10_000)
    for module in below:
        if module not in number:
            visit(module)
    return found


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles() == []


def test_the_layout_is_the_formatters() -> None:
    kept_out = [p for p in SOURCE.rglob("*.py") if "fmt: skip" in (t := p.read_text("utf-8")) or "fmt: off" in t]
    assert not kept_out


def test_few_files_are_short() -> None:
    short = [p for p in SOURCE.rglob("*.py") if len(p.read_text("utf-8").splitlines()) < SHORT]
    assert len(short) <= 25, short
