"""The ledger of a congress: events that are never changed, urns, and the proof of both."""

from lustrum.congress.canonical import canonical, digest
from lustrum.congress.ledger.casting import Receipt
from lustrum.congress.ledger.closed import ClosedUrn, Vote
from lustrum.congress.ledger.copies import backup, load_record, save_record
from lustrum.congress.ledger.event import Anchor, Event, Head
from lustrum.congress.ledger.keys import SigningKey
from lustrum.congress.ledger.ledger import Ledger
from lustrum.congress.ledger.proving import verify_chain
from lustrum.congress.ledger.proving_urns import Problem
from lustrum.congress.ledger.record import export_record, import_record, verify_record
from lustrum.congress.ledger.view import View
from lustrum.congress.ledger.writing import Writing

__all__ = [
    "Anchor",
    "ClosedUrn",
    "Event",
    "Head",
    "Ledger",
    "Problem",
    "Receipt",
    "SigningKey",
    "View",
    "Vote",
    "Writing",
    "backup",
    "canonical",
    "digest",
    "export_record",
    "import_record",
    "load_record",
    "save_record",
    "verify_chain",
    "verify_record",
]
