"""The canonical bytes of JSON data (RFC 8785) and their hash, as every room of the congress names things by."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def digest(data: Any) -> str:
    """Return `sha256:<hex>` of the canonical bytes of JSON data."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(data)).hexdigest()
