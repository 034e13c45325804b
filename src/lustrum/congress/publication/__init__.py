"""The published record: as Markdown for people, as JSON for programs. Both are derived from the ledger alone."""

from lustrum.congress.publication.record import as_markdown
from lustrum.congress.publication.summary import as_json

__all__ = ["as_json", "as_markdown"]
