"""What the documentation says can be done, can be done: every block is run, every list is that of the code."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from tests.docs.pages import REPOSITORY, Block, blocks, commands, edited, same
from tools import build_docs

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.fields import FIELDS, FLOWS, SETS
from lustrum.cli import cli
from lustrum.planning.families import FAMILIES
from lustrum.planning.spec import PlanSpec
from lustrum.solving.solve import solve_plan

DOCS = REPOSITORY / "docs"
WALKS = [
    *(
        DOCS / name
        for name in (
            "first-plan.md",
            "my-country.md",
            "import.md",
            "tables.md",
            "voting.md",
            "amendments.md",
            "whatif.md",
            "statute.md",
            "congress.md",
            "congress-rules.md",
        )
    ),
    REPOSITORY / "README.md",
]
BIN = Path(sys.executable).parent


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "COLUMNS": "100",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }


def _run(page: Path, block: Block, folder: Path) -> None:
    """Run a console block; the last command's exit code is the block's."""
    steps = commands(block)
    here = folder / (block.word("in") or ".")
    for k, (command, shown) in enumerate(steps):
        expected = int(block.word("exit") or 0) if k == len(steps) - 1 else 0
        if command.startswith("lustrum congress "):
            done = _here(command, here)
        else:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=here,
                env=_environment(folder),
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        where = f"{page.name}:{block.line}: $ {command}"
        assert done.returncode == expected, f"{where}\nexit code {done.returncode}\n{done.stdout}{done.stderr}"
        if block.word("compare") == "words":
            difference = same(shown, (done.stdout + done.stderr).splitlines())
            assert difference is None, f"{where}\n{difference}\n{done.stdout}{done.stderr}"


def _here(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of lustrum in this process: a page of sixty need not start sixty interpreters."""
    with contextlib.chdir(folder):
        done = CliRunner(env={"COLUMNS": "100"}).invoke(cli, shlex.split(command)[1:])
    return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("page", WALKS, ids=lambda p: p.name)
def test_a_newcomer_can_walk_through(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session: dict[str, object] = {}
    out = io.StringIO()
    for block in blocks(page):
        if "skip" in block.words:
            continue
        if file := block.word("file"):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(block.text, encoding="utf-8")
        elif file := block.word("edit"):
            old = (tmp_path / file).read_text(encoding="utf-8")
            (tmp_path / file).write_text(edited(old, block.text), encoding="utf-8")
        elif block.language == "console":
            _run(page, block, tmp_path)
        elif block.language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, f"{page.name}:{block.line}", "exec"), session)
        elif "printed" in block.words:
            difference = same(block.text.splitlines(), out.getvalue().splitlines())
            assert difference is None, f"{page.name}:{block.line}\n{difference}\n{out.getvalue()}"


def _examples() -> list[Block]:
    return [b for b in blocks(DOCS / "plan-file.md") if b.language == "yaml"]


@pytest.mark.parametrize("block", _examples(), ids=lambda b: f"line{b.line}")
def test_every_example_of_the_plan_file_is_a_plan_of_the_island(block: Block) -> None:
    spec = PlanSpec.from_text(block.text, f"plan-file.md:{block.line}")
    assert solve_plan(load_economy(spec.economy), spec).certificate.holds


def _sections(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    if model in seen:
        return seen
    seen.add(model)
    for field in model.model_fields.values():
        for found in _models(field.annotation):
            _sections(found, seen)
    return seen


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models(part)]


def test_every_key_of_a_plan_file_is_explained() -> None:
    text = (DOCS / "plan-file.md").read_text(encoding="utf-8")
    keys = {f.alias or name for s in _sections(PlanSpec, set()) for name, f in s.model_fields.items()}
    missing = sorted(k for k in keys if not re.search(rf"(?<![\w.]){re.escape(k)}(?!\w)|\.{re.escape(k)}`", text))
    assert not missing


def test_every_file_of_an_economy_is_listed() -> None:
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    names = [f.name for f in FIELDS] + [f.name for f in FLOWS] + list(SETS.values())
    assert [n for n in names if f"`{n}`" not in text] == []


def test_lists_are_those_of_the_code() -> None:
    assert build_docs.stale() == [], "run python tools/build_docs.py"


def test_a_list_that_was_edited_by_hand_is_noticed() -> None:
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    spoilt = text.replace("| `depreciation` | δ |", "| `depreciation` | d |")
    assert spoilt != text
    assert build_docs.filled(spoilt) == text


def test_every_constraint_family_is_explained_in_the_model_page() -> None:
    """In words and in the exact statement: the generated table alone does not count."""
    text = re.sub(
        r"<!-- generated: families -->.*?<!-- end -->",
        "",
        (DOCS / "model.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    words, exact = text.split("## Exact statement")
    assert [name for name in FAMILIES if f"`{name}`" not in exact] == []
    assert [f.name for f in FAMILIES.values() if f.limit and f"`{f.name}`" not in words] == []


PAGES = sorted(
    [
        *DOCS.glob("*.md"),
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        REPOSITORY / "CHANGELOG.md",
        *(REPOSITORY / "bench").glob("*.md"),
    ]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name if p.parent != REPOSITORY / "bench" else "bench")
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text):
        link = target[0] or target[1]
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        goal = page.parent / file if file else page
        assert goal.exists(), f"{page.name}: {link}"
        if anchor and goal.suffix == ".md":
            assert anchor in _anchors(goal), f"{page.name}: {link}"


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name if p.parent != REPOSITORY / "bench" else "bench")
def test_no_page_names_this_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:home|root|mnt|Users)/", page.read_text(encoding="utf-8"))
