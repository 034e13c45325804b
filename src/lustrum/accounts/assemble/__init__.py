"""From a table of flows to an economy ready for a plan: coefficients, needs, capital, labour, trade, resources."""

from lustrum.accounts.assemble.economy import Assembled, assemble, to_economy
from lustrum.accounts.assemble.options import Options

__all__ = ["Assembled", "Options", "assemble", "to_economy"]
