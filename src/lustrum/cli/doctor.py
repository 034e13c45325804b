"""`lustrum doctor`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import click

from lustrum.cli.output import examples, json_option, print_json

_EXTRAS = {
    "web": ("starlette", "uvicorn", "jinja2", "altair"),
    "parquet": ("pyarrow",),
    "excel": ("python-calamine", "xlsxwriter"),
    "report": ("typst", "vl-convert-python"),
    "mrio": ("pymrio",),
    "sdmx": ("pysdmx",),
    "cluster": ("dask", "distributed"),
    "relations": ("axelrod",),
    "gpu": ("cupy-cuda12x",),
}
#: Other packages that are as good: CuPy has one for each CUDA, and one built where it is installed.
_INSTEAD = {"cupy-cuda12x": ("cupy-cuda13x", "cupy")}


@click.command(
    "doctor",
    short_help="Say what is installed, one line each.",
    epilog=examples("lustrum doctor", "lustrum doctor --json"),
)
@json_option
def command(as_json: bool) -> None:
    """Say what is installed and what there is to work with, one line each."""
    lines = dict(_lines())
    if as_json:
        print_json(lines)
        return
    for key, value in lines.items():
        click.echo(f"{key + ':':<12}{value}")


def _lines() -> Iterator[tuple[str, str]]:
    from lustrum.accounts.embedded import embedded_names

    yield "lustrum", f"{_version('lustrum')}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield "numpy", f"{_version('numpy')}, BLAS {_blas()}"
    yield "scipy", _version("scipy")
    yield "solver", _solver()
    yield "files", f"xarray {_version('xarray')}, h5netcdf {_version('h5netcdf')}"
    yield "threads", _threads()
    yield "memory", _memory()
    yield "economies", ", ".join(embedded_names()) or "none embedded"
    for extra, packages in _EXTRAS.items():
        missing = [p for p in packages if all(_version(q) == "missing" for q in (p, *_INSTEAD.get(p, ())))]
        yield extra, f"not installed; pip install 'lustrum[{extra}]'" if missing else "installed"
    encoding = sys.stdout.encoding or "unknown"
    yield "terminal", f"{encoding}, {'a terminal' if sys.stdout.isatty() else 'not a terminal'}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _blas() -> str:
    import numpy as np

    config: object = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {}) if isinstance(config, dict) else {}
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()


def _solver() -> str:
    """HiGHS, and whether it solves: max x, x <= 1."""
    import numpy as np

    from lustrum.lp.highs import Options, maximise
    from lustrum.lp.problem import ProblemBuilder

    builder = ProblemBuilder()
    x = builder.add_variables("x", {})
    builder.put(builder.add_rows("most", {}, upper=1.0).index, x.index, 1.0)
    found = maximise(builder.build(), np.ones(1), Options(method="simplex"))
    works = found.status == "optimal" and abs(found.values[0] - 1) < 1e-9
    return f"{found.method.rsplit(' ', 1)[0]}, {'works' if works else 'DOES NOT WORK: reinstall highspy'}"


def _threads() -> str:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    held = [
        f"{k}={os.environ[k]}"
        for k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        if k in os.environ
    ]
    return f"{usable} usable of {os.cpu_count()}" + (f"; {', '.join(held)}" if held else "")


def _memory() -> str:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{total / 2**30:.1f} GiB, {free / 2**30:.1f} GiB free"
