"""Balancing: the smallest move of a table's cells that meets totals and other known figures.

`ras` (cells of one sign), `gras` (cells of both signs), `kras` (any linear constraints, with reliabilities).
"""

from __future__ import annotations

from lustrum.accounts.national.balance.gras import gras
from lustrum.accounts.national.balance.kras import kras
from lustrum.accounts.national.balance.ras import ras
from lustrum.accounts.national.balance.result import Balanced, Constraint

__all__ = ["Balanced", "Constraint", "gras", "kras", "ras"]
