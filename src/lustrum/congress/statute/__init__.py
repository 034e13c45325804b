"""The statute of a congress: numbered articles in Markdown, with machine-read rules beside the text."""

from lustrum.congress.statute.reading import StatuteError
from lustrum.congress.statute.rules import (
    DECISIONS,
    Body,
    Decision,
    Election,
    Majority,
    Movers,
    Proxies,
    Quorum,
    Quota,
    Reballot,
    Rules,
)
from lustrum.congress.statute.statute import (
    Article,
    Statute,
    insert_article,
    load_statute,
    parse_statute,
    replace_article,
    statute_names,
    statute_of,
    statute_text,
)

__all__ = [
    "DECISIONS",
    "Article",
    "Body",
    "Decision",
    "Election",
    "Majority",
    "Movers",
    "Proxies",
    "Quorum",
    "Quota",
    "Reballot",
    "Rules",
    "Statute",
    "StatuteError",
    "insert_article",
    "load_statute",
    "parse_statute",
    "replace_article",
    "statute_names",
    "statute_of",
    "statute_text",
]
