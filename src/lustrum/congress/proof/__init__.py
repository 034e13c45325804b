"""Proof of a congress from its file alone: the chain, every count again, every state rebuilt."""

from lustrum.congress.proof.rebuild import rebuild
from lustrum.congress.proof.verifying import verify

__all__ = ["rebuild", "verify"]
