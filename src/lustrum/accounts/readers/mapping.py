"""The mapping file: which rows and columns of an office's sheets are what.

    format: lustrum-import/1
    title: Three Valleys, input-output table 2024
    year: 2024
    money: million crowns
    tables:
      - sheet: Table 1
        holds: domestic
        row_codes: A
        row_names: B
        column_codes: 4
        rows:
          - {at: "6:40", is: product}
          - {at: 41, is: total, of: [product]}
          - {at: 42, is: imports}
          - {at: 43, is: wages}
        columns:
          - {at: "C:AK", is: industry}
          - {at: AL, is: household}

Rows are named by number, columns by letters, and both by their codes, names or headers where positions change from
one release to the next. Nothing is read that no line of the file names, and every row or column with figures that
no line names is a question. The layouts of `accounts/layouts` are files of this form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from lustrum.accounts.national.table import KINDS
from lustrum.errors import TableError
from lustrum.strict_yaml import clip, line_of, parse

FORMAT = "lustrum-import/1"

#: Inputs that are no product: role of a row -> code of the European System of Accounts, and its meaning.
PRIMARY: dict[str, tuple[str, str]] = {
    "wages": ("D1", "compensation of employees"),
    "surplus": ("B2A3G", "operating surplus, mixed income, consumption of fixed capital"),
    "taxes_on_production": ("D29X39", "other taxes less subsidies on production"),
    "value_added": ("B1G", "value added that the source does not divide"),
    "taxes_on_products": ("D21X31", "taxes less subsidies on products, import duties among them"),
}
#: Figures of industries beside the table: role of a row -> kind of the satellite account.
BESIDE: dict[str, Literal["labour", "resource", "capital", "investment"]] = {
    "jobs": "labour",
    "hours": "labour",
    "capital": "capital",
    "investment_by_industry": "investment",
    "resource": "resource",
}
ROWS: dict[str, str] = {
    "product": "a product: what industries and final users buy of it (or make, in a table that holds supply)",
    "imported_product": "the imported part of a product, in a table that also has the domestic part",
    "industry": "an industry, where a make table has industries down the side",
    "imports": "imports that are not divided by product: an input of industries, and of final users where printed",
    "visitors": "purchases of non-residents, taken out of consumption and added to exports",
    **{role: words for role, (_, words) in PRIMARY.items()},
    "output": "output at basic prices",
    "jobs": "people at work",
    "hours": "hours worked",
    "capital": "net capital stock",
    "investment_by_industry": "fixed investment of the industry",
    "resource": "use of land, energy, water, emissions",
    "total": "a sum of other rows, named in `of`: compared, not read",
    "memo": "not needed",
}
COLUMNS: dict[str, str] = {
    "industry": "an industry",
    "product": "a product, where a make table has products across the top",
    **{kind: f"final use: {kind}" for kind in KINDS},
    "imports": "imports of the product (with `sign: -1` where they are printed below zero)",
    "output": "output of the product at basic prices",
    "margins": "trade and transport margins between basic and purchasers' prices",
    "taxes_on_products": "taxes less subsidies on the product",
    "total": "a sum of other columns, named in `of`: compared, not read",
    "memo": "not needed",
}
#: Words for several roles at once, in `of` and `on`.
GROUPS: dict[str, tuple[str, ...]] = {
    "final": KINDS,
    "value_added": ("wages", "surplus", "taxes_on_production", "value_added"),
    "inputs": ("product", "imported_product", "imports", "visitors", *PRIMARY),
}


def _listed(given: Any) -> Any:
    return (
        [str(g) for g in given]
        if isinstance(given, list)
        else [str(given)]
        if isinstance(given, str | int) and given != ""
        else given
    )


Words = Annotated[list[str], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, int) and not isinstance(v, bool) else v)]


class Section(BaseModel):
    """A part of a mapping file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Line(Section):
    """One or several rows or columns of a sheet, and what they are. What is given of at, code, name, where must fit."""

    at: Text = Field("", description="rows '8:105', '8:' (to the first blank row) or 8; columns 'D:CW' or 'CX'")
    code: Words = Field([], description="code of the row or column; * stands for any letters")
    name: Words = Field([], description="its name; * stands for any letters, capitals do not matter")
    where: dict[Text, Text] = Field({}, description="what stands elsewhere: a column's letter or a header's row: text")
    nth: int = Field(0, ge=0, description="which one of several that fit; 0: all of them")
    role: str = Field(alias="is")
    of: Words = Field([], description="what a total adds up: roles, codes, ranges; with - what it takes away")
    final: Words = Field([], description="the same for columns of final use, where it differs")
    on: Words = Field([], description="the roles of the other side on which a total is printed")
    skip: Words = Field([], description="codes or positions of the other side where nothing is to be read")
    sign: Literal[1, -1] = Field(1, description="-1 where figures are printed with the opposite sign")
    put: Text = Field("", alias="as", description="the code in the accounts")
    called: Text = Field("", description="the name in the accounts")
    partner: Text = Field("", description="where imports come from, or exports go")
    optional: bool = Field(False, description="whether some releases do not have it")
    within: float = Field(0.0, ge=0, description="largest difference of a total that is the publisher's own")
    why: str = Field("", description="why it differs, or how the line is known")

    @model_validator(mode="after")
    def _placed(self) -> Line:
        if not (self.at or self.code or self.name or self.where):
            raise ValueError("the line does not say which rows or columns it means: give at, code, name or where")
        if self.role == "total" and not self.of:
            raise ValueError("a total needs `of`: what it adds up")
        if self.within and not self.why:
            raise ValueError("`within` needs `why`: the reason for the difference")
        return self

    @property
    def precise(self) -> bool:
        """Whether it names its rows by what they are, which goes before a range of positions."""
        return bool(self.code or self.name or self.where)


