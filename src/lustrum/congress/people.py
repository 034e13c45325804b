"""People, bodies, credentials, presence and proxies: who is on the register, who is here, and who may vote.

Presence is a list of comings and goings: whoever leaves gets a new row, and no row is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from lustrum.congress.entities import Body, Credential, Person, Proxy, must_be
from lustrum.congress.state import State
from lustrum.congress.steps import Acting, Id, Now, Step, Text, Topic, kind
from lustrum.errors import Refused


@kind("person.registered/1", makes="person")
class PersonRegistered(Step):
    """Someone is entered on the register, with the attributes that quotas of the statute look at."""

    person: Id
    name: Text
    attributes: dict[str, str] = Field(default_factory=dict)

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.people, self.person)

    def apply(self, state: State, now: Now) -> None:
        state.people[self.person] = Person(self.person, self.name, dict(self.attributes))


@kind("body.founded/1", makes="body")
class BodyFounded(Step):
    """A body that the statute does not found, such as an enterprise or a ministry that answers for tasks.

    Who sits in it is decided elsewhere; bodies that are elected here stand in the statute.
    """

    body: Id
    name: Text
    parent: Id

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.bodies, self.body)
        state.bodies.find(self.parent)

    def apply(self, state: State, now: Now) -> None:
        state.bodies[self.body] = Body(self.body, self.name, self.parent)


@kind("credential.issued/1", makes="credential")
class CredentialIssued(Step):
    """The right to sit and vote in a body is issued; where the body is elected here, on an active mandate."""

    credential: Id
    person: Id
    body: Id
    weight: int = Field(1, ge=1, le=1_000_000_000)
    mandate: Id | None = None
    delegation: str = Field("", max_length=200)

    def check(self, state: State, now: Now) -> None:
        state.check_unused(state.credentials, self.credential)
        state.people.find(self.person)
        state.bodies.find(self.body)
        if (held := state.held.get((self.body, self.person))) is not None:
            raise Refused(
                f"{self.person} already has a credential of {self.body}",
                found=held,
                expected="one credential of a body for one person",
                mend="revoke the first one",
            )
        if self.mandate is None:
            if state.bodies[self.body].election is not None:
                raise Refused(
                    f"members of {self.body} are elected here",
                    expected="a credential that cites a mandate",
                    mend="name the mandate; `mandates` lists them",
                )
            return
        mandate = state.mandates.find(self.mandate).must(("active",), "carry a credential", "let it begin first")
        must_be(
            f"{mandate.person} in {mandate.body}",
            f"{self.person} in {self.body}",
            "the mandate is another one's",
            mend="name the person's own mandate",
        )

    def apply(self, state: State, now: Now) -> None:
        made = Credential(self.credential, self.person, self.body, self.weight, self.mandate, self.delegation)
        state.credentials[self.credential] = made
        state.by_body.setdefault(self.body, {})[self.credential] = made
        state.held[self.body, self.person] = self.credential
        state.changed_roll(self.body)


@kind("credential.accredited/1")
class CredentialAccredited(Step):
    """The credential is examined and found good: from now on its holder is on the roll."""

    credential: Id

    def check(self, state: State, now: Now) -> None:
        state.credentials.find(self.credential).must(("issued",), "be accredited")

    def apply(self, state: State, now: Now) -> None:
        credential = state.credentials[self.credential]
        credential.status = "accredited"
        state.changed_roll(credential.body)


@kind("credential.revoked/1")
class CredentialRevoked(Step):
    """The credential is revoked. It stays on rolls that are frozen, but votes no more."""

    credential: Id
    reason: Text

    def check(self, state: State, now: Now) -> None:
        state.credentials.find(self.credential).must(("issued", "accredited"), "be revoked")

    def apply(self, state: State, now: Now) -> None:
        credential = state.credentials[self.credential]
        credential.status = "revoked"
        del state.held[credential.body, credential.person]
        state.changed_roll(credential.body)


@kind("presence.recorded/1", reversible=False)
class PresenceRecorded(Step):
    """Someone comes or goes. A mistake is corrected by a new row, never by taking one back."""

    session: Id
    credential: Id
    present: bool

    def check(self, state: State, now: Now) -> None:
        session = state.sessions.find(self.session).must(("accrediting", "open", "suspended"), "record presence")
        credential = state.credentials.find(self.credential)
        if credential.body != session.body:
            raise Refused(f"credential {credential.id} is not of {session.body}", found=credential.body)
        if self.present:
            credential.must(("accredited",), "be present")

    def apply(self, state: State, now: Now) -> None:
        session = state.sessions[self.session]
        session.present_rows += 1
        state.changed_presence(session.id)
        (session.present.add if self.present else session.present.discard)(self.credential)


@kind("proxy.given/1")
class ProxyGiven(Step):
    """One who is on the roll lets another vote in their place for a session. The giver then does not vote."""

    session: Id
    giver: Id
    holder: Id

    def check(self, state: State, now: Now) -> None:
        session = state.sessions.find(self.session).must(("accrediting", "open", "suspended"), "record a proxy")
        rule = state.rulebook.proxies
        if not rule.allowed:
            raise Refused(
                "the statute allows no proxies",
                expected="a vote cast in person",
                mend="amend the statute's article on proxies",
            )
        roll, _ = state.roll(session.body)
        for who in (self.giver, self.holder):
            state.credentials.find(who)
            if who not in roll:
                raise Refused(f"{who} is not on the roll of {session.body}", mend="accredit the credential first")
        _not_while_voting(state, self.session)
        standing = [p for p in state.proxies if p.session == self.session]
        if self.giver == self.holder:
            raise Refused("nobody is their own proxy", found=self.giver)
        if any(p.giver in (self.giver, self.holder) or p.holder == self.giver for p in standing):
            raise Refused(
                "a proxy is not passed on and not given twice",
                found=f"{self.giver} to {self.holder}",
                mend="withdraw the proxy that stands",
            )
        held = sum(p.holder == self.holder for p in standing)
        if held >= rule.most_per_holder:
            raise Refused(
                f"{self.holder} holds as many proxies as the statute allows",
                found=held + 1,
                expected=f"at most {rule.most_per_holder}",
                mend="name another holder",
            )

    def apply(self, state: State, now: Now) -> None:
        state.proxies.append(Proxy(self.session, self.giver, self.holder))
        state.changed_presence(self.session)


@kind("proxy.withdrawn/1")
class ProxyWithdrawn(Step):
    """The giver takes the vote back, between ballots."""

    session: Id
    giver: Id

    def check(self, state: State, now: Now) -> None:
        if state.proxy_of(self.session, self.giver) is None:
            raise Refused(f"{self.giver} has given no proxy in this session")
        _not_while_voting(state, self.session)

    def apply(self, state: State, now: Now) -> None:
        state.proxies = [p for p in state.proxies if (p.session, p.giver) != (self.session, self.giver)]
        state.changed_presence(self.session)


def _not_while_voting(state: State, session: str) -> None:
    """Proxies stand still while a ballot is open: else one mandate could vote in person and by proxy."""
    if ballots := state.open_ballots(session):
        raise Refused(
            "proxies do not change while a ballot is open",
            found=", ".join(b.id for b in ballots),
            mend="close the ballot first",
        )


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
            return act.make(BodyFounded, body, act.state.bodies, name=name, parent=parent or act.state.body)


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
        self._each(CredentialAccredited, "credential", credentials)

    def revoke(self, credential: str, reason: str) -> None:
        """Revoke a credential; its holder votes no more, even in ballots that are open."""
        self._do(CredentialRevoked, credential=credential, reason=reason)

    def arrive(self, session: str, *credentials: str) -> None:
        """Record that these are present."""
        self._each(PresenceRecorded, "credential", credentials, session=session, present=True)

    def leave(self, session: str, *credentials: str) -> None:
        """Record that these have left."""
        self._each(PresenceRecorded, "credential", credentials, session=session, present=False)

    def give_proxy(self, session: str, giver: str, holder: str) -> None:
        """Record that `holder` votes for `giver` in a session."""
        self._do(ProxyGiven, session=session, giver=giver, holder=holder)

    def withdraw_proxy(self, session: str, giver: str) -> None:
        """Take a proxy back, between ballots."""
        self._do(ProxyWithdrawn, session=session, giver=giver)


def _register(act: Acting, name: str, attributes: Mapping[str, str], person: str | None) -> str:
    return act.make(PersonRegistered, person, act.state.people, name=name, attributes=dict(attributes))


def _issue(
    act: Acting, person: str, body: str, weight: int, mandate: str | None, delegation: str, credential: str | None
) -> str:
    return act.make(
        CredentialIssued,
        credential,
        act.state.credentials,
        person=person,
        body=body,
        weight=weight,
        mandate=mandate,
        delegation=delegation,
    )
