"""Economy: the labelled, immutable accounts that every later stage reads (docs/model.md sections 1 and 2).

`Labels` are the codes of one set, `Source` says where the figures come from, `Economy` joins both to the fields of
`lustrum.accounts.fields`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from types import MappingProxyType

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from lustrum.accounts.cells import LARGEST, SMALLEST
from lustrum.accounts.fields import BY_NAME, SETS
from lustrum.accounts.provenance import Change
from lustrum.accounts.words import LONGEST_NAME, LONGEST_REMARK, one_line, remark, require_code
from lustrum.errors import LabelError, TableError
from lustrum.labels import labelled, require_equal, unknown, unknown_label
from lustrum.strict_yaml import clip

#: Characters of all texts of a source together: what economy.yaml can hold.
MAX_WORDS = 100_000


@dataclass(frozen=True)
class Labels:
    """Codes of one set, with what people read beside them.

    `names`, `units` and `regions` are as long as `codes`; empty strings where nothing was given. Names and
    units are put on one line, their ends trimmed.

    Raises
    ------
    LabelError
        If a code stands twice or is none that every table can hold (`words.require_code`), or what stands
        beside the codes does not fit them.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given_codes = tuple(self.codes)
        codes = tuple(require_code(code, len(given_codes) == 1) for code in given_codes)
        for attribute in ("names", "units", "regions"):
            given = tuple(getattr(self, attribute))
            if given and len(given) != len(codes):
                raise LabelError(f"{attribute} do not fit the codes", found=f"{len(given)}", expected=f"{len(codes)}")
            for text in given:
                if not isinstance(text, str) or len(text) > LONGEST_NAME:
                    raise LabelError(
                        f"one of the {attribute} is no text or too long",
                        found=clip(text),
                        expected=f"at most {LONGEST_NAME:,} characters",
                        mend="shorten it",
                    )
            object.__setattr__(self, attribute, tuple(map(one_line, given)) or ("",) * len(codes))
        object.__setattr__(self, "codes", codes)
        seen: set[str] = set()
        for code in codes:
            if code in seen:
                raise LabelError(
                    f"code {code!r} stands twice", mend="give each label its own code (region codes may be a prefix)"
                )
            seen.add(code)

    def name(self, code: str) -> str:
        """Return the name of a code, or the code itself where none was given."""
        return self.names[self.codes.index(code)] or code


@dataclass(frozen=True)
class Source:
    """Where the figures come from; printed with every plan.

    Texts are put on one line, their ends trimmed; notes without a word are left out.

    Raises
    ------
    TableError
        If the base year is no calendar year, or the texts are longer than a file of accounts can hold.
    """

    name: str
    title: str = ""
    base_year: int = 0
    money: str = ""
    publisher: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for attribute in ("name", "title", "money", "publisher", "licence"):
            object.__setattr__(self, attribute, one_line(getattr(self, attribute)))
        object.__setattr__(self, "notes", tuple(note for note in map(remark, self.notes) if note))
        if not self.name or len(self.name) > 200:
            raise TableError(
                "accounts need a short name",
                where="economy: name",
                found=clip(self.name),
                expected="1 to 200 characters",
                mend="give them a name on one line",
            )
        if isinstance(self.base_year, bool) or not 0 <= self.base_year <= 9999:
            raise TableError(
                "base_year is not a year",
                where="economy: base_year",
                found=clip(self.base_year),
                expected="a calendar year such as 2019",
                mend="give the year of the accounts",
            )
        object.__setattr__(self, "base_year", int(self.base_year))
        words = [self.title, self.money, self.publisher, self.licence]
        if max(map(len, words)) > LONGEST_REMARK or sum(map(len, (*words, *self.notes))) > MAX_WORDS:
            raise TableError(
                "the words about the accounts are too long",
                where="economy: notes",
                expected=f"at most {MAX_WORDS:,} characters together",
                mend="keep the notes short; put the rest beside the tables",
            )


