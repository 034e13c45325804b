"""Document, version, unit: a version is a list of units, each with an id that stays and a hash of its content.

A unit's value is JSON: text (an article, a paragraph), a number, or an entry of a plan file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lustrum.congress.canonical import digest
from lustrum.errors import BadInput
from lustrum.labels import unknown_label
from lustrum.strict_yaml import clip

#: JSON: text, whole number, finite float, true or false, nothing, list, object with text as keys.
Json = Any


class DocumentError(BadInput):
    """A document, unit or operation that cannot be used."""


class Stale(DocumentError):
    """An operation that names a version or unit which is no longer what it was: it must be rebased."""


@dataclass(frozen=True)
class Unit:
    """One article, paragraph or entry: an id that stays, and its content."""

    id: str
    value: Json

    @cached_property
    def hash(self) -> str:
        """`sha256:…` of id and content."""
        return digest({"unit": self.id, "value": self.value})


@dataclass(frozen=True)
class Version:
    """The units of a document in order.

    The hash covers the document's id and the units, nothing else: the same content has the same hash
    however it came about.
    """

    document: str
    units: tuple[Unit, ...]

    def __post_init__(self) -> None:
        if len(self._places) != len(self.units):
            ids = [u.id for u in self.units]
            twice = next(i for i in ids if ids.count(i) > 1)
            raise DocumentError(
                "two units have the same id",
                where=self.document,
                found=clip(twice),
                expected="an id for each unit",
                mend="give one of them another id",
            )

    @cached_property
    def hash(self) -> str:
        """`sha256:…` of the document's id and the hashes of its units in order."""
        return digest({"document": self.document, "units": [[u.id, u.hash] for u in self.units]})

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {unit.id: k for k, unit in enumerate(self.units)}

    def __contains__(self, unit: object) -> bool:
        return unit in self._places

    def place(self, unit: str) -> int:
        """Return the position of a unit.

        Raises
        ------
        DocumentError
            If there is none, with the nearest ids.
        """
        if unit not in self._places:
            expected, mend = unknown_label(unit, [u.id for u in self.units], "unit")
            raise DocumentError(
                f"no unit {clip(unit)}", where=self.document, found=clip(unit), expected=expected, mend=mend
            )
        return self._places[unit]

    def unit(self, unit: str) -> Unit:
        """Return a unit by its id."""
        return self.units[self.place(unit)]

    def to_json(self) -> dict[str, Json]:
        """Return the version as JSON, to be kept in an event."""
        return {
            "document": self.document,
            "hash": self.hash,
            "units": [{"id": u.id, "value": u.value} for u in self.units],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Version:
        """Read a version back; its hash must be what the content gives.

        Raises
        ------
        DocumentError
            If the data has another form or the hash does not fit.
        """
        try:
            units = tuple(Unit(str(u["id"]), u["value"]) for u in data["units"])
            version, named = cls(str(data["document"]), units), data.get("hash")
        except (KeyError, TypeError) as e:
            raise DocumentError(
                "not a version of a document",
                found=clip(data),
                mend=f"missing or wrong: {e}",
                expected="{document, units: [{id, value}]}",
            ) from None
        if named is not None and named != version.hash:
            raise DocumentError(
                "the content is not that of the hash",
                where=version.document,
                found=version.hash,
                expected=str(named),
                mend="take the version from the record again",
            )
        return version


@dataclass(slots=True)
class DocumentVersion:
    """A version with its standing: the event that made it, its status, the motion that adopted it, and since when it
    stands ("" not yet)."""

    hash: str
    version: Version
    height: int
    status: str = "draft"
    motion: str | None = None
    since: str = ""


@dataclass(slots=True)
class Document:
    """A plan, the statute, a report or another document, with every version it had; nothing is ever taken out."""

    id: str
    kind: str
    title: str
    economy: str = ""
    versions: list[DocumentVersion] = field(default_factory=list)

    @property
    def newest(self) -> DocumentVersion:
        """The newest version, whether or not it stands yet."""
        return self.versions[-1]

    @property
    def in_force(self) -> DocumentVersion:
        """The version of the statute that is in force."""
        return next(v for v in reversed(self.versions) if v.status == "in_force")

    @property
    def stood(self) -> list[DocumentVersion]:
        """The versions that are or were valid, from the event that made them or, for the statute, put them in force."""
        return [v for v in self.versions if v.since]

    def at(self, time: str) -> Version:
        """Return the version that stood at a time (ISO 8601, UTC; a date alone means its end).

        Raises
        ------
        DocumentError
            If there was none yet.
        """
        moment = time if "T" in time else f"{time}T~"
        stood = [v.version for v in self.stood if v.since <= moment]
        if not stood:
            first = self.stood[0].since if self.stood else "never"
            raise DocumentError(
                "no version stood at that time",
                where=self.id,
                found=time,
                expected=f"{first} or later",
                mend="name a later time",
            )
        return stood[-1]

    def by_hash(self, version: str) -> Version:
        """Return the version with a hash, or with the only hash that begins so.

        Raises
        ------
        DocumentError
            If there is none, or more than one.
        """
        wanted = version if version.startswith("sha256:") else f"sha256:{version}"
        found = {v.hash: v.version for v in self.stood if v.hash.startswith(wanted)}
        if len(found) != 1 or len(wanted) < len("sha256:") + 6:
            known = [v.hash[: len("sha256:") + 12] for v in self.stood]
            raise DocumentError(
                "no version has this hash" if not found else "the hash does not name one version",
                where=self.id,
                found=clip(version),
                expected=f"one of {', '.join(known[-8:])}",
                mend="give at least six of its characters, as printed",
            )
        return next(iter(found.values()))
