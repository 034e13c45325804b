"""Operations name hashes, change exactly what they say, and can be taken back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lustrum.congress.documents import (
    Document,
    DocumentError,
    DocumentVersion,
    Operation,
    SetNumber,
    Stale,
    Unit,
    Version,
    amend_draft,
    apply,
    apply_all,
    delete,
    draft_of,
    incompatible,
    insert,
    inverse,
    numbers,
    operation_from_json,
    rebase,
    replace_unit,
    set_number,
)

CHARTER = Version(
    "charter",
    (
        Unit("name", "The association is called North Field."),
        Unit("meetings", "It meets 2 times a year, with 30 members or 1,250 shares present."),
        Unit("fee", {"amount": 12.5, "by_year": {"2027": 13.0}}),
    ),
)

_VALUES = st.one_of(
    st.text(max_size=20),
    st.integers(-99, 99),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.floats(-9, 9), max_size=2),
)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    ids = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6))
    return Version("drawn", tuple(Unit(i, draw(_VALUES)) for i in ids))


@st.composite
def operations(draw: st.DrawFn, version: Version) -> Operation:
    ids = [u.id for u in version.units]
    kind = draw(st.sampled_from(["insert", "replace", "delete", "number"] if ids else ["insert"]))
    if kind == "insert":
        return insert(version, draw(st.sampled_from("uvwxyz")), draw(_VALUES), draw(st.sampled_from(["", *ids])))
    unit = draw(st.sampled_from(ids))
    places = [path for path, _ in numbers(version.unit(unit).value)]
    if kind == "delete":
        return delete(version, unit)
    if kind == "number" and places:
        return set_number(version, unit, draw(st.sampled_from(places)), draw(st.integers(100, 999)))
    return replace_unit(version, unit, {"new": draw(st.integers(0, 9))})


@given(st.data())
def test_what_an_operation_does_its_inverse_takes_back(data: st.DataObject) -> None:
    version = data.draw(versions())
    one = data.draw(operations(version))
    after = apply(version, one)
    assert after.hash != version.hash
    assert apply(after, inverse(version, one)).hash == version.hash


@given(st.data())
def test_the_order_of_operations_that_go_together_does_not_matter(data: st.DataObject) -> None:
    version = data.draw(versions())
    some: list[Operation] = []
    for one in data.draw(st.lists(operations(version), max_size=5)):
        if not any(incompatible(one, other) for other in some):
            some.append(one)
    assert apply_all(version, some).hash == apply_all(version, data.draw(st.permutations(some))).hash


@given(st.data())
def test_an_operation_changes_its_unit_and_no_other(data: st.DataObject) -> None:
    version = data.draw(versions())
    one = data.draw(operations(version))
    after = apply(version, one)
    assert [u for u in after.units if u.id != one.unit] == [u for u in version.units if u.id != one.unit]


@given(st.data())
def test_operations_and_versions_go_through_json_unchanged(data: st.DataObject) -> None:
    version = data.draw(versions())
    one = data.draw(operations(version))
    assert operation_from_json(json.loads(json.dumps(one.to_json()))).hash == one.hash
    assert Version.from_json(json.loads(json.dumps(version.to_json()))).hash == version.hash


def test_an_operation_on_a_version_that_is_gone_is_refused_and_rebased_where_its_unit_stayed() -> None:
    fee, meetings = set_number(CHARTER, "fee", ["amount"], 14), set_number(CHARTER, "meetings", [0], 3)
    newer = apply(CHARTER, meetings)
    with pytest.raises(Stale, match="another version"):
        apply(newer, fee)
    carried = rebase(fee, CHARTER, newer)
    assert not carried.changed
    assert carried.operation is not None
    assert apply(newer, carried.operation).hash == apply_all(CHARTER, [fee, meetings]).hash


def test_an_operation_whose_unit_changed_must_be_written_anew() -> None:
    first, second = set_number(CHARTER, "meetings", [0], 3), set_number(CHARTER, "meetings", [1], 40)
    carried = rebase(second, CHARTER, apply(CHARTER, first))
    assert carried.changed
    assert carried.operation is None
    gone = rebase(first, CHARTER, apply(CHARTER, delete(CHARTER, "meetings")))
    assert gone.changed
    assert "no longer" in gone.why


def test_a_forged_unit_hash_is_refused() -> None:
    one = set_number(CHARTER, "fee", ["amount"], 14)
    with pytest.raises(Stale, match="not what the operation names"):
        apply(CHARTER, SetNumber(one.document, one.version, one.unit, "sha256:0", one.path, one.number))


def test_the_second_number_of_a_text_is_the_second_number_as_people_count() -> None:
    assert [v for _, v in numbers(CHARTER.unit("meetings").value)] == [2, 30, 1250]
    after = apply_all(CHARTER, [set_number(CHARTER, "meetings", [1], 31), set_number(CHARTER, "meetings", [2], 2500)])
    assert after.unit("meetings").value == "It meets 2 times a year, with 31 members or 2,500 shares present."


@pytest.mark.parametrize(("path", "number"), [([3], 1), (["amount"], 1), ([0], float("nan")), ([0], True)])
def test_no_number_is_set_where_none_stands_and_none_that_is_no_number(path: list[int | str], number: float) -> None:
    with pytest.raises(DocumentError):
        apply(CHARTER, set_number(CHARTER, "meetings", path, number))


def test_an_operation_that_changes_nothing_is_refused() -> None:
    with pytest.raises(DocumentError, match="changes nothing"):
        apply(CHARTER, set_number(CHARTER, "meetings", [0], 2))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"op": "insret"},
        {"op": "delete"},
        {**delete(CHARTER, "fee").to_json(), "why": "x"},
        {**delete(CHARTER, "fee").to_json(), "unit": 3},
    ],
)
def test_json_that_is_no_operation_is_refused(spoilt: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        operation_from_json(spoilt)


def test_a_version_whose_content_is_not_that_of_its_hash_is_refused() -> None:
    data = CHARTER.to_json()
    data["units"][0]["value"] = "The association is called South Field."
    with pytest.raises(DocumentError, match="not that of the hash"):
        Version.from_json(data)


def test_a_draft_can_be_amended_once_and_not_twice() -> None:
    main = insert(CHARTER, "votes", "Decisions need 20 votes.", "meetings")
    draft = draft_of("m1", main)
    sub = set_number(draft, "text", [0], 25)
    changed = amend_draft("m1", main, [sub])
    assert apply(CHARTER, changed).unit("votes").value == "Decisions need 25 votes."
    with pytest.raises(DocumentError, match="cannot itself be amended"):
        draft_of("m2", sub)
    with pytest.raises(DocumentError, match="no text to amend"):
        draft_of("m3", delete(CHARTER, "fee"))


def test_the_number_that_an_amendment_sets_can_be_amended() -> None:
    main = set_number(CHARTER, "fee", ["by_year", "2027"], 15.0)
    changed = amend_draft("m1", main, [set_number(draft_of("m1", main), "text", [], 14.0)])
    assert apply(CHARTER, changed).unit("fee").value == {"amount": 12.5, "by_year": {"2027": 14.0}}


def test_any_past_version_is_found_by_date_and_by_hash() -> None:
    newer = apply(CHARTER, delete(CHARTER, "fee"))
    versions = [
        DocumentVersion(CHARTER.hash, CHARTER, 1, since="2025-03-01T10:00:00Z"),
        DocumentVersion(newer.hash, newer, 9, motion="motion-4", since="2026-03-01T10:00:00Z"),
    ]
    document = Document("charter", "statute", "Charter", versions=versions)
    assert document.at("2025-12-31") == CHARTER
    assert document.at("2026-03-01T09:59:59Z") == CHARTER
    assert document.at("2026-03-01") == newer == document.newest.version
    assert document.by_hash(CHARTER.hash[7:19]) == CHARTER
    with pytest.raises(DocumentError, match="no version stood"):
        document.at("2024-01-01")
