"""Pitfalls with real figures: a slip is put into a published table, and the report must name it.

Zero-output sectors, scrap, negative inventories and subsidies, duties and noncomparable imports stand in the tests
of the readers, where the published tables have them by themselves.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tools.derived_tables import long, wide

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.checks import check_economy
from lustrum.accounts.national.table import FlowTable
from lustrum.accounts.readers.seam import Wanted
from lustrum.errors import TableError


@pytest.fixture(scope="module")
def us(test_data: Path) -> FlowTable:
    return wide.READER.read(test_data / "us_bea_summary71" / "ixi_2019", Wanted())


@pytest.fixture(scope="module")
def sweden(test_data: Path) -> FlowTable:
    return long.READER.read(test_data / "sweden_siot_2008_2016" / "siot_2008_2016.parquet", Wanted(year=2014))


def _column(table: FlowTable, code: str) -> int:
    return table.activities.codes.index(code)


def test_an_industry_that_uses_up_what_it_makes(us: FlowTable) -> None:
    """Motor vehicles with their own inputs of parts entered ten times: the spectral radius passes 1."""
    j, i = _column(us, "3361MV"), us.products.codes.index("3361MV")
    economy = to_economy(us)
    sound = check_economy(economy)
    assert sound.productive and sound.ok
    use = economy.values("use").copy()
    share = use[i, j]
    use[i, j] = 1.02
    wrong = check_economy(economy.with_data(use=use))
    assert share < 0.5 and not wrong.productive and not wrong.ok
    found = next(f for f in wrong.findings if f.where.startswith("use: ") and f.severity in ("warning", "error"))
    assert "3361MV" in found.where + found.what  # a warning where imports could make up for it
    assert "use.csv" in found.mend
    alone = check_economy(economy.with_data(use=use, imports=None, exports=None))
    assert any(f.severity == "error" and "3361MV" in f.where + f.what for f in alone.findings)


@pytest.mark.parametrize("share", [0.97, 0.999])
def test_near_one_is_still_productive_but_no_more(us: FlowTable, share: float) -> None:
    """Other inputs of the industry count too: the radius of the whole table decides, not the one cell."""
    economy = to_economy(us)
    use, supply = economy.values("use").copy(), economy.values("supply")
    j, i = _column(us, "3361MV"), us.products.codes.index("3361MV")
    use[i, j] = share * supply[i, j]
    report = check_economy(economy.with_data(use=use))
    made = [us.products.codes.index(c) for c in us.activities.codes]
    coefficients = use[made] / np.diag(supply[made])
    radius = float(np.abs(np.linalg.eigvals(coefficients)).max())
    assert report.productive == (radius < 1)


def test_a_row_in_another_currency_is_refused_with_its_place(sweden: FlowTable) -> None:
    """One product's sales in euro among kronor: the row misses most of its output."""
    i = int(np.argmax(sweden.supply.sum(axis=1)))
    use, final = sweden.use.copy(), sweden.final.copy()
    use[i], final[i] = use[i] / 9.1, final[i] / 9.1
    with pytest.raises(TableError) as error:
        to_economy(replace(sweden, use=use, final=final))
    assert sweden.products.codes[i] in str(error.value)
    assert error.value.mend


def test_a_table_without_one_of_its_columns_does_not_close(test_data: Path, tmp_path: Path) -> None:
    """The export column left out when the sheet was copied."""
    folder = tmp_path / "ixi_2019"
    shutil.copytree(test_data / "us_bea_sector16" / "ixi_2019", folder)
    for name in ("F_dom.csv", "F_imp.csv"):
        file = folder / name
        file.chmod(0o644)
        rows = [line.split(",") for line in file.read_text().splitlines()]
        at = rows[0].index("EXPORT")
        file.write_text("\n".join(",".join(c for k, c in enumerate(row) if k != at) for row in rows) + "\n")
    with pytest.raises(TableError) as error:
        to_economy(wide.READER.read(folder, Wanted()))
    assert "%" in str(error.value) and error.value.mend


def test_one_cell_in_thousands_among_millions_shows_in_the_residuals(us: FlowTable) -> None:
    """A single slip of 1,000 in a large cell: said with its product, and the accounts are refused."""
    use = us.use.copy()
    i, j = np.unravel_index(int(use.argmax()), use.shape)
    use[i, j] *= 1000
    wrong = replace(us, use=use)
    assert int(np.abs(wrong.row_residuals()).argmax()) == i
    assert int(np.abs(wrong.column_residuals()).argmax()) == j
    with pytest.raises(TableError, match=us.products.codes[int(i)]):
        to_economy(wrong)
