"""The staircase solver: an interior point that knows that a plan is a small core and many small pieces.

A room of `solving`: takes one stage of a `Problem`, returns values and row duals; the certificate judges them.
"""

from lustrum.solving.staircase.draws import Prepared, maximise_batch
from lustrum.solving.staircase.maximise import maximise_staircase

__all__ = ["Prepared", "maximise_batch", "maximise_staircase"]
