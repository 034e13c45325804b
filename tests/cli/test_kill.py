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


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments(tmp_path: Path) -> None:
    root = tmp_path / "island"
    assert CliRunner().invoke(cli, ["new", str(root), "--economy", "island"]).exit_code == 0
    command = [sys.executable, "-m", "lustrum.cli", "plan", "-w", str(root)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}

    def run(after: float | None) -> tuple[int, float]:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        return process.returncode, time.perf_counter() - began

    keeper = Keeper(root)
    with ThreadPoolExecutor(2) as pool:
        whole = max(seconds for code, seconds in pool.map(run, [None, None]) if code == 0)
        keeper.check()
        rng = random.Random(20261123)
        killed = 0
        while killed < KILLS:
            # spread over the run, most of them where it computes and writes
            moments = [whole * rng.triangular(0.0, 1.1, 0.9) for _ in range(2)]
            codes = [code for code, _ in pool.map(run, moments)]
            assert set(codes) <= {0, -signal.SIGKILL}
            killed += sum(code == -signal.SIGKILL for code in codes)
            keeper.check()
    before = lu.Workspace.open(root).plan_ids()
    assert CliRunner().invoke(cli, ["plan", "-w", str(root)]).exit_code == 0
    assert len(lu.Workspace.open(root).plan_ids()) == len(before) + 1
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
