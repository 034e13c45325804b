"""Ballots counted elsewhere: BLT and CSV are read, and what cannot be read is said with its line and the mend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.congress.voting import Ballots, BltFile, count, read_blt, read_csv, write_blt
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
        ("3 1\n2 1 2", 2, "ends too early"),
        ("3 1\n2 1 -2 0\n0\n", 2, "no candidate's number"),
        ("3 1\n1.5 1 0\n0\n", 2, "no whole number"),
        ("3 1\n2 1 0\n-2\n0\n", 3, "withdraws who cannot"),
        ("3 1\n-4\n2 1 0\n0\n", 2, "withdraws who cannot"),
        ('3 1\n2 1 0\n0\n"A"\n"B"\n', 5, "fewer names"),
        ('2 1\n2 1 0\n0\n"A"\n"A"\n"T"\n', 4, "stands twice"),
        ('2 1\n2 1 0\n0\n"A\n', 4, "not closed"),
        ("2 1\n-1 -2\n0\n", 1, "every candidate has withdrawn"),
        # a 0 forgotten, or a ballot that goes on below: nobody can tell which
        ("3 1\n2 1 2\n1 3 0\n0\n", 2, "not ended by 0 on its line"),
        # a 0 too many, in the three places where it can stand
        ('3 1\n2 1 2 0\n0\n3 2 1 0\n4 3 0\n0\n"Ann"\n"Bo"\n"Cy"\n"Ward 2"\n', 3, "after the 0 that ends"),
        ('3 1\n0 2 1 2 0\n0\n"Ann"\n"Bo"\n"Cy"\n"Ward 2"\n', 2, "after the 0 that ends"),
        ('3 1\n2 1 0 2 0\n0\n"Ann"\n"Bo"\n"Cy"\n"Ward 2"\n', 2, "a 0 stands within a ballot"),
        ('3 1\n2 0 1 2 0\n0\n"Ann"\n"Bo"\n"Cy"\n"Ward 2"\n', 2, "a 0 stands within a ballot"),
        ('3 1\n2 1 2 0\n0\n0\n"Ann"\n"Bo"\n"Cy"\n"Ward 2"\n', 3, "after the 0 that ends"),
        # names
        ('2 1\n2 1 0\n0\n"Ann" "Green" "Old"\n"Bo"\n"Ward"\n', 4, "a name and a party, and no more"),
        ('2 1\n2 1 0\n0\n"Ann"\n"Bo"\n"Ward"\n"source"\n"comment"\n"more"\n', 7, "more than the names and a title"),
        ("2 1\n2 1 0\n0\nAnn\nBo\nWard\nAnn: 2 votes\n", 7, "more than the names and a title"),
        ("2 1\n2 1 0\n0\n\u201cAnn\u201d\nBo\nWard\n", 4, "curly quotation marks"),
        ('2 1\n2 1 0\n0\n"Ann\x1b[31m"\n"Bo"\n"Ward"\n', 4, "cannot be seen"),
        ('2 1\n2 1 0\n0\n"Ann"\n"\u202eoB"\n"Ward"\n', 5, "cannot be seen"),
        ('2 1\n2 1 0\n0 "Ann" "Green" "Bo" "Blue" "Ward" "source" "comment"\n', 3, "fewer names|more than the names"),
        ("2 1\n2 1 0\n0 # name 2: Bo\n# name 1: Ann\nWard\n", 3, "not in their order"),
        # what is no ballot of any dialect
        ("2 1,\n2 1 0,\n0,\nAnn,\nBo,\nWard,\n", 1, "no whole number"),
        ("2 1\n(17) 1 1 0\n(17) 1 2 0\n0\n", 3, "bear the same mark"),
        ("2 1\n[lines]\n1 2\n0\n", 2, "option is not known"),
        ("2 1\n[nick a a]\n1 a 0\n0\n", 2, "no short names"),
        ("2 1\n[nick a b]\n1 c 0\n0\n", 3, "no candidate's number"),
        ("2 1\n[withdrawn 3]\n1 1 0\n0\n", 2, "no candidate's number"),
        ("2 1\n/* begun\n1 1 0\n0\n", 2, "comment is not closed"),
        ("3 1\n2 (1 4) 0\n0\n", 2, "no candidate's number"),
        ("2 1\n2 1=- 0\n0\n", 2, "no candidate's number"),
    ],
)
def test_blt_that_cannot_be_read_is_refused_with_its_line(text: str, line: int, match: str) -> None:
    with pytest.raises(BadInput, match=match) as raised:
        read_blt(text, "ward.blt")
    assert raised.value.where == f"ward.blt: line {line}"


_THREE = "3 2\n4 1 2 0\n2 3 0\n0\n"


@pytest.mark.parametrize(
    ("names", "title", "options", "parties"),
    [
        # OpenSTV and OpaVote
        ('"Castor" # a comment\n\n"Pollux"\n"Helen"\n"Twins"', "Twins", "Castor Pollux Helen", {}),
        # OpenTally: one word needs no quotation marks
        ("Castor\nPollux\nHelen\n'Twins'", "'Twins'", "Castor Pollux Helen", {}),
        # Scottish councils, 2012 to 2022, as collected by McCune
        ("Castor\nPollux\nHelen\n10. Bishopton & Ward", "10. Bishopton & Ward", "Castor Pollux Helen", {}),
        ("Castor\nPollux\nHelen\n2020", "2020", "Castor Pollux Helen", {}),
        (
            '"Castor" "Green"\n"Pollux" "Red"\n"Helen"\n"Twins"',
            "Twins",
            "Castor Pollux Helen",
            {"Castor": "Green", "Pollux": "Red"},
        ),
        (
            '"""Castor"" ""Green"""\n"""Pollux"" ""Red"""\n"""Helen"" ""None"""\n"""Twins"""',
            "Twins",
            "Castor Pollux Helen",
            {"Castor": "Green", "Pollux": "Red", "Helen": "None"},
        ),
        ('"Castor"\n"Pollux"\n"Helen"', "", "Castor Pollux Helen", {}),
        # the original does not know lines
        (' "Castor" "Pollux"\n"Helen" "Twins"', "Twins", "Castor Pollux Helen", {}),
        # Glasgow, 2007
        ("# NAME 1: Castor\n# NAME 2: Pollux\n# NAME 3: Helen\nTwins", "Twins", "Castor Pollux Helen", {}),
    ],
)
def test_names_are_read_in_every_dialect(names: str, title: str, options: str, parties: dict[str, str]) -> None:
    file = read_blt(_THREE + names)
    assert (file.ballots.options, file.title, file.parties) == (tuple(options.split()), title, parties)
    assert file.ballots.papers == (((("Castor",), ("Pollux",)), 4), ((("Helen",),), 2))


def test_what_stands_in_a_name_stays_in_it() -> None:
    names = ['"Lisa KEOGH ""Alba Party"""', 'Adam "Nan" O\'BRIEN (Lab)', "Ruth HOGG (Con_"]
    file = read_blt(_THREE + "\n".join([*names, "Ward 4"]))
    assert file.ballots.options == ('Lisa KEOGH "Alba Party"', 'Adam "Nan" O\'BRIEN (Lab)', "Ruth HOGG (Con_")


