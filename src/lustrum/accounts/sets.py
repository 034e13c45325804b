"""What an economy is made of beside figures: the labels of its sets, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from lustrum.accounts.words import LONGEST_NAME, LONGEST_REMARK, one_line, remark, require_code
from lustrum.errors import LabelError, TableError
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
