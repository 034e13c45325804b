"""Why no plan exists: the limits that clash, the proof, and the least that would have to give way."""

from lustrum.solving.conflict.advice import apply_relaxation
from lustrum.solving.conflict.explain import explain
from lustrum.solving.conflict.report import Conflict, Member, Proof, Relaxation, Relaxed
from lustrum.solving.conflict.words import Change

__all__ = ["Change", "Conflict", "Member", "Proof", "Relaxation", "Relaxed", "apply_relaxation", "explain"]
