"""The commands that make new accounts: what they write, what they say, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from tests.cli.conftest import Lustrum

from lustrum.accounts.checks import check_economy
from lustrum.accounts.embedded import load_economy
from lustrum.accounts.readers.folder import read_folder

ECONOMY = "us-2019-16"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def made(result: Result, folder: Path) -> dict[str, object]:
    """The document of a command that went well, and a folder that is sound."""
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    economy = read_folder(folder)
    assert check_economy(economy).ok and document["check"]["ok"]
    # what was done stays with the accounts, entry for entry
    assert [c["what"] for c in document["changes"]] == [c.what for c in economy.provenance[-len(document["changes"]) :]]
    assert not list(folder.parent.glob(".tmp-*"))
    return document


def test_balance_to_totals(lustrum: Lustrum, tmp_path: Path) -> None:
    totals = write(tmp_path, "totals.csv", "total,code,value\nconsumption,food,900000\nexports,all,2300000\n")
    out = tmp_path / "out"
    document = made(lustrum("economy", "balance", ECONOMY, "-o", out, "--totals", totals, "--json"), out)
    economy = read_folder(out)
    assert economy.values("exports").sum() == pytest.approx(2.3e6)
    food = economy.codes("need").index("food")
    assert economy.values("consumption")[:, food].sum() == pytest.approx(9e5)
    assert document["method"] == "gras"
    assert {c["step"] for c in document["changes"]} == {"totals", "balancing", "value added"}  # type: ignore[attr-defined]


def test_an_industry_that_stops_buys_nothing(lustrum: Lustrum, tmp_path: Path) -> None:
    """Its product is imported then, and its inputs are free for others."""
    totals = write(tmp_path, "totals.csv", "total,code,value\noutput,21,0\nimports,all,3000000\n")
    out = tmp_path / "out"
    result = lustrum("economy", "balance", ECONOMY, "-o", out, "--totals", totals, "--json")
    assert result.exit_code == 0, result.stderr
    economy = read_folder(out)
    at = economy.codes("activity").index("21")
    assert economy.values("output")[at] == 0
    assert json.loads(result.stdout)["check"]["residuals"]["rows"] < 1e-9
    assert any("21" in c.where and "set to zero" in c.what for c in economy.provenance)


def test_balance_of_balanced_accounts_moves_nothing(lustrum: Lustrum, tmp_path: Path) -> None:
    result = lustrum("economy", "balance", ECONOMY, "-o", tmp_path / "out")
    assert result.exit_code == 0 and "nothing had to be moved" in result.stdout
    assert read_folder(tmp_path / "out").digest == load_economy(ECONOMY).digest


def test_balance_with_known_figures(lustrum: Lustrum, tmp_path: Path) -> None:
    known = write(
        tmp_path,
        "known.yaml",
        (
            "constraints:\n  - name: oil for refineries\n    value: 300000\n"
            "    cells: [{product: '21', column: 31G_ND}]\n"
            "  - name: a guess\n    value: 650000\n    give: 0.5\n"
            "    cells:\n      - {product: [31G_D, '11'], column: 'exports:world'}\n"
            "  - name: imports of oil\n    value: 140000\n    cells: [{product: '21', column: 'imports:world'}]\n"
            "fixed:\n  - {product: '22', column: all}\n"
            "readiness:\n  - {product: all, column: committed_demand, times: 4}\n"
        ),
    )
    out = tmp_path / "out"
    made(lustrum("economy", "balance", ECONOMY, "-o", out, "--method", "kras", "--constraints", known, "--json"), out)
    economy, old = read_folder(out), load_economy(ECONOMY)
    i, j = economy.codes("product").index("21"), economy.codes("activity").index("31G_ND")
    assert economy.values("use")[i, j] * economy.values("output")[j] == pytest.approx(300_000)
    assert economy.values("imports")[i].sum() == pytest.approx(140_000)
    fixed = economy.codes("product").index("22")
    assert economy.values("use")[fixed] == pytest.approx(old.values("use")[fixed], rel=1e-9)


def test_project(lustrum: Lustrum, tmp_path: Path) -> None:
    old = load_economy(ECONOMY)
    lines = "".join(
        f"output,{c},{1.1 * x!r}\n"
        for c, x in zip(old.codes("activity"), map(float, old.values("output")), strict=True)
    )
    totals = write(tmp_path, "totals.csv", "total,code,value\n" + lines + "labour,all,150000\n")
    out = tmp_path / "out"
    document = made(
        lustrum(
            "economy", "project", ECONOMY, "--totals", totals, "--year", "2022", "-o", out, "--name", "later", "--json"
        ),
        out,
    )
    assert document["economy"]["base_year"] == 2022 and document["economy"]["name"] == "later"  # type: ignore[index]
    assert document["factor_of_what_was_not_given"] == pytest.approx(1.1)


def test_deflate(lustrum: Lustrum, tmp_path: Path) -> None:
    prices = write(tmp_path, "prices.csv", "product,price\nbase,100\nall,110\n11,120\n")
    out = tmp_path / "out"
    made(
        lustrum("economy", "deflate", ECONOMY, "--prices", prices, "--label", "prices of 2012", "-o", out, "--json"),
        out,
    )
    economy = read_folder(out)
    assert economy.source.money == "million USD, prices of 2012"
    assert economy.values("output")[0] == pytest.approx(load_economy(ECONOMY).values("output")[0] / 1.2)


def test_split_and_merge_again(lustrum: Lustrum, tmp_path: Path) -> None:
    old = load_economy(ECONOMY)
    parts = write(tmp_path, "parts.csv", "new,old,weight,name,exports\ncrops,11,6,Crops,0.8\nherds,11,4,Herds,0.2\n")
    finer, again = tmp_path / "finer", tmp_path / "again"
    made(lustrum("economy", "disaggregate", ECONOMY, "--weights", parts, "-o", finer, "--json"), finer)
    assert read_folder(finer).size("product") == 17
    lines = "".join(f"{c},{c}\n" for c in old.codes("product")[1:])
    by = write(tmp_path, "by.csv", "old,new\ncrops,11\nherds,11\n" + lines)
    made(lustrum("economy", "aggregate", finer, "--by", by, "-o", again, "--json"), again)
    result = lustrum("economy", "compare", ECONOMY, again, "--json")
    document = json.loads(result.stdout)
    assert 0 < max(t["wape"] for t in document["tables"]) < 1e-12
    screen = lustrum("economy", "compare", ECONOMY, again).stdout
    assert "no figure differs by more than the computer's rounding" in screen and "differ most" not in screen


def test_screens(lustrum: Lustrum, tmp_path: Path) -> None:
    shown = lustrum("economy", "show", "us-2019")
    assert shown.exit_code == 0
    for words in ("Who feeds whom", "Largest flows", "Oil and gas extraction → Petroleum", "Needs", "Trade"):
        assert words in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 100
    one = lustrum("economy", "show", "us-2019", "--sector", "324")
    assert "Suppliers" in one.stdout and "Customers" in one.stdout and "output multiplier" in one.stdout
    grouped = write(
        tmp_path,
        "by.csv",
        "old,new,name\n"
        + "".join(
            f"{c},{'goods' if k < 6 else 'services'},{'Goods' if k < 6 else 'Services'}\n"
            for k, c in enumerate(load_economy(ECONOMY).codes("product"))
        ),
    )
    assert "Goods → Services" in lustrum("economy", "show", ECONOMY, "--by", grouped).stdout
    two = lustrum("economy", "compare", ECONOMY, "us-2019")
    assert two.exit_code == 0 and "only in" in two.stdout


def test_csv_has_every_flow(lustrum: Lustrum) -> None:
    lines = lustrum("economy", "show", ECONOMY, "--csv").stdout.splitlines()
    assert lines[0] == "product,user,value,unit"
    economy = load_economy(ECONOMY)
    total = sum(float(line.split(",")[2]) for line in lines[1:])
    made_here = (economy.values("supply") @ economy.values("output")).sum() + economy.values("imports").sum()
    assert total == pytest.approx(made_here)
    one = lustrum("economy", "show", ECONOMY, "--sector", "21", "--csv").stdout.splitlines()
    assert one[0] == "kind,code,name,value,unit,share" and any(x.startswith("customers,31G_ND") for x in one)


def test_nothing_is_overwritten_and_nothing_half_written(lustrum: Lustrum, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    write(there, "mine.txt", "keep")
    result = lustrum("economy", "balance", ECONOMY, "-o", there)
    assert result.exit_code == 2 and "something is there already" in result.stderr
    totals = write(tmp_path, "totals.csv", "total,code,value\nvalue_added,11,9e9\n")
    assert lustrum("economy", "balance", ECONOMY, "-o", tmp_path / "new", "--totals", totals).exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["there", "totals.csv"]
    assert [p.name for p in there.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("total,code,value\n", "no total is given", "f.csv"),
        ("total;code;value\noutput;11;1\n", "semicolons", "f.csv:1"),
        ("kind,code,value\noutput,11,1\n", "columns of a totals file", "f.csv:1"),
        ("total,code,value\noutputs,11,1\n", "unknown total", "f.csv:2:total"),
        ("total,code,value\noutput,1111,1\n", "unknown code", "f.csv:2:code"),
        ("total,code,value\noutput,11,1 000\n", "not a number", "f.csv:2:value"),
        ("total,code,value\noutput,11,-5\n", "below zero", "f.csv:2:value"),
        ("total,code,value\nexports,all,1\nexports,all,2\n", "stands twice", "f.csv:3"),
        ("total,code,value\nexports,all,1\nexports,world,2\n", "for all together", "f.csv:2"),
        ("total,code,value\nconsumption,foood,1\n", "unknown code", "f.csv:2:code"),
        ("total,code,value\nimports,11,1\n", "known figure beside the totals", "f.csv"),
        ("total,code,value\nlabour,all,1\n", "no part of the table", "f.csv"),
        ("total,code,value\nexports,all,-1\n", "cannot be scaled", "f.csv"),
    ],
)
def test_wrong_totals(lustrum: Lustrum, tmp_path: Path, text: str, words: str, where: str) -> None:
    file = write(tmp_path, "f.csv", text)
    result = lustrum("economy", "balance", ECONOMY, "-o", tmp_path / "out", "--totals", file)
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr and where in result.stderr and "mend:" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("constraint: []\n", "unknown key", "f.yaml:1"),
        ("constraints: 5\n", "must be a list", "f.yaml:1"),
        (
            "constraints:\n  - value: x\n    cells: [{product: '21', column: '22'}]\n",
            "value is not a number",
            "f.yaml:2",
        ),
        ("constraints:\n  - value: 5\n", "all of its cells are zero", "f.yaml:2"),
        (
            "constraints:\n  - value: 5\n    cells:\n      - {product: '2x', column: '22'}\n",
            "unknown product",
            "f.yaml:4",
        ),
        ("constraints:\n  - value: 5\n    cells:\n      - {product: '21'}\n", "column is missing", "f.yaml:4"),
        ("constraints:\n  - value: 5\n    give: -1\n    cells: [{product: '21', column: '22'}]\n", "give", "f.yaml:3"),
        ("fixed:\n  - {product: '21', column: wood}\n", "unknown column", "f.yaml:2"),
        ("readiness:\n  - {product: '21', column: '22'}\n", "times is not a number", "f.yaml:2"),
        ("constraints: [\n", "YAML", "f.yaml:2"),
    ],
)
def test_wrong_constraints(lustrum: Lustrum, tmp_path: Path, text: str, words: str, where: str) -> None:
    file = write(tmp_path, "f.yaml", text)
    result = lustrum("economy", "balance", ECONOMY, "-o", tmp_path / "out", "--method", "kras", "--constraints", file)
    assert result.exit_code == 2
    assert words in result.stderr and where in result.stderr and "mend:" in result.stderr


def test_files_that_are_not_there_and_options_that_do_not_go_together(lustrum: Lustrum, tmp_path: Path) -> None:
    for command, option in (
        ("balance", "--totals"),
        ("aggregate", "--by"),
        ("disaggregate", "--weights"),
        ("deflate", "--prices"),
    ):
        result = lustrum("economy", command, ECONOMY, "-o", tmp_path / "out", option, tmp_path / "no.csv")
        assert result.exit_code == 2 and "no.csv" in result.stderr, result.stderr
    gone = lustrum(
        "economy", "balance", ECONOMY, "-o", tmp_path / "out", "--method", "kras", "--constraints", tmp_path / "no.yaml"
    )
    assert gone.exit_code == 2 and "cannot be read" in gone.stderr
    assert lustrum("economy", "aggregate", ECONOMY, "-o", tmp_path / "out").exit_code == 2
    assert (
        lustrum("economy", "balance", ECONOMY, "-o", tmp_path / "out", "--constraints", tmp_path / "x").exit_code == 2
    )
    assert lustrum("economy", "show", ECONOMY, "--json", "--csv").exit_code == 2
    assert lustrum("economy", "balance", "island", "-o", tmp_path / "out").exit_code == 2
