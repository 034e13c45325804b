"""Any `pymrio.IOSystem` becomes a table: flows as they are, the rest stated or refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pymrio
import pytest

from lustrum.accounts.national.multipliers import multipliers
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.pymrio_system import from_pymrio, kind_of
from lustrum.errors import LabelError, TableError


def closes(table: FlowTable) -> bool:
    size = float(np.abs(table.output).max())
    return bool(
        np.abs(table.row_residuals()).max() < 1e-9 * size and np.abs(table.column_residuals()).max() < 1e-9 * size
    )


def steps(table: FlowTable) -> list[str]:
    return [c.step for c in table.provenance]


@pytest.fixture
def system() -> Any:
    return pymrio.load_test()


def test_flows_of_the_test_system_are_those_of_pymrio(system: Any) -> None:
    table = from_pymrio(system, year=2010)
    np.testing.assert_array_equal(table.use, system.Z.to_numpy())
    np.testing.assert_array_equal(table.final[:, : system.Y.shape[1]], system.Y.to_numpy())
    assert table.products.codes[:2] == ("reg1.food", "reg1.mining") and table.source.money == "million USD"
    assert table.products.regions[-1] == "reg6"
    kinds = [u.kind for u in table.final_uses[:7]]
    assert kinds == ["household", "nonprofit", "government", "investment", "inventories", "valuables", "exports"]
    assert table.satellites["emissions"].kind == "resource"
    assert table.satellites["emissions"].labels.units == ("kg", "kg")
    assert closes(table)


def test_what_the_test_system_leaves_open_is_told_with_its_amount(system: Any) -> None:
    table = from_pymrio(system, year=2010)
    x = system.Z.to_numpy().sum(axis=1) + system.Y.to_numpy().sum(axis=1)
    left = x - system.Z.to_numpy().sum(axis=0) - system.factor_inputs.F.to_numpy().sum(axis=0)
    note = next(c for c in table.provenance if c.step == "residual of columns")
    assert note.amount == pytest.approx(np.abs(left).sum()) and note.of == pytest.approx(x.sum())
    assert table.value_added_rows.codes == ("Value Added", "RESIDUAL")
    direct = next(c for c in table.provenance if c.where == "Emissions: F_Y")
    assert direct.amount == system.emissions.F_Y.to_numpy().sum()


def test_multipliers_are_those_of_pymrio(system: Any) -> None:
    table = from_pymrio(system, year=2010)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        system.calc_all(include_ghosh=True)
    found = multipliers(table, inputs=table.satellites["emissions"].figures)
    np.testing.assert_allclose(found.output, system.L.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.ghosh, system.G.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.inputs, system.emissions.M, rtol=1e-10)


def test_a_and_x_do_in_place_of_z(system: Any) -> None:
    before = from_pymrio(system, year=2010)
    system.calc_system()
    system.Z = None
    after = from_pymrio(system, year=2010)
    np.testing.assert_allclose(after.use, before.use, rtol=1e-12)
    assert "flows" in steps(after)
    system.x = None
    with pytest.raises(TableError, match="neither Z nor x"):
        from_pymrio(system, year=2010)


def test_an_output_that_rows_do_not_add_up_to_is_kept_or_refused(system: Any) -> None:
    system.calc_system()
    system.x.iloc[3] *= 1.001
    table = from_pymrio(system, year=2010)
    off = float(system.x.iloc[3, 0]) * (1 - 1 / 1.001)
    note = next(c for c in table.provenance if c.step == "residual of rows")
    assert note.amount == pytest.approx(off) and closes(table)
    assert table.final_of("adjustment")[3] == pytest.approx(off)
    system.x.iloc[3] *= 1e6
    with pytest.raises(TableError, match="rows do not close"):
        from_pymrio(system, year=2010)


def test_empty_cells_are_refused_or_counted(system: Any) -> None:
    system.Z.iloc[2, 5] = np.nan
    with pytest.raises(TableError, match=r"reg1(.|\n)*manufactoring(.|\n)*1 cells are empty"):
        from_pymrio(system, year=2010)
    table = from_pymrio(system, year=2010, missing="zero")
    assert table.use[2, 5] == 0 and "1 empty cells" in next(c.what for c in table.provenance if c.step == "empty cells")
    system.emissions.F.iloc[1, 0] = np.nan
    table = from_pymrio(system, year=2010, missing="zero")
    assert table.satellites["emissions"].labels.codes == ("emission_type1 air",)
    assert any("1 rows with empty cells" in c.what for c in table.provenance)


def test_labels_are_compared_and_never_aligned(system: Any) -> None:
    system.Y = system.Y.iloc[::-1]
    with pytest.raises(LabelError, match="Z rows and Y rows differ"):
        from_pymrio(system, year=2010)
    system = pymrio.load_test()
    system.Z = system.Z.iloc[:, ::-1]
    with pytest.raises(LabelError, match="Z columns differ"):
        from_pymrio(system, year=2010)
    system = pymrio.load_test()
    system.emissions.F = system.emissions.F.iloc[:, ::-1]
    with pytest.raises(LabelError, match="F columns differ"):
        from_pymrio(system, year=2010)


def test_mixed_units_and_unknown_uses(system: Any) -> None:
    names = {"Changes in valuables": "Column 7"}
    system.Y.columns = pd.MultiIndex.from_tuples([(r, names.get(c, c)) for r, c in system.Y.columns])
    table = from_pymrio(system, year=2010)
    assert table.final_uses[5].kind == "adjustment" and "unknown final use" in steps(table)
    assert from_pymrio(system, year=2010, kinds={"Column 7": "valuables"}).final_uses[5].kind == "valuables"
    system.unit.iloc[3] = "t"
    with pytest.raises(TableError, match=r"several units(.|\n)*Mill USD, t"):
        from_pymrio(system, year=2010)


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Final consumption expenditure by non-profit organisations serving households (NPISH)", "nonprofit"),
        ("Household final consumption P.3h", "household"),
        ("HFCE", "household"),
        ("c37", "household"),
        ("GGFC", "government"),
        ("Government final consumption P.3g", "government"),
        ("GFCF", "investment"),
        ("Acquisitions less disposals of valuables P.53", "valuables"),
        ("INVNT", "inventories"),
        ("c42", "inventories"),
        ("Exports: Total (fob)", "exports"),
        ("DPABR", "household"),
        ("Statistical discrepancy", "adjustment"),
        ("c99", None),
    ],
)
def test_names_of_final_use(category: str, kind: str | None) -> None:
    assert kind_of(category) == kind