@dataclass(frozen=True, eq=False, repr=False)
class Economy:
    """Accounts of a country, region, group or firm.

    Every field of `lustrum.accounts.fields.FIELDS` is an attribute: an `xarray.DataArray` on its
    dimensions, or None where the accounts do not have it. Values are read-only.

    Parameters
    ----------
    source
        Name, base year, money unit, publisher.
    sets
        Labels by dimension name; at least `product` and `activity`.
    data
        Field name -> DataArray whose labels equal those of `sets`, in the same order. A field marked
        yearly may have a last dimension `year` (calendar years).
    provenance
        What was done to the published figures on their way here. Not part of the digest.

    Raises
    ------
    LabelError
        If an array's labels are not those of its set, naming both sides.
    TableError
        If a field is unknown, or holds a value that is not finite.
    """

    source: Source
    sets: Mapping[str, Labels]
    data: Mapping[str, xr.DataArray] = field(repr=False)
    provenance: tuple[Change, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for needed in ("product", "activity"):
            if needed not in self.sets or not self.sets[needed].codes:
                raise TableError(f"an economy needs at least one {needed}", mend=f"list them in {SETS[needed]}")
        for dim, labels in self.sets.items():
            if dim not in SETS or not labels.codes:
                expected, mend = unknown_label(dim, list(SETS), "set")
                raise LabelError(
                    f"set {dim!r} has no labels" if dim in SETS else f"unknown set {dim!r}",
                    expected=expected,
                    mend="leave it out" if dim in SETS else mend,
                )
        checked: dict[str, xr.DataArray] = {}
        for name, array in self.data.items():
            if name not in BY_NAME:
                raise unknown(TableError, f"unknown field {name!r}", name, list(BY_NAME), "field")
            checked[name] = self._conform(name, array)
        object.__setattr__(self, "sets", MappingProxyType(dict(self.sets)))
        object.__setattr__(self, "data", MappingProxyType(checked))
        for needed in ("supply", "use"):
            if needed not in checked:
                raise TableError(f"an economy needs {needed!r}", mend=f"give {needed}.csv or {needed}_flows.csv")
        self._check_storage()

    def _check_storage(self) -> None:
        """An opening stock that cannot be stored would vanish without a word."""
        if "storable" in self.data and "opening_stock" in self.data:
            lost = (self.values("opening_stock") > 0) & ~self.values("storable").astype(bool)
            for code in np.array(self.codes("product"))[lost][:1]:
                raise TableError(
                    f"product {str(code)!r} has an opening stock but cannot be stored",
                    where="storable.csv",
                    mend="mark it storable, or give it no stock",
                )

    def _conform(self, name: str, array: xr.DataArray) -> xr.DataArray:
        spec = BY_NAME[name]
        dims = (*spec.dims, "year") if spec.yearly and "year" in array.dims else spec.dims
        if set(array.dims) != set(dims):
            raise LabelError(f"field {name!r} has the wrong dimensions", found=str(array.dims), expected=str(dims))
        array = array.transpose(*dims)
        for dim in spec.dims:
            if dim not in self.sets:
                raise LabelError(f"field {name!r} needs the set {dim!r}", mend=f"list its labels in {SETS[dim]}")
            require_equal(list(array[dim].values), self.sets[dim].codes, f"{name}.{dim}", f"set {dim}")
        values = np.asarray(array.values)
        if not np.isfinite(values).all():
            at = np.argwhere(~np.isfinite(values))[0]
            place = ", ".join(f"{d}={array[d].values[i]}" for d, i in zip(dims, at, strict=True))
            raise TableError(f"field {name!r} holds a value that is not a finite number", where=place)
        if values.dtype != bool:
            values = values + 0.0  # accounts know one zero
            self._check_sizes(name, values, array, dims)
        labels: dict[str, Sequence[object]] = {d: self.sets[d].codes for d in spec.dims}
        if "year" in dims:
            years = [int(y) for y in array["year"].values]
            if years != sorted(set(years)):
                raise LabelError(f"years of {name!r} must rise without repeats", found=str(years))
            labels["year"] = years
        return labelled(values, dims, labels, name)

    @staticmethod
    def _check_sizes(name: str, values: np.ndarray, array: xr.DataArray, dims: Sequence[str]) -> None:
        """What no table can hold, no economy holds: figures beyond all measurement."""
        sizes = np.abs(values)
        wrong = (sizes > LARGEST) | ((sizes < SMALLEST) & (sizes > 0))
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            place = ", ".join(f"{d}={array[d].values[i]}" for d, i in zip(dims, at, strict=True))
            raise TableError(
                f"a figure of {name!r} is beyond all measurement",
                where=f"{name}.csv: {place}",
                found=f"{values[at]:g}",
                expected=f"0, or {SMALLEST:g} to {LARGEST:g} in size",
                mend="write 0 for what is too small; count in larger units",
            )

    @classmethod
    def build(
        cls,
        source: Source,
        sets: Mapping[str, Sequence[str] | Labels],
        data: Mapping[str, ArrayLike],
        years: Mapping[str, Sequence[int]] | None = None,
    ) -> Economy:
        """Make an economy from plain arrays whose axes follow the field table.

        `years` names the calendar years of those fields that carry a last year axis.
        """
        full = {d: s if isinstance(s, Labels) else Labels(tuple(s)) for d, s in sets.items()}
        arrays: dict[str, xr.DataArray] = {}
        for name, values in data.items():
            if name not in BY_NAME:
                raise unknown(TableError, f"unknown field {name!r}", name, list(BY_NAME), "field")
            spec = BY_NAME[name]
            labels: dict[str, Sequence[object]] = {d: full[d].codes for d in spec.dims if d in full}
            if len(labels) < len(spec.dims):
                raise LabelError(f"field {name!r} needs the sets {spec.dims}", found=str(sorted(full)))
            dims = spec.dims
            if years and name in years:
                dims, labels["year"] = (*dims, "year"), list(years[name])
            arrays[name] = labelled(values, dims, labels, name)
        return cls(source, full, arrays)

    def __getattr__(self, name: str) -> xr.DataArray | None:
        # only reached for names that are not ordinary attributes
        if name in BY_NAME:
            return self.data.get(name)
        raise AttributeError(f"Economy has no field {name!r}")

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(labels.codes)} {dim}" for dim, labels in self.sets.items())
        return (
            f"<Economy {self.source.name!r}: {self.source.title or 'no title'}, base year {self.base_year},"
            f" {self.source.money or 'no money named'}>\n  sets: {sizes}\n  data: {', '.join(self.data)}"
        )

    def _repr_html_(self) -> str:
        """A notebook's view: the same lines, and every field with its labels and unit."""
        rows = "".join(
            f"<tr><td>{name}</td><td>{', '.join(map(str, array.dims))}</td><td>{BY_NAME[name].unit}</td></tr>"
            for name, array in self.data.items()
        )
        return (
            f"<pre>{escape(repr(self))}</pre><table><tr><th>field</th><th>labels</th><th>unit</th></tr>{rows}</table>"
        )

    def has(self, *names: str) -> bool:
        """Tell whether all the named fields are given."""
        return all(n in self.data for n in names)

    def codes(self, dim: str) -> tuple[str, ...]:
        """Return the codes of a set; empty where the accounts do not have it."""
        return self.sets[dim].codes if dim in self.sets else ()

    def size(self, dim: str) -> int:
        """Return the number of labels of a set."""
        return len(self.codes(dim))

    def name_of(self, dim: str, code: str) -> str:
        """Return the name people read for a code."""
        return self.sets[dim].name(code)

    def unit_of(self, dim: str, code: str) -> str:
        """Return the unit of a label; the economy's money where none was given."""
        labels = self.sets[dim]
        return labels.units[labels.codes.index(code)] or self.source.money

    def values(self, name: str, year: int | None = None) -> np.ndarray:
        """Return the figures of a field in one calendar year, as a plain array on the field's own axes.

        Fields without a year hold in every year. A product without a `region` belongs to the only one.

        Raises
        ------
        TableError
            If the field is absent, or carries years and not this one.
        """
        array = self.data.get(name)
        if array is None:
            raise TableError(f"the accounts have no {name!r}", mend=f"add {name}.csv, or switch off what needs it")
        if "year" not in array.dims:
            return np.asarray(array.values)
        years = [int(y) for y in array["year"].values]
        if year is None:
            year = self.base_year
        if year not in years:
            raise TableError(
                f"field {name!r} has no figures for {year}",
                found=f"years {years[0]}..{years[-1]}",
                mend=f"add a column or rows for {year} to {name}.csv, or drop its years so that it holds always",
            )
        return np.asarray(array.values[..., years.index(year)])

    def value_or(self, name: str, default: float, year: int | None = None) -> np.ndarray:
        """Return `values`, or an array of `default` where the accounts do not have the field."""
        if name in self.data:
            return self.values(name, year)
        return np.full(tuple(self.size(d) for d in BY_NAME[name].dims), default)

    @property
    def base_year(self) -> int:
        """Calendar year of the accounts (year 0 of a plan)."""
        return self.source.base_year

    @cached_property
    def digest(self) -> str:
        """SHA-256 over labels and figures: equal only for equal accounts."""
        h = hashlib.sha256(f"lustrum-economy/1|{self.source.name}|{self.base_year}|{self.source.money}".encode())
        for dim in sorted(self.sets):
            s = self.sets[dim]
            h.update(repr((dim, s.codes, s.names, s.units, s.regions)).encode())
        for name in sorted(self.data):
            array = self.data[name]
            years = [int(y) for y in array["year"].values] if "year" in array.dims else []
            h.update(repr((name, array.dims, array.shape, years)).encode())
            h.update(np.ascontiguousarray(array.values + 0.0).astype("<f8").tobytes())
        return h.hexdigest()

    @cached_property
    def product_region(self) -> np.ndarray:
        """Position in the region set of each product's region (0 where there is at most one region)."""
        regions = self.codes("region")
        if len(regions) <= 1:
            return np.zeros(self.size("product"), dtype=int)
        labels = self.sets["product"]
        for code, region in zip(labels.codes, labels.regions, strict=True):
            if region not in regions:
                raise unknown(
                    TableError,
                    f"product {code!r} has no known region",
                    region,
                    regions,
                    "region",
                    where=SETS["product"],
                    found=region or "empty",
                )
        return np.array([regions.index(r) for r in labels.regions])

    @cached_property
    def storable_products(self) -> np.ndarray:
        """Boolean mask of the products that can be carried to the next year."""
        if self.has("storable"):
            return self.values("storable").astype(bool)
        return np.asarray(self.value_or("opening_stock", 0.0) > 0)

    def capacity_coefficients(self, year: int | None = None) -> np.ndarray | None:
        """κ (asset × activity): given, or opening stock · utilisation / base output; None without capital.

        An activity without base output needs κ given: its derived row is an error in `checks`.
        """
        if self.has("capital_coefficient"):
            return self.values("capital_coefficient", year)
        if not self.has("capital_stock", "output"):
            return None
        stock, output = self.values("capital_stock"), self.values("output")
        used = stock * self.value_or("utilisation", 1.0)
        return np.divide(used, output, out=np.zeros_like(used), where=output > 0)

    def with_data(self, **changes: ArrayLike | xr.DataArray | None) -> Economy:
        """Return a copy with fields replaced, added, or (None) removed. Plain arrays follow the field's axes."""
        data: dict[str, xr.DataArray] = dict(self.data)
        for name, values in changes.items():
            if values is None:
                data.pop(name, None)
            elif isinstance(values, xr.DataArray):
                data[name] = values
            else:
                spec = BY_NAME[name]
                data[name] = labelled(values, spec.dims, {d: self.codes(d) for d in spec.dims}, name)
        return Economy(self.source, self.sets, data, self.provenance)
