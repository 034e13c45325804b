"""Small charts for the terminal, in one line of text."""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence

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
