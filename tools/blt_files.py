"""Read every BLT file below a folder, and say what became of each: read with names, with numbers, or refused.

    python tools/blt_files.py FOLDER...

A file that is read must be the same after it was written and read again, and every name must stand in the file. The
1,100 files of Scottish wards that docs/voting.md speaks of are in github.com/mggg/scot-elex, folder blt_files.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from lustrum.congress.voting import BltFile, read_blt, write_blt  # noqa: E402
from lustrum.errors import BadInput  # noqa: E402


def _bare(text: str) -> str:
    """Text without the quotation marks and spaces that dialects put around it."""
    return re.sub(r'["\s]', "", text)


def _kind(file: BltFile, text: str) -> str:
    """Say how a file was read, after the checks."""
    back = read_blt(write_blt(file.ballots, file.seats, file.title))
    assert (back.ballots, back.seats, back.title) == (file.ballots.grouped(), file.seats, file.title), "round trip"
    names = [*file.ballots.options, *file.withdrawn]
    if sorted(names) == sorted(map(str, range(1, len(names) + 1))):
        return "read, candidates by number"
    lines = [_bare(line) for line in text.splitlines()]
    for name in names:
        whole = _bare(name + file.parties.get(name, ""))
        assert any(line.split("#")[0] == whole or line.endswith(f":{whole}") for line in lines), name
    return "read, with names and parties" if file.parties else "read, with names"


def main(folders: list[str]) -> int:
    """Print a line for each file that is refused, and how many of each kind there are."""
    kinds: Counter[str] = Counter()
    for path in sorted(p for folder in folders for p in Path(folder).rglob("*.blt")):
        text = path.read_bytes().decode("utf-8-sig", "replace")
        try:
            kinds[_kind(read_blt(text, path.name), text)] += 1
        except BadInput as refused:
            kinds["refused"] += 1
            print(f"{refused.where}: {refused.what}")
    print(*(f"{number:>6}  {kind}" for kind, number in kinds.most_common()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
