"""The ledger of a congress: events that are never changed, urns, and the proof of both."""

from lustrum.congress.ledger.canonical import canonical, digest
from lustrum.congress.ledger.casting import Receipt
from lustrum.congress.ledger.closed import ClosedUrn, Vote
from lustrum.congress.ledger.event import Anchor, Event, Head
from lustrum.congress.ledger.keys import SigningKey
from lustrum.congress.ledger.ledger import Ledger
from lustrum.congress.ledger.view import View
from lustrum.congress.ledger.writing import Writing

__all__ = ["Anchor", "ClosedUrn", "Event", "Head", "Ledger", "Receipt", "SigningKey", "View", "Vote", "Writing",
           "canonical", "digest"]  # fmt: skip
