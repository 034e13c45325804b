"""Rebuild the embedded economies us-2019 and us-2019-16 from the published tables.

    python tools/build_us.py [--data DIR] [--out DIR]

The data default to the folder that LUSTRUM_TEST_DATA names, or shared/data beside the repository. The
same tables give the same bytes.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pandas as pd
from us_actuals import write_actuals, write_history
from us_economy import build_us_2019, write_economy
from us_notes import capital_check, capital_check16, measure, notes, notes16, readme, readme16, wear_table
from us_sector16 import TO_SECTOR, build_us_2019_16
from us_sources import Sources

REPOSITORY = Path(__file__).resolve().parents[1]


def build(data: Path, out: Path) -> None:
    """Write both economies into `out`."""
    sources = Sources(data)
    built, capital, final = build_us_2019(sources)
    figures = measure(sources, capital, final, built)
    built = built.with_notes(notes(figures))
    folder = out / "us-2019"
    write_economy(built, folder / "economy")
    write_actuals(sources, folder)
    write_history(sources, capital, folder)
    _write(capital_check(sources, capital), folder / "capital_check.csv")
    _write(wear_table(capital, built), folder / "wear.csv")
    (folder / "README.md").write_text(readme(figures, built), encoding="utf-8")

    small = build_us_2019_16(sources, built.economy, notes16(figures))
    folder = out / "us-2019-16"
    write_economy(small, folder / "economy")
    write_actuals(sources, folder, TO_SECTOR)
    write_history(sources, capital, folder, TO_SECTOR)
    _write(capital_check16(sources, capital), folder / "capital_check.csv")
    (folder / "README.md").write_text(readme16(sources, small, capital), encoding="utf-8")


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n", float_format="%.10g")


def main() -> None:
    """Read the command line and build."""
    named = os.environ.get("LUSTRUM_TEST_DATA")
    data = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    out = REPOSITORY / "src" / "lustrum" / "economies"
    parser = argparse.ArgumentParser(description="Rebuild us-2019 and us-2019-16 from the published tables.")
    parser.add_argument("--data", type=Path, default=data, help="folder of the published tables")
    parser.add_argument("--out", type=Path, default=out, help="folder to write the two economies into")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
