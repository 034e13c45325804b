"""`import_table` makes the accounts that the command makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import lustrum as lu
from lustrum.cli import cli


def test_python_and_the_command_make_the_same_accounts(tmp_path: Path) -> None:
    template = tmp_path / "table.xlsx"
    assert CliRunner().invoke(cli, ["economy", "template", str(template), "--published"]).exit_code == 0
    done = CliRunner().invoke(cli, ["economy", "import", str(template), "-o", str(tmp_path / "made")])
    assert done.exit_code == 0, done.output
    economy = lu.import_table(template)
    assert economy.digest == lu.read_folder(tmp_path / "made").digest
    named = lu.import_table(template, name="mine", title="My country")
    assert (named.source.name, named.source.title) == ("mine", "My country")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(lu.TableError, match="there is nothing"):
        lu.import_table(tmp_path / "none.xlsx")