class Names(Section):
    """A list of codes and names on another sheet."""

    sheet: Text
    codes: str
    names: str


class Sheet(Section):
    """One sheet or file, with what its rows and columns are."""

    file: str = Field("", description="file in the folder, * for any letters; empty: the file that was given")
    sheet: Text = Field("", description="name of the sheet, {year} for the year; empty: the first, or the csv file")
    holds: Literal["total", "domestic", "imported", "supply"] = Field(
        description="what rows of products hold: use of domestic and imported goods, of one of the two, or supply"
    )
    optional: bool = Field(False, description="whether the table can be made without it")
    years: str = Field("", description="column with the year of every row, where a sheet holds several")
    row_codes: str = ""
    row_names: str = ""
    column_codes: int | None = Field(None, ge=1)
    column_names: int | None = Field(None, ge=1)
    row_take: str = Field("", description="regular expression for a label: group 1 is the code, group 2 the name")
    column_take: str = ""
    row_prefix: Text = Field("", description="put before the codes of products and industries")
    column_prefix: Text = ""
    row_digits: int = Field(0, ge=0, le=20, description="codes of products are filled with zeros to this length")
    column_digits: int = Field(0, ge=0, le=20)
    until: str = Field("", description="label of the row before which the table ends; * for any letters")
    names: Names | None = None
    blank: Literal["missing", "zero"] = Field("missing", description="what an empty cell of the table is")
    rows: list[Line]
    columns: list[Line]

    @model_validator(mode="after")
    def _roles(self) -> Sheet:
        for lines, roles, side in ((self.rows, ROWS, "row"), (self.columns, COLUMNS, "column")):
            for line in lines:
                if line.role not in (*roles, "?"):
                    raise ValueError(f"a {side} cannot be {clip(line.role)}: give one of {', '.join(roles)}")
        for pattern in (self.row_take, self.column_take):
            try:
                re.compile(pattern)
            except re.error as e:
                raise ValueError(f"{clip(pattern)} is no regular expression: {e}") from None
        if not (self.row_codes or self.row_names):
            raise ValueError("give row_codes or row_names: the column with the labels of the rows")
        if self.column_codes is None and self.column_names is None:
            raise ValueError("give column_codes or column_names: the row with the labels of the columns")
        return self


