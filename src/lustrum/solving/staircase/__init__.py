"""The staircase solver: an interior point for plans, whose program is a small core with many small pieces.

It takes one stage of a `Problem` and returns values and row duals; the certificate judges them. The short file: it is
the room's door, and names what is used outside.
"""

from lustrum.solving.staircase.batch import Prepared, maximise_batch
from lustrum.solving.staircase.maximise import maximise_staircase

__all__ = ["Prepared", "maximise_batch", "maximise_staircase"]