def test_source_and_comment_follow_the_title() -> None:
    """As Wichmann's programs write them."""
    for between in ("\n", " "):
        names = between.join(['"Castor"', '"Pollux"', '"Helen"', '"Twins"', '"B. A. Wichmann"', '"A test."'])
        file = read_blt(_THREE.rstrip("\n") + between + names)
        assert (file.title, file.notes) == ("Twins", ("B. A. Wichmann", "A test."))


@pytest.mark.parametrize(
    "text",
    [
        "3 2\n4 1 2=3 0\n1 - 3 0\n0\n",
        "\ufeff3 2\r\n4 1 2=3 0\r\n1 - 3 0\r\n0\r\n",
        "3 2\n4 1 (2 3) 0\n1 - 3 0\n0\n",  # Hill
        "3 2\n(a 1) 4 1 2=3 0\n(b) 1 - 3 0\n0\n",  # OpenSTV: a mark before each ballot
        "3 2 4 1 2=3 0 1 - 3 0 0\n",
        "3 2\n[nick a b c]\n[tie c b a]\n[droop rule=meek]\n4 a b=c 0\n1 - c 0\n0\n",  # Droop
        "3 2 /* seats\n5 5 0 */\n4 1 2=3 0 # first\n\n1 - 3 0\n0\n",
    ],
)
def test_ballots_are_read_in_every_dialect(text: str) -> None:
    assert read_blt(text + '"Castor"\n"Pollux"\n"Helen"\n"Twins"').ballots.papers == (
        ((("Castor",), ("Helen", "Pollux")), 4),
        (((), ("Helen",)), 1),
    )


@pytest.mark.parametrize("line", ["-2", "[withdrawn 2]", "[nick a b c] -b", "[nick a b c]\n[withdrawn b]"])
def test_who_withdrew_is_passed_over(line: str) -> None:
    file = read_blt(f'3 2\n{line}\n4 1 2 0\n2 3 0\n0\n"Castor"\n"Pollux"\n"Helen"\n"Twins"')
    assert (file.withdrawn, file.ballots.options) == (("Pollux",), ("Castor", "Helen"))
    assert file.ballots.papers == (((("Castor",),), 4), ((("Helen",),), 2))


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
        ("A,B\x1b[1m\n1,2\n", "line 1, column 2", "cannot be seen"),
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


_NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(st.lists(_NAMES, min_size=1, max_size=4, unique=True), st.text(max_size=8))
def test_every_name_is_read_back_as_it_is_or_not_written(names: list[str], title: str) -> None:
    try:
        ballots = Ballots(tuple(names), ((((names[0],),), 2),))
        text = write_blt(ballots, 1, title)
    except BadInput:
        return
    back = read_blt(text)
    assert (back.ballots, back.title, back.parties) == (ballots, title, {})


@pytest.mark.parametrize("name", ['William "Bill" Lee', "A # B", "/* A */", "0", "2 1 0", "Ann (Green)", "[nick a]"])
def test_names_that_look_like_something_else_are_written_and_read(name: str) -> None:
    ballots = Ballots((name, "B"), ((((name,),), 2),))
    assert read_blt(write_blt(ballots, 1, name)) == BltFile(ballots, 1, name)


@pytest.mark.parametrize("name", ["A\x1b[1m", " A", '"A"', '"A" "B"', "\u202eA", "A\x7f"])
def test_what_blt_cannot_hold_is_not_written(name: str) -> None:
    with pytest.raises(BadInput, match="cannot hold"):
        write_blt(Ballots((name,), ()), 1)


def test_marks_that_are_no_option_are_not_written() -> None:
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


_WORDS = ["-1", "1=2", '"A"', '"B"', "weight", "A", "1.5", "1e3", "[nick a b]", "/*", "9" * 20]
_BITS = st.sampled_from([*'012-=#" ,x\n\r²٣()[]*/\x00\ufeff\u2028', *_WORDS])


@given(st.lists(_BITS, max_size=25), st.sampled_from(["", " ", "\n"]))
def test_whatever_stands_in_a_file_it_is_read_or_refused(bits: list[str], between: str) -> None:
    text = between.join(bits)
    for read in (read_blt, read_csv):
        try:
            read(text)
        except BadInput as error:
            assert error.what
