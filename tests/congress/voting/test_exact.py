"""No count touches a floating-point number: the code of the package holds none, and nothing that makes one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lustrum.congress.voting

_FOLDER = Path(lustrum.congress.voting.__file__).parent
_MODULES = {"math", "random", "decimal", "statistics", "numpy", "time"}


def _floats(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            found.append(f"{node.lineno}: {node.value}")
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
            found.append(f"{node.lineno}: true division")
        elif isinstance(node, ast.Name) and node.id in ("float", "complex", "round"):
            found.append(f"{node.lineno}: {node.id}")
        elif isinstance(node, ast.Import):
            found += [f"{node.lineno}: {name.name}" for name in node.names if name.name in _MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            found.append(f"{node.lineno}: {node.module}")
    return found


@pytest.mark.parametrize("file", sorted(_FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_a_module_of_the_package_holds_no_floats(file: Path) -> None:
    assert _floats(ast.parse(file.read_text(encoding="utf-8"))) == []


def test_floats_would_be_found() -> None:
    tree = ast.parse("import math\nfrom random import random\nx = 0.5\ny = 1 / 2\ny /= 3\nz = float(x)")
    assert len(_floats(tree)) == 6
