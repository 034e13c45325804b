"""Fenced blocks of a Markdown page, and what their first line asks for.

```console exit=1 compare=words in=a  commands after `$ `; the exit code of the last; the words printed; the folder
```python                      run in one session a page
```text printed                what the python block before it prints
```csv file=a/b.csv            written before what follows runs (any language)
```yaml skip                   not run
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^( *)```(.*)$")


@dataclass(frozen=True)
class Block:
    """One fenced block: language, words after it, text, and the line it begins at."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    def word(self, key: str) -> str | None:
        """Return the value of a `key=value` word."""
        return next((w[len(key) + 1 :] for w in self.words if w.startswith(f"{key}=")), None)


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    out: list[Block] = []
    start, indent, info, kept = 0, "", "", list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if start == 0 and fence:
            start, (indent, info), kept = number, fence.groups(), []
        elif start and fence and not fence.group(2):
            language, *words = info.split() or [""]
            out.append(Block(language, tuple(words), "".join(f"{k}\n" for k in kept), start))
            start = 0
        elif start:
            kept.append(line.removeprefix(indent))
    if start:
        raise ValueError(f"{page}:{start}: the block has no end")
    return out


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """Return the commands of a console block, each with the lines printed below it."""
    out: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        elif out:
            out[-1][1].append(line.rstrip())
    return out


def words(line: str) -> str:
    """Return what is stable in a line of output: its words, with `#` for every figure."""
    bare = re.sub(r"[▁-▏]", " ", line)
    return re.sub(r"[-+]?\d[\d.,]*(?:e[-+]\d+)?", "#", " ".join(bare.split()))


def edited(text: str, sections: str) -> str:
    """Return a YAML text with top-level sections replaced, or added at its end."""
    for part in re.findall(r"^\w.*\n(?:[ ].*\n|\n(?= ))*", sections, flags=re.MULTILINE):
        key = part.split(":")[0]
        old = re.compile(rf"^{key}:.*\n(?:[ ].*\n)*", flags=re.MULTILINE)
        text = old.sub(lambda _, part=part: part, text, count=1) if old.search(text) else f"{text.rstrip()}\n\n{part}"
    return text


def same(shown: list[str], real: list[str]) -> str | None:
    """Say where the words of printed and real output differ; None where they do not.

    A line `…` is any lines, and `…` within a line any words.
    """
    rest = [words(line) for line in real]
    free = False
    for line in map(words, shown):
        if line == "…":
            free = True
            continue
        if free:
            while rest and not _alike(line, rest[0]):
                rest.pop(0)
        if not rest or not _alike(line, rest[0]):
            return f"printed: {line!r}\nreal:    {rest[0] if rest else 'nothing more'!r}"
        rest.pop(0)
        free = False
    return None if free or not any(rest) else f"not printed: {rest[0]!r}"


def _alike(shown: str, real: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), real) is not None
