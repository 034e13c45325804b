"""Reads each file named on its standard input with 1 GB of memory and 5 seconds of work, and says how it went.

A process of its own, so that a file that takes all memory takes this one's:

    python -m tests.bad_input.limited   path lines in, JSON lines out
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from lustrum.accounts.embedded import load_economy
from lustrum.accounts.readers import parquet, workbook  # noqa: F401 - loaded before the limits count
from lustrum.errors import BadInput

MEMORY, SECONDS = 1 << 30, 5


def told(path: str) -> dict[str, object]:
    """How reading ended: the parts of the error, or the digest."""
    try:
        return {"read": load_economy(Path(path)).digest}
    except BadInput as e:
        return {"kind": type(e).__name__, "what": e.what, "where": e.where, "mend": e.mend, "text": str(e)}
    except BaseException as e:
        return {"kind": type(e).__name__, "what": str(e), "where": "", "mend": "", "text": repr(e)}


def limited(path: str) -> dict[str, object]:
    """`told`, in a child with limits; what killed it, if something did."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        with os.fdopen(into, "w") as pipe:
            json.dump(told(path), pipe)
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = pipe.read()
    _, status, used = os.wait4(child, 0)
    result = json.loads(text) if text and not status else {"kind": f"killed, status {status}", "text": text}
    return {**result, "seconds": used.ru_utime + used.ru_stime, "bytes": used.ru_maxrss * 1024}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(limited(line.rstrip("\n"))) + "\n")
        sys.stdout.flush()
