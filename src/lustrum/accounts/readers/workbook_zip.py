"""The file of a workbook: looked over before anything in it is unpacked, and unpacked once, within limits.

An .xlsx file is a zip archive of XML parts. `open_parts` reads its directory, refuses what would grow beyond
measure, and gives back the parts that hold cells, so that whoever reads them reads what was looked over.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

from lustrum.errors import TableError

#: A workbook larger than this, packed or unpacked, holds no accounts of ours: 1,400 sectors take half of it.
MAX_BYTES = 160 * 1024 * 1024
#: How often a part may hold its packed size; XML of zeros comes to fifty.
MAX_RATIO = 250
#: Parts smaller than this may be packed as tightly as they like.
SMALL = 1024 * 1024
MAX_PARTS = 10_000

_TEMPLATE = "or fill in our template: lustrum economy template FILE.xlsx"
_OLE, _ZIP64 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x06\x07"


def open_parts(path: Path) -> dict[str, bytes]:
    """Return the XML parts of a workbook that hold its cells: name in the archive -> content.

    Raises
    ------
    TableError
        If the file is no workbook, is damaged or locked with a password, or would grow beyond measure.
    """
    try:
        if not path.is_file():
            raise TableError("no such file", where=str(path), mend="check the path")
        size = path.stat().st_size
        with path.open("rb") as file:
            _require_workbook(path, file.read(4096), size)
            _require_small_directory(path, file, size)
            with zipfile.ZipFile(file) as archive:
                return {part.filename: _unpacked(path, file, part) for part in _wanted(path, archive)}
    except TableError:
        raise
    except OSError as e:
        raise TableError(
            "file cannot be read", where=str(path), found=e.strerror or str(e), mend="check path and rights"
        ) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OverflowError,
        IndexError,
        LookupError,
        ArithmeticError,
    ) as e:
        # whatever a damaged archive makes zipfile say
        raise damaged(path, str(e)) from None


def damaged(path: Path, found: str) -> TableError:
    """The error for a file that is cut short or was changed."""
    return TableError(
        "workbook is damaged or cut short",
        where=str(path),
        found=found.split("\n")[0][:200] or None,
        mend="copy it again, or open it in a spreadsheet program and save it as .xlsx",
    )


def _require_workbook(path: Path, head: bytes, size: int) -> None:
    if head.startswith(b"PK\x03\x04"):
        if size > MAX_BYTES:
            raise TableError(
                "workbook is too large",
                where=str(path),
                found=f"{size:,} bytes",
                expected=f"at most {MAX_BYTES:,}",
                mend="keep only the sheets of the tables",
            )
        if b"application/vnd.oasis.opendocument" in head[:200]:
            raise TableError(
                "an OpenDocument file, not an .xlsx workbook",
                where=str(path),
                mend="open it and save it as 'Excel 2007-365 (.xlsx)'",
            )
        return
    if head.startswith(_OLE):
        with path.open("rb") as file:
            directory = file.read(min(size, 4 * SMALL))
            file.seek(max(0, size - 4 * SMALL))
            directory += file.read(4 * SMALL)
        if "EncryptedPackage".encode("utf-16-le") in directory:
            raise TableError(
                "workbook is locked with a password",
                where=str(path),
                mend="open it, remove the password, and save it again",
            )
        raise TableError(
            "an old .xls file, not an .xlsx workbook",
            where=str(path),
            mend="open it and save it as 'Excel Workbook (.xlsx)'",
        )
    what = "empty" if not size else "zeros only" if not head.strip(b"\0") else "no zip archive"
    raise TableError(
        "not a workbook",
        where=str(path),
        found=what,
        expected="an .xlsx file",
        mend=f"save the tables as .xlsx, {_TEMPLATE}",
    )


def _require_small_directory(path: Path, file: io.BufferedReader, size: int) -> None:
    """Look at the archive's directory before zipfile reads it: it lists every part, and there may be millions."""
    file.seek(max(0, size - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise damaged(path, "the end of the archive is missing")
    parts = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if tail[max(0, at - 20) : at].startswith(_ZIP64) or parts > MAX_PARTS or directory > 4 * SMALL:
        raise TableError(
            "workbook has too many parts",
            where=str(path),
            found=f"{parts:,} or more",
            expected=f"at most {MAX_PARTS:,}",
            mend="copy the sheets into a new workbook and save that",
        )


def _wanted(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The parts to unpack, once the sizes of all are known to be sound."""
    total = 0
    names: set[str] = set()
    for part in archive.infolist():
        total += part.file_size
        if part.flag_bits & 1:
            raise TableError(
                "workbook is locked with a password",
                where=str(path),
                found=part.filename[:100],
                mend="remove the password and save it again",
            )
        if part.filename in names:
            raise damaged(path, f"part {part.filename[:100]!r} stands twice")
        names.add(part.filename)
        if part.file_size > max(SMALL, MAX_RATIO * part.compress_size) or total > MAX_BYTES:
            raise TableError(
                "workbook would grow beyond measure when unpacked",
                where=str(path),
                found=f"{part.filename[:100]}: {part.compress_size:,} bytes to {part.file_size:,}",
                expected=f"at most {MAX_RATIO} times, and {MAX_BYTES:,} bytes in all",
                mend="copy the sheets into a new workbook; ask where the file comes from",
            )
    if "xl/workbook.xml" not in names:
        kind = "an .xlsb workbook" if "xl/workbook.bin" in names else "a zip archive of something else"
        raise TableError(
            "not an .xlsx workbook",
            where=str(path),
            found=kind,
            mend=f"open it and save it as 'Excel Workbook (.xlsx)', {_TEMPLATE}",
        )
    return [part for part in archive.infolist() if _holds_cells(part.filename)]


def _unpacked(path: Path, file: io.BufferedReader, part: zipfile.ZipInfo) -> bytes:
    """Unpack a part that must be as long as the directory says: zipfile would cut a longer one off in silence."""
    file.seek(part.header_offset)
    head = file.read(30)
    if head[:4] != b"PK\x03\x04":
        raise damaged(path, f"part {part.filename[:100]!r} does not begin where the directory says")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), io.SEEK_CUR)
    content = file.read(part.compress_size)
    whole = len(content) == part.compress_size
    if part.compress_type == zipfile.ZIP_DEFLATED:
        unpacker = zlib.decompressobj(-15)
        content = unpacker.decompress(content, part.file_size + 1)
        whole = whole and not unpacker.unconsumed_tail and (unpacker.eof or not part.file_size)
    elif part.compress_type != zipfile.ZIP_STORED:
        raise damaged(path, f"part {part.filename[:100]!r} is packed in a way spreadsheets do not use")
    if not whole or len(content) != part.file_size or zlib.crc32(content) != part.CRC:
        raise damaged(path, f"part {part.filename[:100]!r} is not what the directory says")
    return content


def _holds_cells(name: str) -> bool:
    """Parts that say which cells there are and what stands in them; no pictures, charts, macros."""
    if name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        return True
    kept = ("xl/worksheets/", "xl/sharedStrings", "xl/styles")
    return name.startswith(kept) and name.endswith(".xml")


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    """Put parts into an archive again, as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    out.seek(0)
    return out
