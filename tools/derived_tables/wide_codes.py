"""What the codes of published tables stand for: columns of final use, rows of value added, and who publishes them.

The codes are those of the tables of the U.S. Bureau of Economic Analysis (BEA), of the European System of
Accounts 2010 (transactions P3 to P6 by institutional sector, as the UK's Office for National Statistics and
Statistics Sweden print them), and of the World Input-Output Database (WIOD).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lustrum.accounts.national.table import FinalUse, Kind
from lustrum.errors import TableError
from lustrum.labels import unknown_label

#: Column of final use -> what it is for, and its name.
FINAL: dict[str, tuple[Kind, str]] = {
    # BEA, final uses of the summary tables
    "F010": ("household", "Personal consumption expenditures"),
    "F02S": ("investment", "Private investment in structures"),
    "F02E": ("investment", "Private investment in equipment"),
    "F02N": ("investment", "Private investment in intellectual property"),
    "F02R": ("investment", "Private residential investment"),
    "F030": ("inventories", "Change in private inventories"),
    "F040": ("exports", "Exports of goods and services"),
    "F06C": ("government", "National defense, consumption"),
    "F06S": ("investment", "National defense, structures"),
    "F06E": ("investment", "National defense, equipment"),
    "F06N": ("investment", "National defense, intellectual property"),
    "F07C": ("government", "Federal nondefense, consumption"),
    "F07S": ("investment", "Federal nondefense, structures"),
    "F07E": ("investment", "Federal nondefense, equipment"),
    "F07N": ("investment", "Federal nondefense, intellectual property"),
    "F10C": ("government", "State and local, consumption"),
    "F10S": ("investment", "State and local, structures"),
    "F10E": ("investment", "State and local, equipment"),
    "F10N": ("investment", "State and local, intellectual property"),
    "F050ADJ": ("adjustment", "Import duties and c.i.f./f.o.b. adjustments, booked as negative imports"),
    # the same, aggregated to sectors
    "PCE": ("household", "Personal consumption expenditures"),
    "GOV_cons": ("government", "Government consumption"),
    "GFCF_priv": ("investment", "Private fixed investment"),
    "GFCF_gov": ("investment", "Government fixed investment"),
    "INVENT": ("inventories", "Change in private inventories"),
    "EXPORT": ("exports", "Exports of goods and services"),
    "IMP_ADJ": ("adjustment", "Import duties and c.i.f./f.o.b. adjustments, booked as negative imports"),
    # European System of Accounts 2010: ONS and SCB
    "P3_S14": ("household", "Final consumption of households"),
    "P3_S15": ("nonprofit", "Final consumption of non-profit institutions serving households"),
    "P3_S13": ("government", "Final consumption of general government"),
    "P51G": ("investment", "Gross fixed capital formation"),
    "P51_business": ("investment", "Gross fixed capital formation of business"),
    "P51_government": ("investment", "Gross fixed capital formation of government"),
    "P52": ("inventories", "Changes in inventories"),
    "P53": ("valuables", "Acquisitions less disposals of valuables"),
    "P6": ("exports", "Exports of goods and services"),
    "P61EU": ("exports", "Exports of goods to the European Union"),
    "P61RW": ("exports", "Exports of goods to the rest of the world"),
    "P62": ("exports", "Exports of services"),
    # ONS, supply and use tables
    "P3_households": ("household", "Final consumption of households"),
    "P3_npish": ("nonprofit", "Final consumption of non-profit institutions serving households"),
    "P3_central_gov": ("government", "Final consumption of central government"),
    "P3_local_gov": ("government", "Final consumption of local government"),
    "P51G_gfcf": ("investment", "Gross fixed capital formation"),
    "P53_valuables": ("valuables", "Acquisitions less disposals of valuables"),
    "P52_inventories": ("inventories", "Changes in inventories"),
    "P61_goods_EU": ("exports", "Exports of goods to the European Union"),
    "P61_goods_RoW": ("exports", "Exports of goods to the rest of the world"),
    "P62_services": ("exports", "Exports of services"),
    # WIOD
    "CONS_h": ("household", "Final consumption of households"),
    "CONS_np": ("nonprofit", "Final consumption of non-profit organisations serving households"),
    "CONS_g": ("government", "Final consumption of government"),
    "GFCF": ("investment", "Gross fixed capital formation"),
    "INVEN": ("inventories", "Changes in inventories and valuables"),
    "EXP": ("exports", "Exports"),
}

#: `primary`: an input that no product is. `import`: an import that the source books beside the products.
#: `territory`: purchases of non-residents, inside the columns of final use of the territory.
Role = Literal["primary", "import", "territory"]

#: Row below the flows -> its role, and its name. A row that is not here is primary, under its own code.
VALUE_ADDED: dict[str, tuple[Role, str]] = {
    "V001": ("primary", "Compensation of employees"),
    "V002": ("primary", "Taxes on production and imports, less subsidies"),
    "V003": ("primary", "Gross operating surplus"),
    "IMP_Used": ("import", "Imported scrap, used and secondhand goods"),
    "IMP_Other": ("import", "Noncomparable imports"),
    "DOM_noproducer": ("primary", "Domestic goods without a producer (used goods sold by final users)"),
    "IMP_cif": ("import", "Imported goods and services, c.i.f."),
    "TLS_products": ("primary", "Taxes less subsidies on products"),
    "D1": ("primary", "Compensation of employees"),
    "B2B3": ("primary", "Gross operating surplus and mixed income"),
    "D29X39": ("primary", "Taxes less subsidies on production"),
    "PURCH_ABROAD": ("import", "Purchases abroad by residents"),
    "CUSTOMS": ("primary", "Customs duties"),
    "D21_taxes": ("primary", "Taxes on products"),
    "D31_subsidies": ("primary", "Subsidies on products"),
    "VAT": ("primary", "Value added tax"),
    "D29": ("primary", "Other taxes on production"),
    "D39": ("primary", "Other subsidies on production"),
    "D11_wages": ("primary", "Wages and salaries"),
    "D12_social": ("primary", "Employers' social contributions"),
    "CFC": ("primary", "Consumption of fixed capital"),
    "B2B3_net": ("primary", "Net operating surplus and mixed income"),
    "TXSP": ("primary", "Taxes less subsidies on products"),
    "EXP_adj": ("primary", "C.i.f./f.o.b. adjustments on exports"),
    "PURR": ("import", "Direct purchases abroad by residents"),
    "PURNR": ("territory", "Purchases on the domestic territory by non-residents"),
    "VA": ("primary", "Value added at basic prices"),
    "IntTTM": ("import", "International transport margins"),
}


@dataclass(frozen=True)
class Publisher:
    """Who publishes tables that have a certain column of final use, in which money and prices."""

    mark: str
    name: str
    country: str
    money: str
    licence: str
    valuation: Literal["basic", "producer"] = "basic"


PUBLISHERS: tuple[Publisher, ...] = (
    Publisher(
        "F010", "U.S. Bureau of Economic Analysis", "United States", "million US dollars", "public domain", "producer"
    ),
    Publisher(
        "IMP_ADJ",
        "U.S. Bureau of Economic Analysis",
        "United States",
        "million US dollars",
        "public domain",
        "producer",
    ),
    Publisher(
        "P61RW", "Office for National Statistics", "United Kingdom", "million pounds", "Open Government Licence v3.0"
    ),
    Publisher("P51_business", "Statistics Sweden (SCB)", "Sweden", "million kronor", "CC BY"),
    Publisher("CONS_h", "World Input-Output Database, release 2016", "", "million US dollars", "CC BY 4.0"),
)


def publisher(codes: Sequence[str]) -> Publisher | None:
    """Return who publishes tables with these columns of final use, or None where nobody known does."""
    return next((p for p in PUBLISHERS if p.mark in codes), None)


def final_uses(codes: Sequence[str], where: str) -> tuple[FinalUse, ...]:
    """Turn the codes of columns into columns of final use.

    Raises
    ------
    TableError
        A code that is in no list here: what it is for cannot be guessed.
    """
    found = []
    for code in codes:
        if code not in FINAL:
            expected, mend = unknown_label(code, list(FINAL), "final use")
            raise TableError(f"unknown column of final use {code!r}", where=where, expected=expected, mend=mend)
        kind, name = FINAL[code]
        found.append(FinalUse(code, name, kind))
    return tuple(found)