class Recognise(Section):
    """How files of a shipped layout are known. All of it must fit."""

    file: Words = Field([], description="patterns of the file's name, one of which fits")
    sheets: Words = Field([], description="patterns of sheets, all of which are there")
    cells: dict[str, Text] = Field({}, description="sheet!cell: pattern of its text")
    header: Words = Field([], description="words of the first line of a csv file, in this order")


class ImportMap(Section):
    """A mapping file."""

    format: Literal["lustrum-import/1"]
    name: Text = ""
    title: Text = ""
    publisher: Text = ""
    licence: Text = ""
    money: Text = Field(description="unit of all figures, such as million crowns")
    year: int | Text = Field("", description="the year; 'sheet', 'file', or a cell such as 'IxI!A8'; empty: --year")
    prices: Literal["basic", "producer", "purchaser"] = "basic"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    marks: dict[Text, Literal[0, "missing"]] = Field({}, description="signs in place of figures: 0 or missing")
    recognise: Recognise | None = None
    seen: str = Field("", description="the release this layout was made with")
    lacks: str = Field("", description="why files of this layout are no whole table")
    rows_within: float = Field(0.0, ge=0, description="largest residual of a row that is the publisher's own")
    columns_within: float = Field(0.0, ge=0)
    why: str = ""
    estimate_supply: bool = Field(False, description="make a supply matrix where only its sums are printed")
    visitors_in_one_product: bool = Field(False, description="as the BEA books purchases of non-residents")
    notes: list[str] = []
    tables: list[Sheet]

    @model_validator(mode="after")
    def _complete(self) -> ImportMap:
        if not self.tables and not self.lacks:
            raise ValueError("tables: name at least one sheet")
        if (self.rows_within or self.columns_within) and not self.why:
            raise ValueError("rows_within and columns_within need `why`: the publisher's reason")
        if self.money.strip(" ?") == "":
            raise ValueError("money is not answered: say the unit of all figures, such as million crowns")
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands cannot be the same sign")
        return self

    @cached_property
    def by_year(self) -> bool:
        """Whether sheets or rows belong to years, so that one of several can be asked for."""
        return any("{year}" in t.sheet or "{year}" in t.file or t.years for t in self.tables)


def read_mapping(path: Path) -> ImportMap:
    """Read a mapping file.

    Raises
    ------
    TableError
        With its line, for what cannot be read, an unknown key, or a value that a key cannot have.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise TableError("mapping cannot be read", where=str(path), found=e.strerror, mend="check the path") from None
    except UnicodeDecodeError:
        raise TableError("mapping is not UTF-8 text", where=str(path), mend="save it as plain text in UTF-8") from None
    return mapping_of(text, path.name)


def mapping_of(text: str, where: str) -> ImportMap:
    """Read the text of a mapping file; `where` is its name for errors."""
    raw: Mapping[str, Any] = parse(text, where, error=TableError, what="mapping")
    try:
        return ImportMap.model_validate(raw)
    except ValidationError as e:
        problems = e.errors(include_url=False)
        first = problems[0]
        path = [p for p in first["loc"] if not (isinstance(p, str) and p.startswith(("function", "constrained")))]
        line = line_of(text, path)
        more = f"; {len(problems) - 1} more" if len(problems) > 1 else ""
        raise TableError(
            first["msg"].removeprefix("Value error, ") + more,
            where=f"{where}:{line}: {'.'.join(str(p) for p in path)}",
            found=clip(first["input"]) if not isinstance(first["input"], dict) else None,
            mend="docs/import.md lists the keys and what they may hold",
        ) from None
