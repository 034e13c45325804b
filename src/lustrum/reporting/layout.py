"""The one table form of the terminal: labels on the left, years across, a small chart at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.reporting.charts import sparkline
from lustrum.reporting.words import amount, few_years, name

Series = Mapping[str, float | None]
Form = Callable[[float | None], str]

#: A page is never wider than this; a narrower terminal narrows it down to the least.
WIDEST, NARROWEST = 100, 60


def page_width(terminal: int) -> int:
    """Width of the page on a terminal of so many columns."""
    return max(NARROWEST, min(terminal, WIDEST))


@dataclass(frozen=True)
class _Row:
    label: str
    cells: dict[str, str]
    extra: str = ""
    chart: str = ""
    style: str = ""


class YearTable:
    """Rows of figures by year, in sections, fitted to a width.

    Figures are never cut: on a narrow page labels shorten, then years between the first and the last go,
    then the chart. The chart of a row always has every year.

    Parameters
    ----------
    years
        All years, in order.
    extra
        Heading of one more column after the years, if any.
    """

    LABEL_LEAST, LABEL_MOST, CHART_MOST = 22, 44, 20

    def __init__(self, years: Sequence[str], extra: str = "") -> None:
        self.years, self.extra = list(years), extra
        self._rows: list[_Row | None] = []

    def section(self, text: str) -> None:
        """Begin a section with its own heading, after an empty line where rows stand above it."""
        if self._rows:
            self._rows.append(None)
        self._rows.append(_Row(text, {}, style="bold"))

    def row(
        self,
        label: str,
        series: Series,
        form: Form = amount,
        extra: str = "",
        style: str = "",
        chart: bool = True,
        indent: int = 1,
    ) -> None:
        """Add a row."""
        values = [series.get(y) for y in self.years]
        drawn = sparkline(values) if chart and 1 < len(values) <= self.CHART_MOST else ""
        cells = {y: form(v) if v is not None or chart else "" for y, v in zip(self.years, values, strict=True)}
        self._rows.append(_Row(" " * indent + name(label), cells, extra, drawn, style))

    def table(self, width: int) -> Group:
        """Lay the rows out on a page of so many columns."""
        rows = [r for r in self._rows if r is not None]
        content = {y: max([len(y), *(len(r.cells.get(y, "")) for r in rows)]) for y in self.years}
        extra = max([len(self.extra), *(len(r.extra) for r in rows)]) + 2 if self.extra else 0
        chart = max([len(r.chart) for r in rows], default=0)
        chart = chart + 2 if chart else 0
        longest = min(max([len(r.label) for r in rows if r.cells], default=0), self.LABEL_MOST)
        least = min(self.LABEL_LEAST, longest)
        gap = 2 if least + sum(content.values()) + 2 * len(content) + extra + chart <= width else 1
        wide = {y: size + gap for y, size in content.items()}
        shown = self.years
        while len(shown) > 2 and least + sum(wide[y] for y in shown) + extra + chart > width:
            shown = few_years(self.years, len(shown) - 1)
        if least + sum(wide[y] for y in shown) + extra + chart > width:
            chart = 0
        label = max(least, min(longest, width - sum(wide[y] for y in shown) - extra - chart))
        parts: list[RenderableType] = []
        block: Table | None = None
        for row in self._rows:
            if row is not None and row.cells:
                if block is None:
                    block = self._block(label, {y: wide[y] for y in shown}, extra, chart, head=not parts)
                    parts.append(block)
                cells = [row.cells[y] for y in shown] + ([row.extra] if extra else [])
                block.add_row(row.label, *cells, *([row.chart] if chart else []), style=row.style)
                continue
            if not parts:  # the years stand above the first heading
                parts.append(self._block(label, {y: wide[y] for y in shown}, extra, chart, head=True))
            parts.append(Text(row.label, row.style, overflow="ellipsis", no_wrap=True) if row else Text())
            block = None
        return Group(*parts)

    def _block(self, label: int, years: Mapping[str, int], extra: int, chart: int, head: bool) -> Table:
        out = Table(box=None, pad_edge=False, padding=0, header_style="dim", show_header=head)
        out.add_column("", no_wrap=True, overflow="ellipsis", width=label)
        for year, size in years.items():
            out.add_column(year, justify="right", no_wrap=True, width=size)
        if extra:
            out.add_column(self.extra, justify="right", no_wrap=True, width=extra, style="dim")
        if chart:
            out.add_column("", justify="right", no_wrap=True, width=chart, style="cyan")
        return out


def plain_table(columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of text; columns are heading and `left`, `right`, or `rest`: what may be shortened."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    for title, side in columns:
        table.add_column(
            title,
            justify="right" if side == "right" else "left",
            no_wrap=True,
            overflow="ellipsis" if side == "rest" else "ignore",
            ratio=1 if side == "rest" else None,
            min_width=None if side == "rest" else len(title),
        )
    for row in rows:
        table.add_row(*(name(cell) for cell in row))
    return table
