"""What `lustrum economy check` shows."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lustrum.accounts.checks.report import Report

_STYLE = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check_screen(report: Report) -> Iterable[RenderableType]:
    """Return the findings on accounts, errors first, and the figures they rest on."""
    yield Text(f"{report.economy}  {report.sectors} activities", style="bold")
    residuals = report.residuals
    yield Text(f" balance of the base year: largest residual {residuals['rows']:.1e} of a product's total")
    yield Text(f" columns that should sum to 1: largest difference {residuals['columns']:.1e}")
    radius = "" if report.spectral_radius is None else f", spectral radius {report.spectral_radius:.3f}"
    yield Text(f" {'productive' if report.productive else 'not productive'}{radius}")
    if report.findings:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        table.add_column()
        table.add_column(overflow="fold")
        for f in report.findings:
            words = Text(f"{f.where}: {f.what}")
            if f.mend:
                words.append(f"\nmend: {f.mend}", style="dim")
            table.add_row(Text(f.severity, style=_STYLE[f.severity]), words)
        yield table
    errors = sum(f.severity == "error" for f in report.findings)
    yield Text("sound" if report.ok else f"{errors} error{'s' if errors > 1 else ''}: a plan from these would be wrong")
