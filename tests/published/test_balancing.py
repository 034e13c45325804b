"""Published examples of balancing: RAS (Miller and Blair) and GRAS (Junius and Oosterhaven, as corrected)."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize

from lustrum.accounts.national.gras import Constraint, gras

ras = partial(gras, method="ras")
kras = partial(gras, method="kras")

# Miller and Blair, Input-Output Analysis, 2nd ed. 2009, section 7.4.2: coefficients of the base year, outputs and
# interindustry totals of the target year (the same figures stand in the GAMS model library, model IOBALANCE, SEQ 378)
A0 = np.array([[0.120, 0.100, 0.049], [0.210, 0.247, 0.265], [0.026, 0.249, 0.145]])
X1 = np.array([421.0, 284.0, 283.0])
Z1 = np.array([[98.0, 72.0, 75.0], [65.0, 8.0, 63.0], [88.0, 27.0, 44.0]])

# Junius and Oosterhaven, Economic Systems Research 15 (2003) 87-96; the same example in Lenzen, Wood and Gallego,
# 19 (2007) 461-465, and Temurshoev, Miller and Bouwmeester, 25 (2013) 361-367. Column 4 has no positive cell.
J0 = np.array([[7.0, 3, 5, -3], [2, 9, 8, 0], [-2, 0, 2, 0]])
ROWS, COLUMNS = [15.0, 26, -1], [9.0, 16, 17, -2]
# its solution with the corrected objective, to the digits that programs of the 2013 note print
SOLVED = [[8.424341, 3.375237, 5.200422, -2.0], [3.000998, 12.624763, 10.374239, 0], [-2.425339, 0, 1.425339, 0]]


def test_ras_updates_coefficients_of_miller_and_blair() -> None:
    u, v = Z1.sum(axis=1), Z1.sum(axis=0)
    np.testing.assert_array_equal(u, [245, 136, 159])
    np.testing.assert_array_equal(v, [251, 107, 182])
    found = ras(A0 * X1, u, v)
    np.testing.assert_allclose(found.matrix.sum(axis=1), u, rtol=1e-9)
    np.testing.assert_allclose(found.matrix.sum(axis=0), v, rtol=1e-9)
    # r and s act on the coefficients as on the flows
    np.testing.assert_allclose(
        found.row_multipliers[:, None] * A0 * found.column_multipliers, found.matrix / X1, rtol=1e-9
    )


def test_ras_is_the_least_information_added() -> None:
    """The library's second formulation of the example: minimise Σ z ln(z/z0), by another solver."""
    z0 = (A0 * X1).ravel()
    u, v = Z1.sum(axis=1), Z1.sum(axis=0)
    # the last total follows from the others
    sums = np.vstack([np.kron(np.eye(3), np.ones(3)), np.kron(np.ones(3), np.eye(3))])[:5]
    totals = np.concatenate([u, v])[:5]
    other = minimize(
        lambda z: float(z @ np.log(z / z0)),
        np.outer(u, v).ravel() / u.sum(),
        jac=lambda z: np.log(z / z0) + 1,
        bounds=[(1e-6, None)] * 9,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
        constraints={"type": "eq", "fun": lambda z: sums @ z - totals, "jac": lambda z: sums},
    )
    assert other.success
    np.testing.assert_allclose(ras(A0 * X1, u, v).matrix.ravel(), other.x, rtol=1e-4)


def test_known_cell_brings_the_estimate_nearer() -> None:
    """Section 7.4.6: one coefficient known from elsewhere (here cell 1,1 of the target year) is held by kras."""
    u, v = Z1.sum(axis=1), Z1.sum(axis=0)
    known = Constraint("cell 1,1", np.array([0]), np.array([0]), np.ones(1), 98.0)
    found = kras(A0 * X1, u, v, [known])
    assert found.matrix[0, 0] == pytest.approx(98.0, rel=1e-9)
    assert np.abs(found.matrix - Z1).sum() < np.abs(ras(A0 * X1, u, v).matrix - Z1).sum()


