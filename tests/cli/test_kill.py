"""kill -9 at any moment leaves a workspace whole: every plan in it loads and verifies, the next one works."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

import lustrum as lu
from lustrum.cli import cli

KILLS = 100


def contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


class Keeper:
    """Checks a workspace after every kill; a plan that was whole once must stay as it was."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.given = self._given()
        self.plans: dict[str, dict[str, str]] = {}

    def _given(self) -> dict[str, str]:
        return {n: s for n, s in contents(self.root).items() if not n.startswith("plans/")}

    def check(self) -> None:
        assert self._given() == self.given
        ids = lu.Workspace.open(self.root).plan_ids()
        assert set(ids) >= set(self.plans)
        for name in ids:
            folder = self.root / "plans" / name
            now = contents(folder)
            if name not in self.plans:
                found = lu.verify(folder)
                assert found.ok, (name, found.problems)
                self.plans[name] = now
            assert now == self.plans[name]
        if (self.root / "plans").is_dir():
            strangers = [p.name for p in (self.root / "plans").iterdir() if p.name not in ids]
            assert all(name.startswith(".tmp-") for name in strangers)


#: Imports everything once, then forks a `lustrum plan` for every line, and kills it after so many seconds.
PLAN_AND_DIE = textwrap.dedent("""
    import os, signal, sys, time
    import lustrum.reporting.answers, lustrum.reporting.plan, lustrum.solving.solve, lustrum.workspace
    import lustrum.planning.diagnosis, rich.console, xarray, h5netcdf
    from lustrum.cli import cli

    for line in sys.stdin:
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            try:
                cli.main(["plan", "-w", sys.argv[1]])
            except SystemExit as end:
                os._exit(end.code or 0)
        ended = 0
        while not ended and time.perf_counter() - began < float(line):
            time.sleep(0.001)
            ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), time.perf_counter() - began, flush=True)
""")


class Runner:
    """Starts `lustrum plan` again and again in one workspace."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PLAN_AND_DIE, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def run(self, seconds: float) -> tuple[int, float]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        code, took = self.process.stdout.readline().split()
        return int(code), float(took)

    def close(self) -> None:
        self.process.communicate()


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments(tmp_path: Path) -> None:
    root = tmp_path / "island"
    assert CliRunner().invoke(cli, ["new", str(root), "--economy", "island"]).exit_code == 0
    keeper = Keeper(root)
    rng = random.Random(20261123)
    runners = [Runner(root), Runner(root)]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):  # the second time nothing is read for the first time
            first = list(pool.map(lambda r: r.run(60.0), runners))
        assert [code for code, _ in first] == [0, 0]
        whole = max(seconds for _, seconds in first)
        keeper.check()
        killed = 0
        while killed < KILLS:
            moments = [rng.uniform(0.0, whole) for _ in runners]
            codes = [code for code, _ in pool.map(lambda r, after: r.run(after), runners, moments)]
            assert set(codes) <= {0, -signal.SIGKILL}
            killed += sum(code == -signal.SIGKILL for code in codes)
            keeper.check()
    for runner in runners:
        runner.close()
    before = lu.Workspace.open(root).plan_ids()
    assert CliRunner().invoke(cli, ["plan", "-w", str(root)]).exit_code == 0
    assert len(lu.Workspace.open(root).plan_ids()) == len(before) + 1
    keeper.check()


@pytest.mark.slow
def test_a_process_of_its_own_may_be_killed_too(planned: Path) -> None:
    keeper = Keeper(planned)
    command = [sys.executable, "-m", "lustrum.cli", "plan", "-w", str(planned)]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - began
    for share in (0.3, 0.6, 0.7, 0.8, 0.9, 0.95):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(share * whole)
        process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
        keeper.check()


SAVE_AND_DIE = textwrap.dedent("""
    import os, signal, sys
    import lustrum as lu
    from lustrum.workspace import aside, plans

    root, step = sys.argv[1], int(sys.argv[2])
    plan = lu.load_plan(lu.workspace.find_plan(None, root))
    count = 0

    def heed(event, args):
        # every touch of the folder of plans is a moment to die at
        global count
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir"):
            if any(isinstance(a, (str, os.PathLike)) and "plans" in os.fspath(a) for a in args):
                count += 1
                if count == STEP:
                    os.kill(os.getpid(), signal.SIGKILL)

    STEP = 0
    sys.addaudithook(heed)
    while True:
        STEP += step
        child = os.fork()
        if child == 0:
            count = 0
            lu.save_plan(plan, os.path.join(root, "plans"))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(STEP, os.waitstatus_to_exitcode(status), flush=True)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            break
        sys.stdin.readline()  # until the workspace has been looked at
""")


@pytest.mark.slow
def test_dying_at_every_touch_of_the_disk_while_saving(planned: Path) -> None:
    keeper = Keeper(planned)
    keeper.check()
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE_AND_DIE, str(planned), "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    ends = []
    for line in process.stdout:
        ends.append(int(line.split()[1]))
        keeper.check()
        if ends[-1] == -signal.SIGKILL:
            process.stdin.write("go on\n")
            process.stdin.flush()
    process.stdin.close()
    process.stdout.close()
    assert process.wait() == 0
    assert len(ends) > 20 and set(ends[:-1]) == {-signal.SIGKILL} and ends[-1] == 0
    keeper.check()
    assert CliRunner().invoke(cli, ["plan", "-w", str(planned)]).exit_code == 0
    keeper.check()
