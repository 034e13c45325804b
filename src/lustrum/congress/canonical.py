"""Canonical JSON (RFC 8785), the one form of every event and document of the congress, and the digests taken of it."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import Any

from lustrum.errors import BadInput

#: Data as JSON has it: None, bool, int, float, str, and lists and dictionaries of these.
JSON = Any

#: Integers beyond this are not the same in every reader of JSON.
LARGEST = 2**53 - 1

#: Where UTF-8 begins a character beyond the first 65,536.
_FAR = re.compile(rb"[\xf0-\xf4]")


def canonical(data: JSON) -> bytes:
    """Return the canonical bytes of JSON data.

    Raises
    ------
    BadInput
        If the data holds what JSON cannot: NaN, integers beyond 2^53 − 1, keys that are not text, dates, bytes.
    """
    import rfc8785

    try:
        return rfc8785.dumps(data)
    except (ValueError, RecursionError) as e:
        raise BadInput(
            "data that cannot be written as canonical JSON",
            found=str(e)[:120],
            expected="text, whole numbers below 2^53, figures, true, false, null, lists, objects",
            mend="write large numbers and dates as text, fractions as {num, den}",
        ) from None


def parse(text: bytes | str) -> JSON:
    """Read JSON so that its canonical bytes are those it was written with.

    A figure like 1e20 is written without a point; read as an integer it would lie beyond what canonical
    JSON may hold, so it becomes a float again. Names that stand twice in an object are refused.

    Raises
    ------
    ValueError
        If it is not JSON. `RecursionError` if it is nested too deep.
    """
    return json.loads(text, parse_int=_whole, parse_constant=_no_figure, object_pairs_hook=_names_once)


def parse_canonical(text: bytes) -> JSON:
    """Read JSON that must be in canonical form.

    Python's own writer gives the canonical form where whole numbers are small, figures are written as both do, and
    no character lies beyond the first 65,536, so that names sort alike. It is many times quicker, and tried first.

    Raises
    ------
    ValueError
        If it is not, or no JSON at all. `RecursionError` if it is nested too deep.
    """
    if not _FAR.search(text):
        try:
            data = _QUICK_READER.decode(text.decode())
            if _QUICK_WRITER.encode(data).encode() == text:
                return data
        except ValueError:
            pass  # the full reader below finds out whether it is canonical nevertheless
    data = parse(text)
    try:
        if canonical(data) == text:
            return data
    except BadInput as e:
        raise ValueError(str(e.found)) from None
    raise ValueError("it is not in canonical form")


def digest(data: JSON) -> str:
    """Return `sha256:<hex>` of the canonical bytes of JSON data."""
    return digest_of(canonical(data))


def digest_of(content: bytes) -> str:
    """Return `sha256:<hex>` of bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _small(text: str) -> int:
    if len(text) > 15:
        raise ValueError("perhaps not small")
    return int(text)


@lru_cache(maxsize=4096)
def _as_written(text: str) -> float:
    figure = float(text)
    if repr(figure) != text or canonical(figure) != text.encode():
        raise ValueError("a figure that is written otherwise")
    return figure


def _whole(text: str) -> int | float:
    number = int(text) if len(text) <= 17 else float(text)
    return number if -LARGEST <= number <= LARGEST else float(text)


def _no_figure(text: str) -> JSON:
    raise ValueError(f"{text} is no figure of JSON")


def _names_once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return out


_QUICK_READER = json.JSONDecoder(parse_int=_small, parse_float=_as_written, parse_constant=_no_figure)
_QUICK_WRITER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
