"""A second installation of the package in an environment of its own, to check a record where it was not made."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def second_install(folder: Path, *, own: bool) -> tuple[list[str], str]:
    """Install the package from this repository into a new environment.

    Parameters
    ----------
    own
        Whether its dependencies are installed anew too; else it sees those of the environment that runs this.

    Returns
    -------
    program, where
        The command, and the file that it takes the package from.
    """
    venv.create(folder / "venv", with_pip=own)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if own:
        _call([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(REPOSITORY)])
    else:
        site = Path(_call([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]))
        _call(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                str(site),
                str(REPOSITORY),
            ]
        )
        # read after the site's own folder: the package comes from here, what it needs from there
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = _call([str(python), "-c", "import lustrum; print(lustrum.__file__)"])
    if not Path(where).is_relative_to(folder):
        raise SystemExit(f"the second installation takes the package from elsewhere: {where}")
    return [str(python), "-m", "lustrum.cli"], where


def _call(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()