def test_gras_example_of_junius_and_oosterhaven() -> None:
    found = gras(J0, ROWS, COLUMNS)
    np.testing.assert_allclose(found.matrix, SOLVED, atol=2e-6)
    np.testing.assert_allclose(found.matrix.sum(axis=1), ROWS, atol=1e-8)


def test_gras_of_lenzen_wood_and_gallego_minimises_the_corrected_objective() -> None:
    """No small move that keeps all totals lowers Σ |z0| a ln(a/e)."""
    found = gras(J0, ROWS, COLUMNS).matrix
    cells = J0 != 0

    def worth(z: np.ndarray) -> float:
        a = z[cells] / J0[cells]
        return float((np.abs(J0[cells]) * (a * np.log(a) - a)).sum())

    # every circuit of four cells that exist keeps rows and columns
    circuits = 0
    for i, k in ((0, 1), (0, 2), (1, 2)):
        for j, q in ((0, 1), (0, 2), (1, 2)):
            if not (cells[i, j] and cells[i, q] and cells[k, j] and cells[k, q]):
                continue
            for step in (1e-3, -1e-3):
                moved = found.copy()
                moved[[i, k], [j, q]] += step
                moved[[i, k], [q, j]] -= step
                assert worth(moved) > worth(found)
            circuits += 1
    assert circuits >= 3


def test_kras_without_constraints_is_gras() -> None:
    np.testing.assert_allclose(kras(J0, ROWS, COLUMNS).matrix, SOLVED, atol=2e-6)


def test_ras_of_a_published_thread_to_the_printed_digits() -> None:
    """J. Jacob and J. D'Errico, thread "Updating a matrix (RAS algorithm)", 25 June 2002: a question and its answer.

    Input and the five printed digits of the result were read in the copy of the thread in the corpus Nemotron-CC-Math
    (huggingface.co/datasets/nvidia/Nemotron-CC-Math-v1).
    """
    found = ras([[20.0, 40, 80], [20, 20, 40], [20, 20, 0]], [150.0, 70, 50], [70.0, 70, 130])
    printed = [["22.923", "34.537", "92.54"], ["18.559", "13.981", "37.46"], ["28.518", "21.482", "0"]]
    for row, texts in zip(found.matrix, printed, strict=True):
        for value, text in zip(row, texts, strict=True):
            assert abs(value - float(text)) <= 0.5 * 10.0 ** -len(text.partition(".")[2]) + 1e-9, text
    assert found.matrix[2, 2] == 0


def test_ras_of_a_census_table_to_the_printed_digits() -> None:
    """Age by marital status brought to new totals: Bishop, Fienberg and Holland, Discrete Multivariate Analysis, 1975.

    The figures are those of the SAS/IML User's Guide, example 9.14, whose output prints two decimals; its first three
    rows are compared. The input was read (support.sas.com, imlug/64248, imlug_genstatexpls_sect016); the three rows of
    output are from memory, since the page at hand ended with the input.
    """
    old = np.array(
        [
            [1306, 83, 0],
            [619, 765, 3],
            [263, 1194, 9],
            [173, 1372, 28],
            [171, 1393, 51],
            [159, 1372, 81],
            [208, 1350, 108],
            [1116, 4100, 2329],
        ],
        dtype=float,
    )
    ages = [1412.0, 1402, 1450, 1541, 1681, 1532, 1662, 7644]
    states = [1412.0 + 1402 + 1174, 276.0 + 1541 + 1681 + 1532 + 1662 + 5010, 2634.0]
    printed = [[1325.27, 86.73, 0], [615.56, 783.39, 3.05], [253.94, 1187.18, 8.88]]
    np.testing.assert_allclose(ras(old, ages, states).matrix[:3], printed, atol=0.011)
