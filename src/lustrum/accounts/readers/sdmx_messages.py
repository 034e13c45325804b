"""SDMX data messages on disk as plain columns: SDMX-CSV and SDMX-ML through pysdmx, SDMX-JSON by its own standard.

pysdmx (extra `sdmx`) has no reader for SDMX-JSON data; the format (SDMX-JSON data message 1.0 and 2.0) is a list of
observations by position in the lists of its dimensions, read here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lustrum.accounts.extras import require, unusable
from lustrum.errors import TableError

#: A message larger than this is not read: the text alone would fill the memory of a small machine.
LARGEST = 2 * 1024**3
VALUE = "OBS_VALUE"


@dataclass(frozen=True, eq=False)
class Message:
    """Observations of one dataset: columns of text, all of the same length, and who defined the dataset."""

    columns: dict[str, list[str]]
    structure: str
    where: str

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


def is_message(path: Path) -> str | None:
    """Tell from the first bytes which SDMX format a file has: `csv`, `xml` or `json`; None if it is none."""
    if not path.is_file() or path.suffix.lower() not in (".csv", ".xml", ".json", ".sdmx"):
        return None
    with path.open("rb") as file:
        start = file.read(4096).decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    first = start.split("\n", 1)[0]
    if first.startswith(("DATAFLOW,", "DATAFLOW;", "STRUCTURE,STRUCTURE_ID", "STRUCTURE;STRUCTURE_ID")):
        return "csv"
    if start.startswith("<") and "sdmx.org/resources/sdmxml" in start:
        return "xml"
    if start.startswith("{") and ('"dataSets"' in start or "sdmx" in start.lower()):
        return "json"
    return None


def read_message(path: Path) -> Message:
    """Read the one dataset of a message.

    Raises
    ------
    TableError
        If the file is no SDMX data message, holds no or several datasets, or pysdmx is not installed.
    """
    form = is_message(path)
    if form is None:
        raise TableError(
            "this is no SDMX data message",
            where=str(path),
            expected="SDMX-CSV, SDMX-ML 2.1 or SDMX-JSON",
            mend="download it again in one of these formats",
        )
    if (size := path.stat().st_size) > LARGEST:
        raise TableError(
            "the file is too large",
            where=str(path),
            found=f"{size:,} bytes",
            expected=f"at most {LARGEST:,}",
            mend="download one country and year",
        )
    return _json(path) if form == "json" else _pysdmx(path)


def _pysdmx(path: Path) -> Message:
    pysdmx = require("pysdmx.io", "sdmx", "SDMX files need")
    try:
        found: Any = pysdmx.read_sdmx(path, validate=False).data or []
    except ImportError as error:  # it imports what it needs of pandas and xmltodict only now
        raise unusable(error, "pysdmx", "sdmx", "SDMX files need") from error
    except Exception as error:  # pysdmx, xmltodict, expat and pandas have errors of their own, with no common root
        raise TableError(
            "the message cannot be read",
            where=str(path),
            found=" ".join(str(error).split())[:300],
            mend="download it again",
        ) from error
    if len(found) != 1 or not len(found[0].data):
        raise TableError(
            "a message needs one dataset with observations",
            where=str(path),
            found=f"{len(found)} datasets",
            mend="download one dataset in one file",
        )
    frame = found[0].data
    columns = {
        str(c): ["" if none else str(v) for v, none in zip(frame[c].tolist(), frame[c].isna().tolist(), strict=True)]
        for c in frame.columns
    }
    return Message(columns, str(found[0].structure), str(path))


def _json(path: Path) -> Message:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        body = document.get("data", document)
        structure = (body.get("structures") or [body.get("structure")])[0]
        sets = body["dataSets"]
        if len(sets) != 1 or structure is None:
            raise TableError(
                "a message needs one dataset and its structure",
                where=str(path),
                found=f"{len(sets)} datasets",
                mend="download one dataset in one file",
            )
        return _flat(sets[0], structure, path)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise TableError(
            "the message cannot be read",
            where=str(path),
            found=f"{type(error).__name__}: {error}"[:300],
            expected="SDMX-JSON data message",
            mend="download it again",
        ) from error


def _flat(dataset: dict[str, Any], structure: dict[str, Any], path: Path) -> Message:
    dimensions = structure["dimensions"]
    fixed = {d["id"]: str(d["values"][0]["id"]) for d in dimensions.get("dataSet", [])}
    outer = dimensions.get("series", [])
    inner = dimensions["observation"]
    attributes = structure.get("attributes", {}).get("observation", [])
    names = [*fixed, *(d["id"] for d in outer), *(d["id"] for d in inner), VALUE, *(a["id"] for a in attributes)]
    columns: dict[str, list[str]] = {n: [] for n in names}
    series = dataset.get("series") or {"": {"observations": dataset.get("observations", {})}}
    for key, one in series.items():
        head = _coded(key, outer)
        for at, observation in one["observations"].items():
            entry = {**fixed, **head, **_coded(at, inner)}
            value = observation[0] if observation else None
            entry[VALUE] = "" if value is None else repr(float(value))
            for k, attribute in enumerate(attributes):
                index = observation[1 + k] if len(observation) > 1 + k else None
                entry[attribute["id"]] = _id(attribute["values"][index]) if isinstance(index, int) else str(index or "")
            for name in names:
                columns[name].append(entry.get(name, ""))
    lengths = {len(c) for c in columns.values()}
    if lengths == {0}:
        raise TableError("the message holds no observations", where=str(path), mend="download it again")
    assert all(a == b for a, b in pairwise(sorted(lengths)))
    return Message(columns, str(structure.get("name") or structure.get("links", [{}])[0].get("urn", "")), str(path))


def _coded(key: str, dimensions: list[dict[str, Any]]) -> dict[str, str]:
    positions = key.split(":") if key else []
    return {d["id"]: _id(d["values"][int(k)]) for d, k in zip(dimensions, positions, strict=True)}


def _id(value: dict[str, Any] | None) -> str:
    return "" if value is None else str(value.get("id", value.get("value", "")))
