"""What every screen is made of: figures and names in words, small charts in one line, and tables.

The one table form has labels on the left, years across, and a small chart at the end.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text


def amount(value: float | None) -> str:
    """Return a figure with about four digits and thousands separators; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1e10:
        return f"{value:.3e}"
    digits = 0 if size >= 1000 or value == 0 else 1 if size >= 100 else 2 if size >= 1 else 4
    if 0 < size < 1e-3:
        return f"{value:.2g}"
    return _no_minus_zero(f"{value:,.{digits}f}")


def percent(value: float | None) -> str:
    """Return a share or an index times 100, one digit after the point."""
    if value is None or not math.isfinite(value):
        return "–"
    return _no_minus_zero(f"{100 * value:.1f}")


def change(value: float | None) -> str:
    """Return a growth rate in per cent with its sign."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def tiny(value: float | None) -> str:
    """Return a residual or a gap."""
    if value is None or not math.isfinite(value):
        return "–"
    return "0" if value == 0 else f"{value:.1e}"


def _no_minus_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def name(text: object) -> str:
    """Return a name from the accounts that is safe to print: no control characters."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def few_years(years: list[str], most: int) -> list[str]:
    """Return the years that fit a table: all, or the first, the last and some between at equal distance."""
    if len(years) <= most:
        return years
    last = len(years) - 1
    return [years[round(k * last / (most - 1))] for k in range(most)]


BLOCKS = "▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"
#: What stands for a character where the terminal cannot show it.
_PLAIN = (
    dict(zip(BLOCKS, "_.,-=+*#", strict=True))
    | dict.fromkeys("▏▎▍", " ")
    | dict.fromkeys("▌▋▊▉", "#")
    | {
        "–": "-",
        "−": "-",
        "·": "-",
        "…": "...",
        "→": "->",
        "×": "x",
        "≥": ">=",
        "≤": "<=",
    }
)


def sparkline(values: Sequence[float | None], low: float | None = None, high: float | None = None) -> str:
    """Draw values as bars of rising height between `low` and `high` (their own least and largest)."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return ""
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    # a change of less than a fiftieth is drawn as the small change it is
    least = max(abs(top), abs(bottom)) / 50
    if top - bottom < least:
        # a little off the middle, so that rounding does not flip a level line between two heights
        bottom, top = (bottom + top - 1.125 * least) / 2, (bottom + top + 0.875 * least) / 2
    span = top - bottom or 1.0
    out = ""
    for v in values:
        if v is None or not math.isfinite(v):
            out += " "
        else:
            out += BLOCKS[min(max(int((v - bottom) / span * 8), 0), 7)]
    return out


def bar(share: float, width: int) -> str:
    """Draw a horizontal bar of `share` of `width` characters."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8) if math.isfinite(share) else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_PARTS[rest] if rest else "")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c, "?") for c in text), error.end


# An output that cannot show a character shows its plain stand-in: `stream.reconfigure(errors="lustrum")`.
codecs.register_error("lustrum", _replace)


Series = Mapping[str, float | None]
Form = Callable[[float | None], str]

#: Title, width, side and style of a column.
Column = tuple[str, int, JustifyMethod, str]

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


def grid(*columns: Column) -> Table:
    """Return an empty table whose columns (title, width, side, style) keep their width; what is longer is cut short."""
    table = Table(box=None, pad_edge=False, padding=0, header_style="dim", show_header=any(c[0] for c in columns))
    for title, width, side, style in columns:
        table.add_column(title, width=width, justify=side, style=style, no_wrap=True)
    return table


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
