"""Files, statements and lines of each room of the package, and what the house rules ask of them.

    python tools/measure_rooms.py [SRC]

Statements are counted in the syntax tree (docstrings apart), so that the layout of the code does not matter.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SHORT = 60


def statements(tree: ast.Module) -> int:
    """Count statements; a docstring is none."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return sum(not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in found)


def main(source: str = "src/lustrum") -> None:
    """Print one line for each room and one for all."""
    root = Path(source)
    rooms: dict[str, list[tuple[int, int]]] = {}
    for file in sorted(root.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        inside = file.relative_to(root).parts
        room = inside[0] if len(inside) > 1 else "(top)"
        rooms.setdefault(room, []).append((statements(ast.parse(text)), len(text.splitlines())))
    rooms["all"] = [file for files in rooms.values() for file in files]
    print(f"{'room':12} {'files':>6} {'statements':>11} {'lines':>7} {'a file':>7} {f'under {SHORT}':>9}")
    for room, files in rooms.items():
        lines = sum(f[1] for f in files)
        short = sum(f[1] < SHORT for f in files)
        print(f"{room:12} {len(files):6} {sum(f[0] for f in files):11} {lines:7} {lines / len(files):7.0f} {short:9}")


if __name__ == "__main__":
    main(*sys.argv[1:])
