"""Credentials, presence and proxies: who is here and may vote. Presence is append-only: who leaves is a new row."""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.events.step import Id, Now, Step, Text, kind
from lustrum.congress.state.guards import must, unused
from lustrum.congress.state.people import Credential, Proxy
from lustrum.congress.state.state import State, find
from lustrum.errors import Refused


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
        unused(state.credentials, self.credential, "credential", state)
        find(state.people, self.person, "person")
        find(state.bodies, self.body, "body")
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
        mandate = find(state.mandates, self.mandate, "mandate")
        must(mandate.status, ("active",), f"mandate {mandate.id}", "carry a credential", "let it begin first")
        if (mandate.person, mandate.body) != (self.person, self.body):
            raise Refused(
                "the mandate is another one's",
                found=f"{mandate.person} in {mandate.body}",
                expected=f"{self.person} in {self.body}",
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
        must(
            find(state.credentials, self.credential, "credential").status,
            ("issued",),
            f"credential {self.credential}",
            "be accredited",
        )

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
        must(
            find(state.credentials, self.credential, "credential").status,
            ("issued", "accredited"),
            f"credential {self.credential}",
            "be revoked",
        )

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
        session = find(state.sessions, self.session, "session")
        must(session.status, ("accrediting", "open", "suspended"), f"session {session.id}", "record presence")
        credential = find(state.credentials, self.credential, "credential")
        if credential.body != session.body:
            raise Refused(f"credential {credential.id} is not of {session.body}", found=credential.body)
        if self.present:
            must(credential.status, ("accredited",), f"credential {credential.id}", "be present")

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
        session = find(state.sessions, self.session, "session")
        must(session.status, ("accrediting", "open", "suspended"), f"session {session.id}", "record a proxy")
        rule = state.rulebook.proxies
        if not rule.allowed:
            raise Refused(
                "the statute allows no proxies",
                expected="a vote cast in person",
                mend="amend the statute's article on proxies",
            )
        roll, _ = state.roll(session.body)
        for who in (self.giver, self.holder):
            find(state.credentials, who, "credential")
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
