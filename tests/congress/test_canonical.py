"""Canonical JSON: the form of RFC 8785, and nothing that is not in it is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.congress.canonical import canonical, digest, parse, parse_canonical

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_and_written_the_same(data: Any) -> None:
    text = canonical(data)
    assert canonical(parse(text)) == text and canonical(parse_canonical(text)) == text
    assert parse(text) == data
    assert digest(data) == digest(parse(text))


@given(values)
def test_any_other_way_of_writing_it_is_not_canonical(data: Any) -> None:
    text = canonical(data)
    for other in (
        json.dumps(data).encode(),
        json.dumps(data, sort_keys=True, separators=(",", ":")).encode(),
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(),
        b" " + text,
    ):
        if other != text:
            with pytest.raises(ValueError):
                parse_canonical(other)


@pytest.mark.parametrize(
    "text",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":2}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1E5",
        b"1e05",
        b"-0",
        b"-0.0",
        b"0.10",
        b"1e-07",
        b"9007199254740993",
        b"10000000000000000000001",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud800"',
        b'"\\u001F"',
        b"NaN",
        b"Infinity",
        b"[1, 2]",
        b"",
        b"nul",
        b'"\xff"',
        '{"\uffff":1,"\U00010000":1}'.encode(),
    ],
)
def test_what_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        parse_canonical(text)


@pytest.mark.parametrize(
    "text",
    [
        b"1e-7",
        b"100000000000000000000",
        b"1e+21",
        b"0.000001",
        b"9007199254740991",
        b"9007199254740992",
        b'"\\u001f"',
        '{"\U00010000":1,"\uffff":1}'.encode(),
        b"1.5e+300",
    ],
)
def test_what_is_canonical_is_taken_also_where_python_would_write_it_otherwise(text: bytes) -> None:
    assert canonical(parse_canonical(text)) == text


def test_nested_too_deep_is_an_error_and_no_crash() -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse_canonical(b"[" * 100_000 + b"]" * 100_000)
