"""Small input-output datasets written as SDMX-CSV, SDMX-ML 2.1 (generic, structure-specific) and SDMX-JSON.

One country of three sectors, balanced; dimensions and codes are those of Eurostat naio_10_cp1700, FIGARO
naio_10_fcp_ii4 and the OECD's IOTS_2021. Figures are invented.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Record = dict[str, str]
SECTORS = ("CPA_A", "CPA_B-E", "CPA_G-T")
FINAL = ("P3_S14", "P3_S15", "P3_S13", "P51G", "P52", "P53", "P6")
Z_DOM = np.array([[120.0, 310.5, 22.0], [95.0, 1450.0, 610.0], [140.0, 890.0, 2300.0]])
Z_IMP = np.array([[14.0, 60.0, 3.5], [31.0, 720.0, 190.0], [8.0, 95.0, 260.0]])
F_DOM = np.array(
    [
        [260.0, 0.0, 1.0, 12.0, -6.5, 0.0, 95.0],
        [980.0, 2.0, 40.0, 700.0, 31.0, 4.0, 1800.0],
        [3900.0, 210.0, 1950.0, 540.0, 0.0, 1.0, 620.0],
    ]
)
F_IMP = np.array(
    [
        [75.0, 0.0, 0.0, 1.0, 2.0, 0.0, 5.0],
        [640.0, 0.0, 12.0, 380.0, -9.0, 1.0, 210.0],
        [115.0, 0.0, 3.0, 44.0, 0.0, 0.0, 12.0],
    ]
)
OUTPUT = Z_DOM.sum(axis=1) + F_DOM.sum(axis=1)
TAXES = np.array([9.0, 61.0, 130.0])
WAGES = np.array([80.0, 1200.0, 4100.0])
OTHER = np.array([-12.0, 25.0, 90.0])
SURPLUS = OUTPUT - Z_DOM.sum(axis=0) - Z_IMP.sum(axis=0) - TAXES - WAGES - OTHER


def eurostat(
    flows: Sequence[str] = ("DOM", "IMP", "TOTAL"),
    geo: str = "XX",
    year: str = "2020",
    unit: str = "MIO_EUR",
    factor: float = 1.0,
) -> list[Record]:
    """All observations of naio_10_cp1700 for one country and year, sums and totals too."""
    out: list[Record] = []

    def put(flow: str, row: str, column: str, value: float) -> None:
        out.append(
            {
                "freq": "A",
                "unit": unit,
                "stk_flow": flow,
                "prd_use": column,
                "prd_ava": row,
                "geo": geo,
                "TIME_PERIOD": year,
                "OBS_VALUE": repr(float(value * factor)),
                "OBS_FLAG": "",
            }
        )

    blocks = {"DOM": (Z_DOM, F_DOM), "IMP": (Z_IMP, F_IMP), "TOTAL": (Z_DOM + Z_IMP, F_DOM + F_IMP)}
    for flow in flows:
        z, f = blocks[flow]
        for i, row in enumerate(SECTORS):
            for j, column in enumerate(SECTORS):
                put(flow, row, column, z[i, j])
            for k, column in enumerate(FINAL):
                put(flow, row, column, f[i, k])
            put(flow, row, "P3", f[i, :3].sum())
            put(flow, row, "P5G", f[i, 3:6].sum())
            put(flow, row, "CPA_TOTAL", z[i].sum())
            put(flow, row, "TFU", f[i].sum())
            put(flow, row, "TU", z[i].sum() + f[i].sum())
        for j, column in enumerate(SECTORS):
            put(flow, "CPA_TOTAL", column, z[:, j].sum())
            if flow == "IMP" or (flow == "DOM" and "TOTAL" in flows):
                continue
            imported = Z_IMP[j].sum() + F_IMP[j].sum()
            for row, figures in (
                ("D21X31", TAXES),
                ("D1", WAGES),
                ("D29X39", OTHER),
                ("B2A3G", SURPLUS),
                ("P1", OUTPUT),
            ):
                put(flow, row, column, figures[j])
            put(flow, "B1G", column, WAGES[j] + OTHER[j] + SURPLUS[j])
            put(flow, "P7", column, imported)
            put(flow, "TS_BP", column, OUTPUT[j] + imported)
    return out


def oecd(variables: Sequence[str] = ("TTL", "DOM", "IMP"), country: str = "ITA", year: str = "2018") -> list[Record]:
    """Observations of IOTS_2021: VAR, COU, ROW, COL, with unit and power of ten as attributes."""
    out: list[Record] = []
    sectors = ("D01T03", "D05T39", "D41T98")
    final = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "CONS_ABR", "EXPO")

    def put(variable: str, row: str, column: str, value: float) -> None:
        out.append(
            {
                "VAR": variable,
                "COU": country,
                "ROW": row,
                "COL": column,
                "TIME_PERIOD": year,
                "OBS_VALUE": repr(float(value)),
                "UNIT": "USD",
                "POWERCODE": "6",
            }
        )

    blocks = {"DOM": (Z_DOM, F_DOM), "IMP": (Z_IMP, F_IMP), "TTL": (Z_DOM + Z_IMP, F_DOM + F_IMP)}
    for variable in variables:
        z, f = blocks[variable]
        for i, row in enumerate(sectors):
            for j, column in enumerate(sectors):
                put(variable, row, column, z[i, j])
            for k, column in enumerate(final):
                put(variable, row, column, f[i, k])
            if variable == "TTL":
                put(variable, row, "IMPO", -(Z_IMP[i].sum() + F_IMP[i].sum()))
        for j, column in enumerate(sectors if variable != "IMP" else ()):
            put(variable, "TXS_INT_FNL", column, TAXES[j])
            put(variable, "VALU", column, WAGES[j] + OTHER[j] + SURPLUS[j])
            put(variable, "OUTPUT", column, OUTPUT[j])
            put(variable, "TTL_INT_FNL", column, z[:, j].sum())
    return out


def figaro(year: str = "2022") -> list[Record]:
    """Observations of naio_10_fcp_ii4 for two regions; cells of zero are not listed."""
    out: list[Record] = []
    industries, uses = ("A01", "C10-12"), ("P3_S14", "P3_S15", "P3_S13", "P51G", "P5M")
    rng = np.random.default_rng(3)
    regions = ("BE", "FIGW1")
    z, y = rng.integers(0, 40, (4, 4)).astype(float), rng.integers(0, 90, (4, 10)).astype(float)
    y[1, 4] = -3.0
    y[:, 0] += 70.0
    x = z.sum(axis=1) + y.sum(axis=1)
    rows = [(r, i) for r in regions for i in industries]

    def put(origin: str, row: str, destination: str, column: str, value: float) -> None:
        if value:
            out.append(
                {
                    "freq": "A",
                    "ind_use": column,
                    "ind_ava": row,
                    "c_dest": destination,
                    "unit": "MIO_EUR",
                    "c_orig": origin,
                    "TIME_PERIOD": year,
                    "OBS_VALUE": repr(float(value)),
                    "OBS_FLAG": "",
                }
            )

    for a, (origin, row) in enumerate(rows):
        for b, (destination, column) in enumerate(rows):
            put(origin, row, destination, column, z[a, b])
        for b, (destination, column) in enumerate((r, u) for r in regions for u in uses):
            put(origin, row, destination, column, y[a, b])
    for b, (destination, column) in enumerate(rows):
        added = x[b] - z[:, b].sum()
        for row, share in (("D21X31", 0.1), ("D1", 0.5), ("D29X39", 0.05), ("B2A3G", 0.35)):
            put("DOM", row, destination, column, share * added)
    put("DOM", "D21X31", "BE", "P3_S14", 12.0)
    return out


# --- the four formats ----------------------------------------------------------------------------


def write_csv(path: Path, records: Sequence[Record], dataflow: str = "ESTAT:NAIO_10_CP1700(1.0)") -> Path:
    """SDMX-CSV 1.0 as Eurostat serves it: DATAFLOW, LAST UPDATE, dimensions, value, flag."""
    names = list(records[0])
    lines = [",".join(["DATAFLOW", "LAST UPDATE", *names])]
    lines += [",".join([dataflow, "20/11/25 23:00:00", *(r[n] for n in names)]) for r in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_csv2(path: Path, records: Sequence[Record], dataflow: str = "OECD:DF_IOTS_2021(1.0)") -> Path:
    """SDMX-CSV 2.0 as the OECD serves it: STRUCTURE, STRUCTURE_ID, ACTION, dimensions, value, attributes."""
    names = list(records[0])
    lines = [",".join(["STRUCTURE", "STRUCTURE_ID", "ACTION", *names])]
    lines += [",".join(["dataflow", dataflow, "I", *(r[n] for n in names)]) for r in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


_MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
_COMMON = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
_HEAD = (
    "<m:Header><m:ID>X</m:ID><m:Test>false</m:Test><m:Prepared>2025-11-20T23:00:00</m:Prepared>"
    '<m:Sender id="ESTAT"/><m:Structure structureID="S" {extra}dimensionAtObservation="TIME_PERIOD">'
    '<c:{usage}><Ref agencyID="ESTAT" id="NAIO_10_CP1700" version="1.0"/></c:{usage}></m:Structure></m:Header>'
)


def _split(record: Record) -> tuple[dict[str, str], str, str, str]:
    key = {k: v for k, v in record.items() if k not in ("TIME_PERIOD", "OBS_VALUE", "OBS_FLAG")}
    return key, record["TIME_PERIOD"], record["OBS_VALUE"], record.get("OBS_FLAG", "")


def write_generic(path: Path, records: Sequence[Record]) -> Path:
    """SDMX-ML 2.1 generic data, one series an observation."""
    series = []
    for key, time, value, flag in map(_split, records):
        named = "".join(f'<g:Value id="{k}" value="{v}"/>' for k, v in key.items())
        figure = f'<g:ObsValue value="{value}"/>' if value else ""
        note = f'<g:Attributes><g:Value id="OBS_FLAG" value="{flag}"/></g:Attributes>' if flag else ""
        series.append(
            f'<g:Series><g:SeriesKey>{named}</g:SeriesKey><g:Obs><g:ObsDimension value="{time}"/>{figure}{note}'
            "</g:Obs></g:Series>"
        )
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><m:GenericData xmlns:m="{_MESSAGE}" xmlns:c="{_COMMON}" '
        'xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic">'
        f'{_HEAD.format(extra="", usage="Structure")}<m:DataSet structureRef="S" action="Replace">{"".join(series)}'
        "</m:DataSet></m:GenericData>",
        encoding="utf-8",
    )
    return path


def write_specific(path: Path, records: Sequence[Record]) -> Path:
    """SDMX-ML 2.1 structure-specific data, one series an observation."""
    name = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ESTAT:NAIO_10_CP1700(1.0):ObsLevelDim:TIME_PERIOD"
    series = []
    for key, time, value, flag in map(_split, records):
        named = " ".join(f'{k}="{v}"' for k, v in key.items())
        figure = f' OBS_VALUE="{value}"' if value else ""
        note = f' OBS_FLAG="{flag}"' if flag else ""
        series.append(f'<Series {named}><Obs TIME_PERIOD="{time}"{figure}{note}/></Series>')
    head = _HEAD.format(extra=f'namespace="{name}" ', usage="StructureUsage")
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><m:StructureSpecificData xmlns:m="{_MESSAGE}" xmlns:c="{_COMMON}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" xmlns:n="{name}">{head}'
        f'<m:DataSet ss:structureRef="S" xsi:type="n:DataSetType" ss:dataScope="DataStructure">{"".join(series)}'
        "</m:DataSet></m:StructureSpecificData>",
        encoding="utf-8",
    )
    return path


def write_json(path: Path, records: Sequence[Record]) -> Path:
    """SDMX-JSON data message 2.0: series by position, one dataset-level dimension, flags as an attribute."""
    names = [n for n in records[0] if n not in ("OBS_VALUE", "OBS_FLAG", "TIME_PERIOD", "freq")]
    values = {n: list(dict.fromkeys(r[n] for r in records)) for n in (*names, "TIME_PERIOD")}
    flags = ["", *sorted({r["OBS_FLAG"] for r in records if r.get("OBS_FLAG")})]
    series: dict[str, dict[str, dict[str, list[float | int | None]]]] = {}
    for r in records:
        key = ":".join(str(values[n].index(r[n])) for n in names)
        figure = float(r["OBS_VALUE"]) if r["OBS_VALUE"] else None
        at = str(values["TIME_PERIOD"].index(r["TIME_PERIOD"]))
        flag = flags.index(r["OBS_FLAG"]) if r.get("OBS_FLAG") else None
        series.setdefault(key, {"observations": {}})["observations"][at] = [figure, flag]

    def listed(name: str) -> dict[str, object]:
        return {"id": name, "values": [{"id": v, "name": v} for v in values[name]]}

    body = {
        "meta": {"id": "X", "schema": "https://json.sdmx.org/2.0.0/sdmx-json-data-schema.json"},
        "data": {
            "dataSets": [{"structure": 0, "action": "Information", "series": series}],
            "structures": [
                {
                    "name": "ESTAT:NAIO_10_CP1700(1.0)",
                    "dimensions": {
                        "dataSet": [{"id": "freq", "values": [{"id": "A"}]}],
                        "series": [listed(n) for n in names],
                        "observation": [listed("TIME_PERIOD")],
                    },
                    "attributes": {"observation": [{"id": "OBS_FLAG", "values": [{"id": f} for f in flags]}]},
                }
            ],
        },
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    return path
