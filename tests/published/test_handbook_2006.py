"""Austria 2005 brought to 2006: merging of products, model D and GRAS, as the UN Handbook prints them.

United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables with Extensions and Applications,
chapter 18: box 18.2, p. 568 (supply and use 2005 by four products and three industries; the industry by industry
table of 2005; totals of 2006) and box 18.3, p. 570 (GRAS after 11 iterations). Read in a public transcription
(github.com/Albertuken/Quadrium, validators/run_sut_ras_austria.py and run_gras_austria.py). Million euro.
"""

from __future__ import annotations

import numpy as np
import pytest

from lustrum.accounts.economy import Labels, Source
from lustrum.accounts.national.aggregate import Concordance, aggregate_table
from lustrum.accounts.national.gras import gras
from lustrum.accounts.national.table import Figures, FinalUse, FlowTable
from lustrum.accounts.national.transform import symmetric

PRODUCTS = ("agriculture", "manufacturing and construction", "trade to business services", "other services")
INDUSTRIES = ("agriculture", "manufacturing and construction", "services")
# industries × products
MADE = [[6826, 725, 2, 249], [0, 172430, 4433, 4345], [0, 3320, 45440, 209547]]
# products × three industries, domestic demand, exports
HOME = [
    [1784, 2777, 340, 1448, 477],
    [987, 37706, 20218, 43014, 74550],
    [301, 9761, 5668, 27221, 6924],
    [452, 18475, 57943, 118725, 18546],
]
FOREIGN = [
    [115, 980, 141, 920, 53],
    [480, 42057, 8228, 28991, 17557],
    [1, 249, 395, 0, 0],
    [39, 3491, 9476, 1373, 2579],
]
# taxes less subsidies on products (one is negative, put there by the Handbook to show GRAS), and value added
PRIMARY = [[-93, 1024, 4720, 18215, 117], [3736, 64688, 151178, 0, 0]]

# The table of 2005 by industry, domestic and imported, with seven digits.
PRINTED_2005 = [
    ["1788.8", "2958.749", "483.5352", "1763.462", "807.4829"],
    ["989.41", "37780.53", "21869.52", "46880.48", "73688.06"],
    ["745.82", "27979.72", "61815.95", "141764.1", "26001.46"],
    ["117.01", "1156.335", "184.1869", "1040.407", "127.5801"],
    ["470.33", "41217.36", "8367.596", "28372.14", "17240.32"],
    ["47.662", "4403.309", "9688.217", "1871.449", "2821.099"],
]
# 2006 by GRAS: domestic, imported, taxes less subsidies, value added
PRINTED_2006 = np.array(
    [
        [1914, 3242, 520, 1816, 876],
        [1106, 43183, 23460, 49833, 83000],
        [793, 30636, 66496, 147186, 28374],
        [126, 1277, 198, 1077, 140],
        [511, 45941, 8901, 29665, 19028],
        [52, 4963, 10574, 1983, 3167],
        [-89, 1096, 4876, 18283, 124],
        [3955, 70245, 158462, 0, 0],
    ],
    dtype=float,
)
COLUMNS_2006 = np.array([8367.0, 200582, 273485, 249844, 134709])


def austria() -> FlowTable:
    """Supply and use of 2005; what an industry pays in taxes is a primary input, as in the box."""
    home, foreign, primary = (np.array(a, float) for a in (HOME, FOREIGN, PRIMARY))
    uses = (FinalUse("demand", "Domestic demand", "household"), FinalUse("exports", "Exports", "exports"))
    return FlowTable(
        Source("Austria 2005", base_year=2005),
        Labels(PRODUCTS),
        Labels(INDUSTRIES),
        np.array(MADE, float).T,
        (home + foreign)[:, :3],
        uses,
        (home + foreign)[:, 3:],
        Labels(("taxes", "value added")),
        primary[:, :3],
        imports=foreign.sum(axis=1)[:, None],
        use_imported=foreign[:, :3],
        final_imported=foreign[:, 3:],
    )


def merged(table: FlowTable) -> FlowTable:
    """Its two service products as one."""
    into = {p: (p,) for p in PRODUCTS[:2]} | dict.fromkeys(PRODUCTS[2:], ("market and other services",))
    shares = {old: ((new, 1.0),) for old, (new,) in into.items()}
    return aggregate_table(table, products=Concordance(shares, {new: "" for (new,) in into.values()}))


def by_industry(table: FlowTable) -> Figures:
    """Model D: three rows of domestic goods, then three of imports, on the five columns of the box."""
    d = symmetric(table, "D")
    assert d.use_imported is not None and d.final_imported is not None
    home = np.hstack([d.use - d.use_imported, d.final - d.final_imported])
    return np.vstack([home, np.hstack([d.use_imported, d.final_imported])])


def test_the_box_balances() -> None:
    table = austria()
    assert not table.row_residuals().any() and not table.column_residuals().any()


def test_services_merged_and_made_symmetric_are_the_printed_table_of_2005() -> None:
    """Aggregation, then model D: all 30 cells, to the last of their seven printed digits."""
    small = merged(austria())
    assert small.products.codes == ("agriculture", "manufacturing and construction", "market and other services")
    found = by_industry(small)
    for row, printed in zip(found, PRINTED_2005, strict=True):
        for value, text in zip(row, printed, strict=True):
            unit = 10.0 ** -len(text.partition(".")[2])
            assert value == pytest.approx(float(text), abs=0.5 * unit + 1e-9), text
    # to merge first is not the same as to merge after: services differ by more than 400 millions
    assert np.abs(by_industry(austria()) - found).max() > 400


def test_gras_with_a_negative_cell_gives_the_printed_table_of_2006() -> None:
    """To a unit. The Handbook began here from the four products, and its printed rows are rounded as the totals are."""
    old = np.vstack([by_industry(austria()), np.array(PRIMARY, float)])
    rows = PRINTED_2006.sum(axis=1)
    rows *= COLUMNS_2006.sum() / rows.sum()  # rounded cells add up to 3 more than the columns, of 866,987
    found = gras(old, rows, COLUMNS_2006)
    assert np.abs(found.matrix - PRINTED_2006).max() < 0.6
    assert np.array_equal(np.sign(found.matrix), np.sign(PRINTED_2006))
    assert found.matrix[6, 0] == pytest.approx(-89, abs=0.5)
