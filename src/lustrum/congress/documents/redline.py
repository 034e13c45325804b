"""What differs between two versions, unit by unit and word by word, for a terminal and for Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import yaml
from rich.text import Text

from lustrum.congress.documents.version import Json, Unit, Version


@dataclass(frozen=True)
class UnitChange:
    """One unit that differs: `kind` is inserted, deleted, changed or moved."""

    unit: str
    kind: str
    old: Json
    new: Json

    def pieces(self) -> list[tuple[str, str]]:
        """Return the words as (mark, text): mark `=` kept, `-` deleted, `+` inserted."""
        if self.kind == "moved":
            return [("=", _shown(self.new))]
        old, new = _words(self.old), _words(self.new)
        out: list[tuple[str, str]] = []
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            parts = [("=", old[a:b])] if tag == "equal" else [("-", old[a:b]), ("+", new[c:d])]
            out += [(mark, "".join(some)) for mark, some in parts if some]
        return out


def redline(old: Version, new: Version) -> list[UnitChange]:
    """Return the units that differ, in the order of the new version; deleted ones where they stood."""
    before, after = {u.id: u for u in old.units}, {u.id: u for u in new.units}
    kept = [u.id for u in old.units if u.id in after]
    moved = _moved(kept, [u.id for u in new.units if u.id in before])
    gone: dict[str, list[Unit]] = {}
    last = ""
    for unit in old.units:
        if unit.id in after:
            last = unit.id
        else:
            gone.setdefault(last, []).append(unit)
    out = [UnitChange(u.id, "deleted", u.value, None) for u in gone.get("", [])]
    for unit in new.units:
        if unit.id not in before:
            out.append(UnitChange(unit.id, "inserted", None, unit.value))
        elif before[unit.id].hash != unit.hash:
            out.append(UnitChange(unit.id, "changed", before[unit.id].value, unit.value))
        elif unit.id in moved:
            out.append(UnitChange(unit.id, "moved", unit.value, unit.value))
        out += [UnitChange(u.id, "deleted", u.value, None) for u in gone.get(unit.id, [])]
    return out


def _moved(old: list[str], new: list[str]) -> set[str]:
    same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {old[k] for block in same for k in range(block.a, block.a + block.size)}
    return set(old) - kept


def as_text(changes: Sequence[UnitChange]) -> Text:
    """Return a redline for a terminal: `[-deleted-]` struck out in red, `{+inserted+}` underlined in green.

    The marks stand in the text too, for terminals without colours.
    """
    out = Text()
    styles = {"-": ("[-", "-]", "red strike"), "+": ("{+", "+}", "green underline"), "=": ("", "", "")}
    for k, change in enumerate(changes):
        out.append(("\n" if k else "") + f"{change.unit} ({change.kind})\n", style="bold")
        for mark, text in change.pieces():
            begin, end, style = styles[mark]
            bare = text.rstrip("\n")
            out.append(f"{begin}{bare}{end}", style=style or None)
            out.append(text[len(bare) :])
        out.append("\n")
    return out


def as_markdown(changes: Sequence[UnitChange]) -> str:
    """Return a redline as Markdown: each unit under its id, as a `diff` block with the lines that differ."""
    out = []
    for change in changes:
        old = [] if change.kind == "inserted" else _shown(change.old).splitlines()
        new = [] if change.kind == "deleted" else _shown(change.new).splitlines()
        lines = []
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            same = tag == "equal"
            lines += (
                [f"  {x}" for x in old[a:b]] if same else [f"- {x}" for x in old[a:b]] + [f"+ {x}" for x in new[c:d]]
            )
        fence = "`" * max(3, 1 + max((len(m) for m in re.findall("`+", "\n".join(lines))), default=0))
        out.append(f"**{change.unit}** ({change.kind})\n\n{fence}diff\n" + "\n".join(lines) + f"\n{fence}\n")
    return "\n".join(out)


def _shown(value: Json) -> str:
    """A value as people read it: text as it is, an entry as a line of YAML."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10**6).strip()


def _words(value: Json) -> list[str]:
    return re.findall(r"\s+|[\w.]+|[^\w\s]", _shown(value))
