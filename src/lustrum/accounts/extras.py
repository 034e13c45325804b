"""Libraries of the extras, imported where they are used: what to install where one is missing or damaged."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from lustrum.errors import TableError


def require(module: str, extra: str, what: str) -> ModuleType:
    """Import a module of an extra.

    Parameters
    ----------
    module
        Its name for `import`, such as ``python_calamine``.
    extra
        The extra of lustrum that installs it.
    what
        Who needs it, as the beginning of a sentence: "workbooks need".

    Raises
    ------
    TableError
        If it is not installed, or does not import. Both name the line for pip.
    """
    try:
        return import_module(module)
    except Exception as error:  # a damaged library fails in any way: a missing part, broken code, a binary cut short
        raise unusable(error, module, extra, what) from error


def arrow(part: str = "") -> ModuleType:
    """Import pyarrow, which reads and writes Parquet files, or a part of it, such as ``parquet``."""
    return require(f"pyarrow.{part}" if part else "pyarrow", "parquet", "Parquet files need")


def unusable(error: BaseException, module: str, extra: str, what: str) -> TableError:
    """Return the error for a library that failed to import: not installed, or installed in part."""
    package = module.partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and error.name == package:
        return TableError(
            f"{what} a library that is not installed", where=package, mend=f"pip install 'lustrum[{extra}]'"
        )
    found = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return TableError(
        f"{what} a library that is installed, but not whole",
        where=package,
        found=found,
        mend=f"pip install --force-reinstall 'lustrum[{extra}]'",
    )
