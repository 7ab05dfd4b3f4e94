"""What every vendor of the feature tests can do, and who it is to us."""

from typing import Protocol

from tests.emulators import compatible
from tests.features.said import Heard, Said
from tests.upstreams import Answer, Received

KEY = compatible.KEY
POLITE = "slow down"
"""What one says that has too much to do."""


class Vendor(Protocol):
    """A vendor on a socket; the path of a request begins where its base URL ends."""

    def refusal(self, request: Received) -> Answer | None:
        """Return the answer to a request that breaks a rule; None if it breaks none."""

    def heard(self, request: Received) -> Heard:
        """Return what was asked by a request that breaks no rule."""

    def answer(self, request: Received, said: Said) -> Answer:
        """Return what is said in the vendor's form, whole or streamed, as was asked."""

    def overloaded(self) -> Answer:
        """Return the status that there is too much to do."""

    def overloaded_within(self) -> Answer | None:
        """Return the same as the first event of a stream; None: the vendor has no words for it."""
