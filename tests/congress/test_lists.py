"""Rolls, votes and papers as text: what is read, and what is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.congress.lists import CastVote, read_paper, read_roll, read_votes
from lustrum.errors import BadInput


def test_a_roll_keeps_its_columns_and_reads_headings_in_any_case() -> None:
    lines = ["\ufeffName,Credential,Weight,Region", "", "Ada Berg,d1,,north", '"Berg, Bo",d2,3,', ""]
    text = "\r\n".join(lines)
    assert read_roll(text) == [
        {"name": "Ada Berg", "credential": "d1", "weight": "", "region": "north"},
        {"name": "Berg, Bo", "credential": "d2", "weight": "3", "region": ""},
    ]


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("", []),
        ("  ", []),
        ("yes", [["yes"]]),
        ("a > b > c", [["a"], ["b"], ["c"]]),
        ("a>b=c", [["a"], ["b", "c"]]),
        ("a, b", [["a", "b"]]),
        ("Ada Berg > Bo", [["Ada Berg"], ["Bo"]]),
    ],
)
def test_a_paper_in_one_line(text: str, paper: list[list[str]]) -> None:
    assert read_paper(text) == paper


@pytest.mark.parametrize("text", [">", "a >", "> a", "a = = b", "a,,b", "a > , b"])
def test_a_paper_with_a_mark_missing_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="mark is missing"):
        read_paper(text)


def test_votes_with_a_proxy() -> None:
    assert read_votes("voter,vote,by\nd1,yes,\nd2,no,d1\n") == [
        CastVote(2, "d1", [["yes"]], None),
        CastVote(3, "d2", [["no"]], "d1"),
    ]


@given(st.text(alphabet='ab,;"\n\r\x00 namevoter=>1', max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for read in (read_roll, read_votes, read_paper):
        try:
            read(text)
        except BadInput as e:
            assert e.what
