"""From base-year flow tables to coefficients, and nothing lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lustrum.accounts.economy import Economy
from lustrum.accounts.fields import FLOWS
from lustrum.accounts.flows import from_flows, needs_from_flows
from lustrum.errors import TableError
from lustrum.labels import labelled

CODES: dict[str, Any] = {
    "product": ["corn", "iron"],
    "activity": ["farm", "mill", "lab"],
    "skill": ["hand"],
    "asset": ["barn", "none"],
    "household": ["town", "land"],
    "need": ["food", "tools"],
    "resource": ["land"],
}
#: The third activity is a technique that nobody uses yet.
OUTPUT = np.array([10.0, 20.0, 0.0])
Z = np.array([[1.0, 4.0, 0.0], [2.0, 6.0, 0.0]])


def data(**fields: np.ndarray) -> dict[str, Any]:
    from lustrum.accounts.fields import BY_NAME

    return {n: labelled(v, BY_NAME[n].dims, CODES, n) for n, v in fields.items()}


def test_coefficients_are_flows_over_output() -> None:
    out = from_flows(data(output=OUTPUT), {"use_flows": Z}, CODES)
    np.testing.assert_array_equal(out["use"].values, [[0.1, 0.2, 0.0], [0.2, 0.3, 0.0]])
    assert out["use"].dims == ("product", "activity")


@pytest.mark.parametrize(("flow", "gives", "dims"), [(f.name, f.gives, f.dims) for f in FLOWS if f.per == "output"])
def test_every_flow_per_output_goes_to_its_field(flow: str, gives: str, dims: tuple[str, ...]) -> None:
    table = np.ones((len(CODES[dims[0]]), 3)) * [1.0, 1.0, 0.0]
    out = from_flows(data(output=OUTPUT), {flow: table}, CODES)
    np.testing.assert_allclose(out[gives].values * OUTPUT, table)


def test_assets_are_made_of_shares_of_their_formation() -> None:
    table = np.array([[1.0, 0.0], [3.0, 0.0]])
    out = from_flows({}, {"asset_flows": table}, CODES)
    np.testing.assert_array_equal(out["asset_composition"].values, [[0.25, 0], [0.75, 0]])


def test_coefficients_speak_for_techniques_without_output() -> None:
    new = np.zeros((2, 3))
    new[:, 2] = [0.05, 0.1]
    out = from_flows(data(output=OUTPUT, use=new), {"use_flows": Z}, CODES)
    np.testing.assert_array_equal(out["use"].values[:, 2], [0.05, 0.1])
    np.testing.assert_array_equal(out["use"].values[:, :2], (Z / [10, 20, 1])[:, :2])


def test_two_tables_for_one_activity_are_an_error() -> None:
    both = np.full((2, 3), 0.1)
    with pytest.raises(TableError, match="'farm' has both flows and coefficients"):
        from_flows(data(output=OUTPUT, use=both), {"use_flows": Z}, CODES)


def test_flows_of_an_activity_without_output_are_an_error() -> None:
    flows = Z.copy()
    flows[0, 2] = 1.0
    with pytest.raises(TableError, match=r"use_flows\.csv: column lab: 'lab' has flows but no total"):
        from_flows(data(output=OUTPUT), {"use_flows": flows}, CODES)


def test_flows_need_output() -> None:
    with pytest.raises(TableError, match=r"use_flows needs output\.csv"):
        from_flows({}, {"use_flows": Z}, CODES)


def test_fields_given_are_kept() -> None:
    given = data(output=OUTPUT)
    assert from_flows(given, {}, CODES)["output"] is given["output"]
    assert set(given) == {"output"}  # and the caller's own are not added to


def test_supply_is_the_identity_where_activities_are_products() -> None:
    codes = {"product": ["a", "b"], "activity": ["a", "b"]}
    np.testing.assert_array_equal(from_flows({}, {}, codes)["supply"].values, np.eye(2))
    assert "supply" not in from_flows({}, {}, {"product": ["a", "b"], "activity": ["b", "a"]})


# needs --------------------------------------------------------------------------------------------------

C = np.array([[6.0, 2.0], [1.0, 3.0]])
SHARES = np.array([[0.75, 0.25], [0.0, 1.0]])


def test_consumption_is_split_over_needs() -> None:
    b, y0 = needs_from_flows(C, SHARES, CODES)
    np.testing.assert_allclose(y0, [[4.5, 2.5], [1.5, 3.5]])
    np.testing.assert_allclose(b, [[1.0, 2 / 6], [0.0, 4 / 6]])


@given(
    arrays(float, (5, 3), elements=st.floats(0, 1e6).map(lambda x: round(x, 3))),
    arrays(float, (5, 4), elements=st.floats(0.01, 1)),
)
def test_no_consumption_is_lost_between_products_and_needs(consumption: np.ndarray, raw: np.ndarray) -> None:
    """b y0 summed over households is consumption by product again; each mix sums to one; no household loses any."""
    shares = raw / raw.sum(axis=1, keepdims=True)
    codes = {"product": list("abcde"), "household": list("xyz"), "need": list("pqrs")}
    b, y0 = needs_from_flows(consumption, shares, codes)
    np.testing.assert_allclose(b @ y0.sum(axis=0), consumption.sum(axis=1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(y0.sum(axis=1), consumption.sum(axis=0), rtol=1e-9)
    bought = y0.sum(axis=0) > 0
    np.testing.assert_allclose(b.sum(axis=0)[bought], 1, rtol=1e-9)
    np.testing.assert_array_equal(b[:, ~bought], 0)


@pytest.mark.parametrize(
    ("consumption", "shares", "message"),
    [
        ([[-1.0, 2.0], [1.0, 3.0]], SHARES, "household consumption is negative"),
        (C, [[1.25, -0.25], [0.0, 1.0]], "a share is negative"),
        (C, [[0.5, 0.25], [0.0, 1.0]], "shares of 'corn' do not add up"),
    ],
)
def test_what_does_not_add_up_is_an_error(consumption: Any, shares: Any, message: str) -> None:
    with pytest.raises(TableError, match=message):
        needs_from_flows(np.array(consumption), np.array(shares), CODES)


def test_shares_of_what_nobody_buys_may_be_anything() -> None:
    needs_from_flows(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 1.0]]), CODES)


@pytest.mark.parametrize("given", ["consumption_flows", "need_shares"])
def test_flows_and_shares_go_together(given: str) -> None:
    missing = {"consumption_flows": "need_shares", "need_shares": "consumption_flows"}[given]
    with pytest.raises(TableError, match=rf"{missing}\.csv is missing"):
        from_flows({}, {given: C}, CODES)


def test_they_give_both_fields() -> None:
    out = from_flows({}, {"consumption_flows": C, "need_shares": SHARES}, CODES)
    assert out["need_composition"].dims == ("product", "need")
    assert out["consumption"].dims == ("household", "need")
    assert isinstance(out, dict)
    assert Economy is not None
