"""The world table as the workbook that the WIOD publishes and pymrio.parse_wiod reads: written, not timed."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from lustrum.accounts.readers.wiod_world import read_world

USES = {"CONS_h": "c37", "CONS_np": "c38", "CONS_g": "c39", "GFCF": "c41", "INVEN": "c42"}


def write_wiot(data: Path, year: int, folder: Path) -> Path:
    """Write wiotYY_bench.xlsx: titles, four lines of headers, flows, and rows r60 to r69 below."""
    world = read_world(data, year, "none")
    heads = [(c.split(".")[1], c, c.split(".")[0], c.split(".")[1]) for c in world.products.codes]
    heads += [("", u.code, u.region, USES[u.code.split(".")[1]]) for u in world.final_uses]
    heads += [("", "Total output", "TOT", "c60")]
    path = folder / f"wiot{year % 100:02d}_bench.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    titles = (f"World Input-Output Table, {year}", "", "(industry-by-industry)", "(millions of US$)")
    for row in range(6):
        if row < len(titles):
            sheet.write(row, 0, titles[row])
        for k, head in enumerate(heads if row >= 2 else []):
            sheet.write(row, 4 + k, head[row - 2])
    for row, head in enumerate(heads[: len(world.output)]):
        line = [*head, *world.use[row].tolist(), *world.final[row].tolist(), float(world.output[row])]
        sheet.write_row(6 + row, 0, line)
    below = [0.0] * (len(world.final_uses) + 1)
    rows = (("II_fob", "r60", world.use.sum(axis=0)), ("VA", "r64", world.value_added[0]), ("GO", "r69", world.output))
    for k, (name, code, figures) in enumerate(rows):
        sheet.write_row(6 + len(world.output) + k, 0, [name, name, "TOT", code, *figures.tolist(), *below])
    book.close()
    return path
