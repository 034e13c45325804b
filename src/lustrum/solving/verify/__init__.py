"""Proof-carrying plans: check a plan against accounts and plan file, without trusting who computed it."""

from lustrum.solving.verify.check import Verification, Violation, verify_plan

__all__ = ["Verification", "Violation", "verify_plan"]
