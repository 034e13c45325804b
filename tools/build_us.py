"""Rebuild the embedded economies us-2019 and us-2019-16 from the published tables.

    python tools/build_us.py [--data DIR] [--out DIR]

DIR of the data defaults to LUSTRUM_TEST_DATA, or shared/data beside the repository. The same tables
give the same bytes.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from us_economy import build_us_2019, write_economy
from us_sources import Sources

REPOSITORY = Path(__file__).resolve().parents[1]


def build(data: Path, out: Path) -> None:
    sources = Sources(data)
    built, capital, final = build_us_2019(sources)
    write_economy(built, out / "us-2019" / "economy")
    print(f"largest closing item {final.closing.abs().max():.3f}")


def main() -> None:
    """Read the command line and build."""
    named = os.environ.get("LUSTRUM_TEST_DATA")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(named) if named else REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "src" / "lustrum" / "economies")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
