"""The runner of the documentation notices what it is there for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.pages import blocks, commands, edited, same


def test_figures_and_bars_may_differ_but_words_may_not() -> None:
    assert same([" food   101.7  ▁▄▇██"], ["food 99.2 █████"]) is None
    assert same([" food   101.7"], [" feed   101.7"]) is not None


def test_dots_stand_for_any_lines_and_only_they() -> None:
    real = ["head", "a", "b", "tail"]
    assert same(["head", "…", "tail"], real) is None
    assert same(["…", "b", "tail"], real) is None
    assert same(["head", "…"], real) is None
    assert "not printed" in (same(["head", "a"], real) or "")
    assert same(["head", "tail"], real) is not None
    assert same(["…", "c"], real) is not None


def test_a_section_takes_the_place_of_its_namesake() -> None:
    old = "name: x\n# why\nliving:\n  no_fall: true\n\n# trade\ntrade:\n  band: 1\n"
    new = edited(old, "living:\n  floors:\n    - a\n")
    assert new == "name: x\n# why\nliving:\n  floors:\n    - a\n\n# trade\ntrade:\n  band: 1\n"
    assert edited(old, "tasks:\n  - b\n").endswith("  band: 1\n\ntasks:\n  - b\n")


def test_blocks_carry_language_words_and_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("x\n```console exit=1\n$ a\nout\n$ b\n```\n  ```csv file=f\n  1,2\n  ```\n", encoding="utf-8")
    first, second = blocks(page)
    assert (first.language, first.word("exit"), first.line) == ("console", "1", 2)
    assert commands(first) == [("a", ["out"]), ("b", [])]
    assert (second.word("file"), second.text) == ("f", "1,2\n")


def test_a_block_without_end_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```yaml\na: 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no end"):
        blocks(page)
