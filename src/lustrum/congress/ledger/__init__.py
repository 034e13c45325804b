"""The ledger of a congress: events that are never changed, ballot boxes, and the proof of both."""

from lustrum.congress.canonical import canonical, digest
from lustrum.congress.ledger.ballot_box import ClosedBallot, Receipt, Vote
from lustrum.congress.ledger.events import Anchor, Event, Head, View
from lustrum.congress.ledger.keys import SigningKey
from lustrum.congress.ledger.ledger import Ledger
from lustrum.congress.ledger.proving import Problem, verify_chain
from lustrum.congress.ledger.record import backup, export_record, import_record, load_record, save_record, verify_record
from lustrum.congress.ledger.writing import Writing

__all__ = [
    "Anchor",
    "ClosedBallot",
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
