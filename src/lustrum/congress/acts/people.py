"""People, bodies and credentials: the register, who is accredited, who is here, who votes for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lustrum.congress.acts.topic import Acting, Topic
from lustrum.congress.events.credentials import (
    CredentialAccredited,
    CredentialIssued,
    CredentialRevoked,
    PresenceRecorded,
    ProxyGiven,
    ProxyWithdrawn,
)
from lustrum.congress.events.people import BodyFounded, PersonRegistered


class People(Topic):
    """The register of people."""

    def register(self, name: str, *, attributes: Mapping[str, str] | None = None, person: str | None = None) -> str:
        """Enter someone on the register; return their id. Quotas of the statute look at `attributes`."""
        with self._acting() as act:
            return _register(act, name, attributes or {}, person)


class Bodies(Topic):
    """Bodies that the statute does not found."""

    def found(self, name: str, *, parent: str | None = None, body: str | None = None) -> str:
        """Found a body that answers for tasks, below the highest one if none is named; return its id."""
        with self._acting() as act:
            made = body or act.state.new_id("body", act.state.bodies)
            act.do(BodyFounded, body=made, name=name, parent=parent or act.state.body)
            return made


class Credentials(Topic):
    """Credentials, presence and proxies."""

    def issue(
        self,
        person: str,
        *,
        body: str | None = None,
        weight: int = 1,
        mandate: str | None = None,
        delegation: str = "",
        credential: str | None = None,
    ) -> str:
        """Issue a credential of a body (the highest, if none is named); return its id."""
        with self._acting() as act:
            return _issue(act, person, body or act.state.body, weight, mandate, delegation, credential)

    def issue_delegates(self, rows: Iterable[Mapping[str, str]], *, body: str | None = None) -> list[str]:
        """Register people and issue their credentials in one go; return the ids of the credentials.

        Parameters
        ----------
        rows
            As of a CSV file: `name`, and if given `person`, `credential`, `weight`, `delegation`. Every
            other column is an attribute of the person.
        """
        own = ("name", "person", "credential", "weight", "delegation")
        with self._acting() as act:
            out = []
            for row in rows:
                attributes = {k: v for k, v in row.items() if k not in own and v}
                person = row.get("person") or None
                if person is None or person not in act.state.people:
                    person = _register(act, row["name"], attributes, person)
                weight = int(row["weight"]) if row.get("weight") else 1
                out.append(
                    _issue(
                        act,
                        person,
                        body or act.state.body,
                        weight,
                        None,
                        row.get("delegation", ""),
                        row.get("credential") or None,
                    )
                )
            return out

    def issue_members(self, body: str) -> list[str]:
        """Issue and accredit credentials for the active mandates of a body that have none; return their ids."""
        with self._acting() as act:
            has = {c.mandate for c in act.state.by_body.get(body, {}).values() if c.status != "revoked"}
            out = []
            for mandate in [m for m in act.state.seated(body) if m.status == "active" and m.id not in has]:
                out.append(_issue(act, mandate.person, body, 1, mandate.id, "", None))
                act.do(CredentialAccredited, credential=out[-1])
            return out

    def accredit(self, *credentials: str) -> None:
        """Accredit credentials: their holders are on the roll from now on."""
        with self._acting() as act:
            for credential in credentials:
                act.do(CredentialAccredited, credential=credential)

    def revoke(self, credential: str, reason: str) -> None:
        """Revoke a credential; its holder votes no more, even in ballots that are open."""
        self._do(CredentialRevoked, credential=credential, reason=reason)

    def arrive(self, session: str, *credentials: str) -> None:
        """Record that these are present."""
        self._presence(session, credentials, True)

    def leave(self, session: str, *credentials: str) -> None:
        """Record that these have left."""
        self._presence(session, credentials, False)

    def _presence(self, session: str, credentials: Iterable[str], present: bool) -> None:
        with self._acting() as act:
            for credential in credentials:
                act.do(PresenceRecorded, session=session, credential=credential, present=present)

    def give_proxy(self, session: str, giver: str, holder: str) -> None:
        """Record that `holder` votes for `giver` in a session."""
        self._do(ProxyGiven, session=session, giver=giver, holder=holder)

    def withdraw_proxy(self, session: str, giver: str) -> None:
        """Take a proxy back, between ballots."""
        self._do(ProxyWithdrawn, session=session, giver=giver)


def _register(act: Acting, name: str, attributes: Mapping[str, str], person: str | None) -> str:
    made = person or act.state.new_id("person", act.state.people)
    act.do(PersonRegistered, person=made, name=name, attributes=dict(attributes))
    return made


def _issue(
    act: Acting, person: str, body: str, weight: int, mandate: str | None, delegation: str, credential: str | None
) -> str:
    made = credential or act.state.new_id("credential", act.state.credentials)
    act.do(
        CredentialIssued,
        credential=made,
        person=person,
        body=body,
        weight=weight,
        mandate=mandate,
        delegation=delegation,
    )
    return made
