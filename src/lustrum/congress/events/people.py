"""People and bodies: entered on the register, founded, given seats."""

from __future__ import annotations

from pydantic import Field

from lustrum.congress.events.step import Id, Now, Step, Text, kind
from lustrum.congress.state.guards import unused
from lustrum.congress.state.people import Body, Person
from lustrum.congress.state.state import State, find


@kind("person.registered/1", makes="person")
class PersonRegistered(Step):
    """Someone is entered on the register, with the attributes that quotas of the statute look at."""

    person: Id
    name: Text
    attributes: dict[str, str] = Field(default_factory=dict)

    def check(self, state: State, now: Now) -> None:
        unused(state.people, self.person, "person", state)

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
        unused(state.bodies, self.body, "body", state)
        find(state.bodies, self.parent, "body")

    def apply(self, state: State, now: Now) -> None:
        state.bodies[self.body] = Body(self.body, self.name, self.parent)
