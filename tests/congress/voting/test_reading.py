"""Ballots counted elsewhere: BLT and CSV are read, and what cannot be read is said with its line and the mend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.congress.voting import Ballots, count, read_blt, read_csv, write_blt
from lustrum.errors import BadInput

#: The example of Hill, Wichmann and Woodall, Algorithm 123: Basil has withdrawn.
_ALGORITHM_123 = """4 2
-2
3 1 3 4 0
4 1 3 2 0
2 4 1 3 0
1 2 0
2 2 4 3 1 0
1 3 4 2 0
0
"Adam"
"Basil"
"Charlotte"
"Donald"
"Title"
"""


def test_the_example_of_algorithm_123() -> None:
    file = read_blt(_ALGORITHM_123)
    assert (file.seats, file.title, file.withdrawn) == (2, "Title", ("Basil",))
    assert file.ballots.options == ("Adam", "Charlotte", "Donald")
    assert file.ballots.weight == 13
    counted = count("meek-stv", file.ballots, seats=2)
    assert counted.invalid == {"blank": 1}  # the paper for Basil alone
    assert counted.valid == 12


def test_comments_shared_ranks_ranks_left_out_and_lines_do_not_matter() -> None:
    file = read_blt('3 1 # three for one\n2 1 2=3 0 1 - 3 0\n\n0 "A" "B # b"\n"C"\n"Chair"')
    assert file.ballots.options == ("A", "B # b", "C")
    assert file.ballots.papers == (((("A",), ("B # b", "C")), 2), (((), ("C",)), 1))
    assert file.title == "Chair"


def test_candidates_without_names_go_by_their_numbers() -> None:
    file = read_blt("2 1\n5 1 0\n0\nGreater Pollok\n")
    assert (file.ballots.options, file.title) == (("1", "2"), "Greater Pollok")
    assert read_blt('2 1\n5 1 0\n0\n"Only a title"\n').title == "Only a title"


@pytest.mark.parametrize(
    ("text", "line", "match"),
    [
        ("", 0, "ends too early"),
        ("3\n", 1, "ends too early"),
        ("3 x\n", 1, "no whole number"),
        ("0 1\n0\n", 1, "at least one seat and one candidate"),
        ("999999999 1\n0\n", 1, "not too many"),
        ("9" * 5000 + " 1\n0\n", 1, "no whole number"),
        ("3 1\n2 1 4 0\n0\n", 2, "no candidate's number"),
        ("3 1\n2 1 2\n1 3 0\n", 3, "ends too early"),
        ("3 1\n2 1 -2 0\n0\n", 2, "no candidate's number"),
        ("3 1\n1.5 1 0\n0\n", 2, "no whole number"),
        ("3 1\n2 1 0\n-2\n0\n", 3, "withdraws who cannot"),
        ("3 1\n-4\n2 1 0\n0\n", 2, "withdraws who cannot"),
        ('3 1\n2 1 0\n0\n"A"\n"B"\n', 5, "fewer names"),
        ('2 1\n2 1 0\n0\n"A"\n"A"\n"T"\n', 4, "stands twice"),
        ('2 1\n2 1 0\n0\n"A\n', 4, "not closed"),
        ("2 1\n-1 -2\n0\n", 1, "every candidate has withdrawn"),
    ],
)
def test_blt_that_cannot_be_read_is_refused_with_its_line(text: str, line: int, match: str) -> None:
    with pytest.raises(BadInput, match=match) as raised:
        read_blt(text, "ward.blt")
    assert raised.value.where == f"ward.blt: line {line}"


def test_csv_holds_ranks_or_crosses_and_weights() -> None:
    text = "\ufeffweight,Ash,Birch,Cedar\n12,1,2,\n3,,1,1\n1,x,,X\n\n2,1,,3\n1,,,\n"
    papers = read_csv(text).papers
    assert papers == (
        ((("Ash",), ("Birch",)), 12),
        ((("Birch", "Cedar"),), 3),
        ((("Ash", "Cedar"),), 1),
        ((("Ash",), (), ("Cedar",)), 2),
        ((), 1),
    )
    assert read_csv('"Ash, old",Birch\n1,\n').options == ("Ash, old", "Birch")


@pytest.mark.parametrize(
    ("text", "where", "match"),
    [
        ("", "line 1", "names no options"),
        ("weight\n", "line 1", "names no options"),
        ("weight,Weight,A\n", "line 1", "two columns of weights"),
        ("A,A\n", "line 1, column 1", "no name of its own"),
        ("A,\n", "line 1, column 2", "no name of its own"),
        ("A,B\n1\n", "line 2", "not as many cells"),
        ("A,B\n1,second\n", "line 2, column 2 (B)", "no whole number"),
        ("A,B\n1,2\n1,0\n", "line 3, column 2 (B)", "no whole number"),
        ("weight,A\n0.5,1\n", "line 2, column 1 (weight)", "no whole number"),
        ("A,B\nx,1\nx,2\n", "line 3", "crosses and ranks"),
        ("A,B\n1,9\n", "line 2", "higher than there are options"),
    ],
)
def test_csv_that_cannot_be_read_is_refused_with_its_cell(text: str, where: str, match: str) -> None:
    with pytest.raises(BadInput, match=match) as raised:
        read_csv(text, "urn.csv")
    assert raised.value.where == f"urn.csv: {where}"


_TIERS = st.lists(st.sampled_from("abcd"), unique=True, max_size=4).flatmap(
    lambda marks: st.lists(st.integers(0, 2), min_size=len(marks), max_size=len(marks)).map(
        lambda cuts: _cut(marks, cuts)
    )
)


def _cut(marks: list[str], cuts: list[int]) -> tuple[tuple[str, ...], ...]:
    """Return marks as tiers: a 0 joins a mark to the tier before, a 2 leaves a rank out before it."""
    tiers: list[tuple[str, ...]] = []
    for mark, cut in zip(marks, cuts, strict=True):
        if cut == 0 and tiers:
            tiers[-1] = tuple(sorted((*tiers[-1], mark)))
        else:
            tiers += [(), (mark,)] if cut == 2 else [(mark,)]
    return tuple(tiers)


@given(st.lists(st.tuples(_TIERS, st.integers(1, 9)), max_size=8), st.integers(1, 4))
def test_what_is_written_as_blt_is_read_back(papers: list[tuple[tuple[tuple[str, ...], ...], int]], seats: int) -> None:
    ballots = Ballots(("a", "b", "c", "d"), tuple(papers))
    back = read_blt(write_blt(ballots, seats, "Plenary"))
    assert (back.ballots, back.seats, back.title) == (ballots.grouped(), seats, "Plenary")
    assert Ballots.from_document(ballots.document()) == ballots.grouped()


def test_what_blt_cannot_hold_is_not_written() -> None:
    with pytest.raises(BadInput, match="cannot hold"):
        write_blt(Ballots(('The "one"',), ()), 1)
    with pytest.raises(BadInput, match="no option"):
        write_blt(Ballots(("a",), (((("z",),), 1),)), 1)


def test_ballots_that_are_none_are_refused() -> None:
    for options, papers, match in (
        ((), (), "without options"),
        (("a", "a"), (), "stands twice"),
        (("a\nb",), (), "no single line"),
        (("a",), (((("a",),), 0),), "no whole number"),
        (("a",), (((("a",),), 1.5),), "no whole number"),
    ):
        with pytest.raises(BadInput, match=match):
            Ballots(options, papers)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no document of ballots"):
        Ballots.from_document({"options": ["a"]})
    with pytest.raises(BadInput, match="no option"):
        Ballots.from_document({"options": ["a"], "papers": [[1, [[2]]]]})


_BITS = st.sampled_from(
    [*'012-=#" ,x\n\r²٣', "-1", "1=2", '"A"', '"B"', "weight", "A", "1.5", "1e3", "\x00", "\ufeff", "\u2028", "9" * 20]
)


@given(st.lists(_BITS, max_size=25), st.sampled_from(["", " ", "\n"]))
def test_whatever_stands_in_a_file_it_is_read_or_refused(bits: list[str], between: str) -> None:
    text = between.join(bits)
    for read in (read_blt, read_csv):
        try:
            read(text)
        except BadInput as error:
            assert error.what
