"""A plan in a few figures: needs, growth, labour, trade, and what holds it back."""

from lustrum.planning.summary.document import document, objective_unit
from lustrum.planning.summary.strongest import FamilyTotal, Limit, every_limit, family_totals, strongest_limits

__all__ = [
    "FamilyTotal",
    "Limit",
    "document",
    "every_limit",
    "family_totals",
    "objective_unit",
    "strongest_limits",
]
