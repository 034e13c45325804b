"""Congress: one ledger, its state, and everything a secretary can do, by topic."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from lustrum.congress.acts.ballots import Ballots
from lustrum.congress.acts.elections import Elections
from lustrum.congress.acts.mandates import Mandates
from lustrum.congress.acts.motions import Motions
from lustrum.congress.acts.papers import Papers, Statutes
from lustrum.congress.acts.people import Bodies, Credentials, People
from lustrum.congress.acts.plans import Plans
from lustrum.congress.acts.sessions import Agenda, Sessions
from lustrum.congress.acts.tasks import Tasks
from lustrum.congress.acts.topic import Acting
from lustrum.congress.events.folding import Fold
from lustrum.congress.events.papers import CongressFounded
from lustrum.congress.events.reversing import StepReversed
from lustrum.congress.events.step import build
from lustrum.congress.ledger import Ledger, SigningKey, View
from lustrum.congress.ledger.events import utc_now, written
from lustrum.congress.state.state import State
from lustrum.congress.statute import Statute, parse_statute


class Congress:
    """A congress on its ledger.

    Acts are grouped by topic: `people`, `bodies`, `credentials`, `sessions`, `agenda`, `papers`, `statutes`, `motions`,
    `ballots`, `elections`, `mandates`, `plans`, `tasks`. Each is one transaction: the rules are checked
    against the newest state, and all its events are kept or none.

    Threads may share one. A process opens its own.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime] = utc_now) -> None:
        self.ledger, self._clock = ledger, clock
        self._fold = Fold()
        self._lock = threading.RLock()
        self.people, self.bodies, self.credentials = People(self), Bodies(self), Credentials(self)
        self.sessions, self.agenda = Sessions(self), Agenda(self)
        self.papers, self.statutes, self.plans = Papers(self), Statutes(self), Plans(self)
        self.motions, self.ballots = Motions(self), Ballots(self)
        self.elections, self.mandates, self.tasks = Elections(self), Mandates(self), Tasks(self)

    @classmethod
    def create(
        cls,
        path: str | Path,
        key: SigningKey,
        *,
        name: str,
        statute: str | Statute,
        clock: Callable[[], datetime] = utc_now,
    ) -> Congress:
        """Found a congress in a new file, under a statute (Markdown) that is in force from the first.

        Raises
        ------
        StatuteError
            If the statute cannot be read, or its rules do not hold together.
        LedgerError
            If there is a ledger in the file already.
        """
        version = (parse_statute(statute) if isinstance(statute, str) else statute).version()
        build(CongressFounded, {"name": name, "statute": version.to_json()})  # a name that cannot be makes no file
        made = cls(Ledger.create(path, key, {"congress": name}, clock), clock)
        with made.acting() as act:
            act.do(CongressFounded, name=name, statute=version.to_json())
        return made

    @classmethod
    def open(cls, path: str | Path, key: SigningKey | None = None, clock: Callable[[], datetime] = utc_now) -> Congress:
        """Open a congress; without the key it can only be read.

        Raises
        ------
        LedgerError
            If there is none, it is damaged, or the key is another's.
        """
        return cls(Ledger.open(path, key, clock), clock)

    def close(self) -> None:
        """Close the file."""
        self.ledger.close()

    def __enter__(self) -> Congress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def state(self) -> State:
        """The state now, with what other processes have done.

        Raises
        ------
        NotVerified
            If the ledger holds an event that the rules did not allow.
        """
        with self._lock:
            self._fold.take_or_raise(self.ledger.events(self._fold.height))
            return self._fold.state

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the congress for one thread: always before the ledger is held."""
        with self._lock:
            yield

    def seen(self, view: View) -> State:
        """Return the state as it is inside a transaction; only within `turn`."""
        self._fold.take_or_raise(view.events(self._fold.height))
        return self._fold.state

    @contextmanager
    def acting(self) -> Iterator[Acting]:
        """Give a transaction in which steps are checked and appended: all of them, or none."""
        with self._lock:
            act: Acting | None = None
            try:
                with self.ledger.writing() as tx:
                    self.seen(tx)
                    act = Acting(self._fold, tx, written(self._clock()))
                    yield act
            except BaseException:
                if act is None or act.appended:
                    # the fold may hold what was never kept
                    self._fold = Fold()
                raise

    def reverse(self, event: int, reason: str) -> None:
        """Take an earlier step back by a reversing event.

        Raises
        ------
        Refused
            If a later step rests on it, or it stands for good: an opened ballot, a certified count, presence.
        """
        with self.acting() as act:
            act.fold.check_replay_without(event)
            act.do(StepReversed, reverses=event, reason=reason)
