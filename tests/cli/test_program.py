"""The program as a whole: help, exit codes, streams that break, terminals that cannot."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Lustrum, Program

from lustrum.cli import doctor
from lustrum.cli.reference import leaves_and_groups, render

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "xarray", "pydantic", "highspy", "rich", "scipy", "yaml")


def start(*args: str | Path, **kwargs: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lustrum.cli", *map(str, args)]
    return subprocess.Popen(command, text=True, **kwargs)  # type: ignore[call-overload, no-any-return]


def test_the_documentation_is_the_help_of_the_commands() -> None:
    page = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == render(), "python -m lustrum.cli.reference > docs/cli.md"


@pytest.mark.parametrize("path", [path for path, _ in leaves_and_groups()])
def test_every_command_has_help_json_and_an_example(lustrum: Lustrum, path: str) -> None:
    result = lustrum(*path.split(), "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout or "Commands:" in result.stdout
    assert f"  lustrum {path}" in result.stdout.split("Examples:")[1]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lustrum.cli import cli\n"
        "try: cli.main(['--help'])\n"
        f"except SystemExit: sys.exit([m for m in {HEAVY} if m in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_is_there_at_once(program: Program) -> None:
    program("--help")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # computing time, so that a busy machine does not fail the test
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.4


def test_a_misspelt_command_names_the_nearest(lustrum: Lustrum) -> None:
    result = lustrum("paln")
    assert result.exit_code == 2 and "'plan'" in result.stderr


def test_usage_errors_are_json_too(lustrum: Lustrum) -> None:
    result = lustrum("show", "--json", "--nonsense")
    assert result.exit_code == 2 and result.stderr == ""
    assert json.loads(result.stdout)["error"]["exit_code"] == 2


def test_version(lustrum: Lustrum) -> None:
    import lustrum as lu

    assert lu.__version__ in lustrum("--version").stdout


def test_doctor_tells_one_line_each(lustrum: Lustrum) -> None:
    lines = lustrum("doctor").stdout.splitlines()
    told = json.loads(lustrum("doctor", "--json").stdout)
    assert len(lines) == len(told)
    assert told.keys() >= {"lustrum", "numpy", "solver", "threads", "memory", "economies"}
    assert "works" in told["solver"] and "island" in told["economies"]


@pytest.mark.parametrize(
    ("package", "told"),
    [("cupy-cuda12x", "installed"), ("cupy-cuda13x", "installed"), ("cupy", "installed"), ("numpy", "not installed")],
)
def test_doctor_knows_every_package_of_cupy(
    package: str, told: str, lustrum: Lustrum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel goes by the version of CUDA; whichever is there is the extra."""
    monkeypatch.setattr(doctor, "_version", lambda name: "1.0" if name == package else "missing")
    assert json.loads(lustrum("doctor", "--json").stdout)["gpu"].startswith(told)


def test_schema_and_parameters(lustrum: Lustrum) -> None:
    assert "properties" in json.loads(lustrum("schema").stdout)
    assert lustrum("schema").stdout == lustrum("schema", "--json").stdout
    listed = json.loads(lustrum("parameters", "--json").stdout)["parameters"]
    text, rows = lustrum("parameters").stdout, lustrum("parameters", "--csv").stdout.splitlines()
    assert all(p["path"] in text for p in listed) and len(rows) == len(listed) + 1
    assert "trade.exchange" not in lustrum("parameters", "adjustment").stdout
    assert lustrum("parameters", "trad").exit_code == 2


def test_demo_tells_the_whole_story_and_finds_a_free_name(lustrum: Lustrum, tmp_path: Path) -> None:
    first = lustrum("demo", tmp_path / "d", "--economy", "island")
    assert first.exit_code == 0, first.output
    assert all(w in first.stdout for w in ("lustrum plan", "Certificate  optimal", "Tasks", "verified", "Now you"))
    second = json.loads(lustrum("demo", tmp_path / "d", "--economy", "island", "--json").stdout)
    assert second["workspace"].endswith("d-2")
    assert second["verify"]["ok"] and second["plan"]["status"] == "optimal"


@pytest.mark.slow
def test_demo_runs_on_the_united_states(lustrum: Lustrum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = lustrum("demo")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "lustrum-demo" / "plans").is_dir()


@pytest.mark.parametrize("args", [["show"], ["show", "--table", "capital", "--csv"], ["show", "--json"]])
def test_a_reader_that_goes_away_is_no_failure_to_talk_about(planned: Path, args: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        process = start(*args, "-w", planned, stdout=pipe, stderr=subprocess.PIPE)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 141, err
    assert err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_told(planned: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        process = start("show", "-w", planned, stdout=full, stderr=subprocess.PIPE)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "No space left" in err and "Traceback" not in err and "Exception ignored" not in err
    assert "the disk has room" in err


def test_ctrl_c_ends_a_plan_at_once_and_leaves_the_workspace_whole(tmp_path: Path, lustrum: Lustrum) -> None:
    home = tmp_path / "w"
    lustrum("new", home, "--economy", "us-2019")
    process = start("plan", "-w", home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # A quick machine is done already. A busy one is still importing, and CPython may then end by the signal itself,
    # which shells report as 130 too: it does so if the interrupt comes within `exec` of a text, as in dataclasses.
    assert process.returncode in (0, 130, -signal.SIGINT), err
    assert "Traceback" not in err
    assert not [p for p in (home / "plans").glob("*") if p.name.startswith(".tmp")]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_terminal_that_knows_few_characters_gets_plain_ones(program: Program, planned: Path, encoding: str) -> None:
    command = [sys.executable, "-m", "lustrum.cli", "show", "-w", str(planned)]
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    assert "Needs per head" in text or "Needs, per head" in text
    document = subprocess.run([*command, "--json"], capture_output=True, env=env, check=False).stdout
    assert json.loads(document.decode("utf-8"))["status"] == "optimal"


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLUMNS": "0"}, {"LANG": "C", "LC_ALL": "C"}])
def test_odd_surroundings_change_no_figure(program: Program, planned: Path, env: dict[str, str]) -> None:
    done = program("show", "-w", planned, **env)
    assert done.returncode == 0, done.stderr
    assert "\x1b[" not in done.stdout and done.stderr == ""


def test_without_a_terminal_there_is_no_progress(program: Program, planned: Path) -> None:
    done = program("plan", "-w", planned)
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_place_that_cannot_be_written_is_told(lustrum: Lustrum, planned: Path) -> None:
    shutil.rmtree(planned / "plans")
    (planned / "plans").write_text("in the way", encoding="utf-8")
    result = lustrum("plan", "-w", planned)
    assert result.exit_code == 2
    assert "plans" in result.stderr and "mend" in result.stderr and "Traceback" not in result.stderr
