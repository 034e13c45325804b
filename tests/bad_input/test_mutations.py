"""A thousand spoilt plans and tables: each is read to the end or refused with a place, and nothing else happens."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.bad_input.mutations import spoilt_plan, spoilt_tables, spoilt_text
from tests.bad_input.reading import PLAN, TABLES, read_tables, resolve, write_tables

from lustrum.accounts.checks import check_economy
from lustrum.accounts.economy import Economy
from lustrum.accounts.embedded import embedded_folder, load_economy
from lustrum.cli import cli
from lustrum.errors import BadInput
from lustrum.planning.parameters import PARAMETERS

US = (embedded_folder("us-2019") / "lustrum.yaml").read_text(encoding="utf-8")
ISLAND = (embedded_folder("island") / "lustrum.yaml").read_text(encoding="utf-8")
#: Words a plan knows, in places where it may not know them.
KEYS = tuple(sorted({part for path in PARAMETERS for part in path.split(".")} | {"from", "to", "start", "all", "rows"}))
SECONDS = 2.0

many = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module")
def dale(tmp_path_factory: pytest.TempPathFactory) -> Economy:
    return read_tables(tmp_path_factory.mktemp("dale"), dict(TABLES))


def read_or_refused(economy: Economy, text: str) -> None:
    """Resolve a plan, or be told where it is wrong and what to do; within two seconds of work."""
    began = time.process_time()
    try:
        resolve(economy, text)
    except BadInput as e:
        told(e)
    assert time.process_time() - began < SECONDS


def told(error: BadInput) -> None:
    assert error.where, str(error)
    assert error.mend or error.expected, str(error)
    assert len(str(error)) < 2000, str(error)[:3000]


@settings(many, max_examples=150)
@given(spoilt_text(ISLAND))
def test_slips_in_the_island_plan(text: str) -> None:
    read_or_refused(load_economy("island"), text)


@settings(many, max_examples=100)
@given(spoilt_text(US))
def test_slips_in_the_us_plan(text: str) -> None:
    read_or_refused(load_economy("us-2019-16"), text)


@settings(many, max_examples=200)
@given(spoilt_plan(ISLAND, KEYS))
def test_wrong_values_in_the_island_plan(text: str) -> None:
    read_or_refused(load_economy("island"), text)


@settings(many, max_examples=100)
@given(spoilt_plan(US, KEYS))
def test_wrong_values_in_the_us_plan(text: str) -> None:
    read_or_refused(load_economy("us-2019-16"), text)


@settings(many, max_examples=150)
@given(spoilt_plan(PLAN, KEYS))
@example("lustrum: 1\n")
def test_wrong_values_in_a_plan_with_every_section(dale: Economy, text: str) -> None:
    read_or_refused(dale, text)


@settings(many, max_examples=50)
@given(st.binary(max_size=300))
def test_any_bytes_for_a_plan(content: bytes) -> None:
    read_or_refused(load_economy("island"), content.decode("utf-8", errors="replace"))


SHORT = PLAN.replace("years: 5", "years: 3").replace("time_limit: 60", "time_limit: 5")


def planned(tables: dict[str, str | bytes], plan: str) -> None:
    """Run `lustrum plan --json`: an answer or words, one JSON document, and no trace of a plan that was not made."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_tables(home / "economy", tables)
        (home / "lustrum.yaml").write_bytes(plan.encode("utf-8", errors="surrogatepass"))
        before = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
        result = CliRunner().invoke(cli, ["plan", "--json", "--workspace", folder])
        assert result.exit_code in (0, 1, 2), result.output
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert "Traceback" not in result.stdout + result.stderr
        document = json.loads(result.stdout)
        if result.exit_code == 2:
            assert document["error"]["where"], document
        if result.exit_code:
            assert {p: p.read_bytes() for p in home.rglob("*") if p.is_file()} == before


@settings(many, max_examples=35)
@given(spoilt_plan(SHORT, KEYS))
def test_the_command_refuses_spoilt_plans(text: str) -> None:
    planned(dict(TABLES), text)


@settings(many, max_examples=15)
@given(spoilt_tables(TABLES))
def test_the_command_refuses_spoilt_tables(tables: dict[str, str | bytes]) -> None:
    planned(tables, SHORT)


@settings(many, max_examples=300)
@given(spoilt_tables(TABLES))
def test_spoilt_tables(tables: dict[str, str | bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        try:
            economy = read_tables(Path(folder) / "economy", tables)
            check_economy(economy)
            resolve(economy, PLAN)
        except BadInput as e:
            told(e)
        assert time.process_time() - began < SECONDS
