"""A plan's folder as the congress knows it: solved from what was adopted, proven, and named by its seals."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import Version
from lustrum.congress.plan_change import plan_of
from lustrum.congress.state.entrusted import AdoptedPlan
from lustrum.errors import NotVerified, Refused
from lustrum.solving.solve import solve_plan
from lustrum.workspace import load_plan, save_plan, verify
from lustrum.workspace.plans import read_certificate


@dataclass(frozen=True)
class Seals:
    """What the ledger keeps of a plan's folder; the certificate's hash seals every file in it."""

    plan_id: str
    certificate_hash: str
    plan_file_hash: str
    economy_digest: str
    objective: float


def solve_into(plans: str | Path, economy: Economy, version: Version) -> Path:
    """Solve the plan that a version says and save it; return its folder."""
    return save_plan(solve_plan(economy, plan_of(version)), plans)


def sealed(folder: str | Path, version: Version) -> Seals:
    """Prove a plan's folder and that it is the plan that a version says; return its seals.

    Raises
    ------
    NotVerified
        If it does not prove itself.
    Refused
        If it is another plan.
    """
    root = Path(folder)
    read_certificate(root)
    proof = verify(root)
    if not proof.ok:
        raise NotVerified(f"{folder}: the plan does not prove itself\n  " + "\n  ".join(proof.problems[:5]))
    loaded = load_plan(root)
    if loaded.spec != plan_of(version):
        raise Refused(
            "this is not the plan that was adopted",
            where=str(folder),
            expected="what the motion and its amendments say",
            mend="solve that one",
        )
    certificate, plan_file = (_sha256(root / name) for name in ("certificate.json", "lustrum.yaml"))
    return Seals(root.name, certificate, plan_file, loaded.economy.digest, loaded.objective)


def check_adopted(adopted: AdoptedPlan, folder: str | Path, version: Version) -> None:
    """Require that a folder holds the plan that was adopted, untouched.

    Raises
    ------
    NotVerified, Refused
        If it does not prove itself, is another plan, or its seals are not those in the ledger.
    """
    found = sealed(folder, version)
    if (found.certificate_hash, found.plan_file_hash) != (adopted.certificate_hash, adopted.plan_file_hash):
        raise NotVerified(
            f"{folder}: another plan than the one adopted as {adopted.plan_id}\n"
            f"  found:    a certificate with the hash {found.certificate_hash}\n"
            f"  expected: {adopted.certificate_hash}"
        )


def _sha256(path: Path) -> str:
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
