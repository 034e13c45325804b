"""Small world tables written in the layouts of OECD, WIOD, Eora and GLORIA: two or three regions, two sectors.

Figures are invented and balanced, so that a reader that drops, shifts or fills a cell is found out by its sums.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

SECTORS = ("farms", "mills")
SEED = 5


class World:
    """A balanced table of `regions` x `sectors` with `uses` final uses a region and `inputs` rows of value added;
    what the last region sells and buys is `last` times as large."""

    def __init__(
        self, regions: tuple[str, ...], sectors: tuple[str, ...], uses: int, inputs: int = 2, last: float = 1.0
    ) -> None:
        rng = np.random.default_rng(SEED)
        n = len(regions) * len(sectors)
        self.regions, self.sectors = regions, sectors
        self.z = rng.integers(1, 30, (n, n)).astype(float)
        self.y = rng.integers(10, 90, (n, uses * len(regions))).astype(float)
        self.y[0, uses - 1] = -4.0  # an inventory that is drawn down
        s = len(sectors)
        for rows, columns in ((slice(-s, None), slice(None)), (slice(None), slice(-s, None))):
            self.z[rows, columns] *= last
        self.y[-s:] *= last
        self.y[:, -uses:] *= last
        self.x = self.z.sum(axis=1) + self.y.sum(axis=1)
        added = self.x - self.z.sum(axis=0)
        shares = rng.dirichlet(np.ones(inputs), n).T
        self.va = np.round(shares * added, 3)
        self.va[-1] = added - self.va[:-1].sum(axis=0)

    def rows(self) -> list[tuple[str, str]]:
        return [(r, s) for r in self.regions for s in self.sectors]


def write_oecd(path: Path, world: World, uses: tuple[str, ...]) -> Path:
    """ICIO2021_2018.csv: rows and columns REGION_SECTOR, then TLS and VA, and output as row and column."""
    names = [f"{r}_{s}" for r, s in world.rows()]
    columns = [*names, *(f"{r}_{u}" for r in world.regions for u in uses), "TOTAL"]
    lines = ["V1," + ",".join(columns)]
    for k, name in enumerate(names):
        lines.append(",".join([name, *(repr(float(v)) for v in (*world.z[k], *world.y[k], world.x[k]))]))
    blank = ["0"] * (world.y.shape[1] + 1)
    for name, row in zip(("TLS", "VA"), world.va, strict=True):
        lines.append(",".join([name, *(repr(float(v)) for v in row), *blank]))
    lines.append(",".join(["OUTPUT", *(repr(float(v)) for v in world.x), *blank]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_wiod(path: Path, world: World) -> Path:
    """wiot11_row_sep12.xlsx: two lines of titles, four of headers, codes c1 and c35, rows r60 to r69 below."""
    import xlsxwriter

    kinds = ("c37", "c38", "c39", "c41", "c42")
    codes = dict(zip(world.sectors, ("c1", "c35"), strict=True))
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("WIOT_2011")
    for row, text in enumerate(
        ("Intercountry Input-Output Table, 2011", "", "(industry-by-industry)", "(millions of US$)")
    ):
        sheet.write(row, 0, text)
    heads = [(("AtB", "P")[world.sectors.index(s)], s, r, codes[s]) for r, s in world.rows()]
    heads += [("", f"final use {k}", r, k) for r in world.regions for k in kinds]
    for c, head in enumerate([*heads, ("", "Total output", "TOT", "c60")]):
        for row, text in enumerate(head):
            sheet.write(2 + row, 4 + c, text)
    n = len(world.rows())

    def line(row: int, head: tuple[str, str, str, str], figures: list[float]) -> None:
        for c, text in enumerate(head):
            sheet.write(row, c, text)
        for c, value in enumerate(figures):
            sheet.write(row, 4 + c, value)

    for k in range(n):
        line(6 + k, heads[k], [*world.z[k], *world.y[k], world.x[k]])
    below = [0.0] * (world.y.shape[1] + 1)
    z = world.z.sum(axis=0)
    line(6 + n, ("II_fob", "Total intermediate consumption", "TOT", "r60"), [*z, *below])
    line(7 + n, ("TXSP", "taxes less subsidies on products", "TOT", "r61"), [*world.va[0], *below])
    line(8 + n, ("VA", "Value added at basic prices", "TOT", "r64"), [*world.va[1], *below])
    line(9 + n, ("GO", "Output at basic prices", "TOT", "r69"), [*world.x, *below])
    book.close()
    return path


def write_eora(path: Path, world: World, year: int) -> Path:
    """Eora26_YYYY_bp.zip: T, FD, VA, Q and QY without headers, tab-separated, labels beside them; the last
    region is ROW, which is one sector."""
    uses = (
        "Household final consumption P.3h",
        "Non-profit institutions serving households P.3n",
        "Government final consumption P.3g",
        "Gross fixed capital formation P.51",
        "Changes in inventories P.52",
        "Acquisitions less disposals of valuables P.53",
    )
    rows = world.rows()

    def block(figures: np.ndarray) -> str:
        return "\n".join("\t".join(repr(float(v)) for v in row) for row in figures) + "\n"

    def labels(lines: list[tuple[str, ...]]) -> str:
        return "\n".join("\t".join(line) for line in lines) + "\n"

    final = [(r, r, "Final demand", u) for r in world.regions for u in uses]
    emitted = np.arange(1.0, len(rows) + 1)[None, :]
    files = {
        f"Eora26_{year}_bp_T.txt": block(world.z),
        f"Eora26_{year}_bp_FD.txt": block(world.y),
        f"Eora26_{year}_bp_VA.txt": block(world.va),
        f"Eora26_{year}_bp_Q.txt": block(emitted),
        f"Eora26_{year}_bp_QY.txt": block(np.zeros((1, len(final)))),
        "labels_T.txt": labels([(f"name of {r}", r, "Industries", s) for r, s in rows]),
        "labels_FD.txt": labels(final),
        "labels_VA.txt": labels(
            [("Primary Inputs", "Compensation of employees D.1"), ("Primary Inputs", "Net operating surplus B.2n")]
        ),
        "labels_Q.txt": labels([("CO2 emissions (Gg)", "Total")]),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def write_gloria(folder: Path, world: World, year: int) -> Path:
    """A folder of two archives and the ReadMe workbook, as GLORIA release 59 is downloaded; three final uses, three
    rows of value added."""
    import xlsxwriter

    uses = ("Household final consumption P.3h", "Gross fixed capital formation P.51", "Changes in inventories P.52")
    added = ("Compensation of employees D.1", "Taxes on production D.29", "Net operating surplus B.2n")
    r, s = len(world.regions), len(world.sectors)
    t = np.zeros((2 * r * s, 2 * r * s))
    y = np.zeros((2 * r * s, world.y.shape[1]))
    va = np.zeros((r * len(added), 2 * r * s))
    industry = [k * 2 * s + i for k in range(r) for i in range(s)]
    product = [k + s for k in industry]
    t[np.ix_(industry, product)] = np.diag(world.x)
    t[np.ix_(product, industry)] = world.z
    y[product] = world.y
    for k in range(r):
        mine = slice(k * s, (k + 1) * s)
        va[np.ix_(range(k * len(added), (k + 1) * len(added)), industry[mine])] = world.va[:, mine]
    q = np.zeros((2, 2 * r * s))
    q[:, industry] = np.arange(2.0 * r * s).reshape(2, -1)

    def block(figures: np.ndarray) -> str:
        return "\n".join(",".join(repr(float(v)) for v in row) for row in figures) + "\n"

    stem = "20240110_120secMother_AllCountries_002"
    with zipfile.ZipFile(folder / f"GLORIA_MRIOs_59_{year}.zip", "w") as archive:
        for key, figures in (("T", t), ("Y", y), ("V", va)):
            archive.writestr(f"{stem}_{key}-Results_{year}_059_Markup001(full).csv", block(figures))
    with zipfile.ZipFile(folder / f"GLORIA_SatelliteAccounts_059_{year}.zip", "w") as archive:
        for key, figures in (("TQ", q), ("YQ", np.zeros((2, y.shape[1])))):
            archive.writestr(f"{stem}_{key}-Results_{year}_059_Markup001(full).csv", block(figures))
    book = xlsxwriter.Workbook(str(folder / "GLORIA_ReadMe_059.xlsx"))
    sheets = {
        "Regions": {"Lfd_Nr": range(1, r + 1), "Region_acronyms": world.regions, "Region_names": world.regions},
        "Sectors": {"Lfd_Nr": range(1, s + 1), "Sector_names": world.sectors},
        "Value added and final demand": {"Value_added_names": added, "Final_demand_names": uses},
        "Satellites": {
            "Sat_head_indicator": ("Material", "Material"),
            "Sat_indicator": ("Rice", "Wheat"),
            "Sat_unit": ("t", "t"),
        },
    }
    for name, columns in sheets.items():
        sheet = book.add_worksheet(name)
        for c, (head, values) in enumerate(columns.items()):
            sheet.write(0, c, head)
            for k, value in enumerate(values):
                sheet.write(1 + k, c, value)
    book.close()
    return folder
