"""Dimensions and codes of input-output datasets in SDMX, as Eurostat and the OECD name them.

role    Eurostat naio_10_cp1700, cp1750      FIGARO naio_10_fcp_i*         OECD IOTS
row     prd_ava, ind_ava, prod_na            ind_ava, prd_ava              ROW
column  prd_use, ind_use, induse             ind_use, prd_use              COL
flow    stk_flow: DOM, IMP, TOTAL            -                             VAR: DOM, IMP, TTL
region  geo                                  c_orig (row), c_dest (column) COU, REF_AREA
unit    unit: MIO_EUR, MIO_NAC               unit                          UNIT, UNIT_MEASURE
year    TIME_PERIOD                          TIME_PERIOD                   TIME_PERIOD, TIME
"""

from __future__ import annotations

import re

from lustrum.accounts.national.table import Kind

#: Role -> names of the dimension, in the order in which they are looked for.
ROLES: dict[str, tuple[str, ...]] = {
    "row": ("prd_ava", "ind_ava", "prod_na", "row"),
    "column": ("prd_use", "ind_use", "induse", "col"),
    "flow": ("stk_flow", "var"),
    "region": ("geo", "ref_area", "cou", "country"),
    "origin": ("c_orig",),
    "destination": ("c_dest",),
    "unit": ("unit", "unit_measure"),
    "year": ("time_period", "time"),
}
#: Attributes that say why a figure is missing or how sure it is.
FLAGS: tuple[str, ...] = ("obs_flag", "obs_status", "conf_status", "obs_conf")
FLOWS: dict[str, str] = {
    "DOM": "domestic",
    "IMP": "imported",
    "TOTAL": "total",
    "TTL": "total",
    "DOMESTIC": "domestic",
    "IMPORTS": "imported",
}
UNITS: dict[str, str] = {
    "MIO_EUR": "million EUR",
    "MIO_NAC": "million, national currency",
    "MIO_USD": "million USD",
    "USD_M": "million USD",
    "THS_NAC": "thousand, national currency",
    "THS_EUR": "thousand EUR",
}
#: Attributes with the power of ten of the figures, and its word.
MULTIPLIERS: tuple[str, ...] = ("unit_mult", "powercode", "powercode_code")
POWERS: dict[str, str] = {"": "", "0": "", "3": "thousand ", "6": "million ", "9": "billion "}
#: Columns of final use that are no sum of others.
FINAL: dict[str, Kind] = {
    "P3_S14": "household",
    "P3_S15": "nonprofit",
    "P3_S13": "government",
    "P51G": "investment",
    "P52": "inventories",
    "P53": "valuables",
    "P52_P53": "inventories",
    "P5M": "inventories",
    "P6": "exports",
    "HFCE": "household",
    "NPISH": "nonprofit",
    "GGFC": "government",
    "GFCF": "investment",
    "INVNT": "inventories",
    "CONS_ABR": "household",
    "CONS_NONRES": "exports",
    "EXPO": "exports",
    "DPABR": "household",
    "VALU_FD": "valuables",
}
FINAL_NAMES: dict[str, str] = {
    "P3_S14": "Households",
    "P3_S15": "Non-profit institutions",
    "P3_S13": "Government",
    "P51G": "Fixed capital formation",
    "P52": "Changes in inventories",
    "P53": "Valuables",
    "P52_P53": "Inventories and valuables",
    "P5M": "Inventories and valuables",
    "P6": "Exports",
    "P3": "Final consumption",
    "P5G": "Capital formation",
    "P5": "Capital formation",
    "HFCE": "Households",
    "NPISH": "Non-profit institutions",
    "GGFC": "Government",
    "GFCF": "Fixed capital formation",
    "INVNT": "Changes in inventories",
    "CONS_ABR": "Purchases abroad by residents",
    "CONS_NONRES": "Purchases by non-residents",
    "EXPO": "Exports",
    "DPABR": "Purchases abroad by residents",
}
#: Sum -> its parts; the sum is used only where no part is there. First choice first.
SUMS: dict[str, tuple[str, ...]] = {
    "P3": ("P3_S14", "P3_S15", "P3_S13"),
    "P52_P53": ("P52", "P53"),
    "P5M": ("P52", "P53"),
    "P5G": ("P51G", "P52", "P53", "P52_P53", "P5M"),
    "P5": ("P51G", "P52", "P53", "P52_P53", "P5M"),
}
SUM_KINDS: dict[str, Kind] = {"P3": "household", "P5G": "investment", "P5": "investment"}
#: Rows of value added that are no sum of others, then what a row consists of where it is a sum.
ADDED: dict[str, str] = {
    "D21X31": "Taxes less subsidies on products",
    "D1": "Compensation of employees",
    "D29X39": "Other taxes less subsidies on production",
    "B2A3G": "Operating surplus and mixed income, gross",
    "B2A3N": "Operating surplus and mixed income, net",
    "P51C": "Consumption of fixed capital",
    "OP_RES": "Purchases of residents abroad",
    "OP_NRES": "Purchases of non-residents",
    "TXS_IMP_FNL": "Taxes less subsidies on imported products",
    "TXS_INT_FNL": "Taxes less subsidies on products",
    "VALU": "Value added",
}
ADDED_SUMS: dict[str, tuple[str, ...]] = {"B2A3G": ("B2A3N", "P51C"), "B1G": ("D1", "D29X39", "B2A3G", "B2A3N")}
OUTPUT_ROWS: tuple[str, ...] = ("P1", "OUTPUT")
IMPORT_ROWS: tuple[str, ...] = ("P7",)
IMPORT_COLUMNS: tuple[str, ...] = ("IMPO",)
#: Rows and columns that are sums or checks, and are never figures of the table.
PASSED_OVER = re.compile(
    r"^(TOTAL|CPA_TOTAL|TU|TFU|TS_BP|TS_PP|TI|P2|P2_.*|B1G|B1GQ|P1|P7|P6_.*|P5G?|P3|EMP.*|TTL_.*_FNL|OUTPUT|TFINU|IMPO|.*_TOTAL)$"
)
