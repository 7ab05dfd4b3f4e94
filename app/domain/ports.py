"""What the pipeline needs of the world, and no more. Adapters implement these; tests bring fakes."""

from asyncio import Future
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Protocol

from app.domain.events import ProviderEvent
from app.domain.exchange import Attempt, ExchangeRecord
from app.domain.model_request import ModelRequest
from app.domain.proxying import Passed, PassedHead


class Provider(Protocol):
    """A configured upstream."""

    @property
    def slug(self) -> str:
        """Name in the configuration; `@slug/model` addresses it."""

    @property
    def kind(self) -> str:
        """The row of the catalogue that it is an instance of: `openai`, `bedrock`."""

    @property
    def telemetry_name(self) -> str:
        """What traces call it: OpenTelemetry's `gen_ai.provider.name`, `aws.bedrock`."""

    @property
    def server_address(self) -> str:
        """Host of its base URL."""

    @property
    def server_port(self) -> int:
        """Port of its base URL."""

    @property
    def account(self) -> str:
        """Digest of all that says who answers, and as whom he is asked: whole address, headers, key."""

    def ask(self, request: ModelRequest, model: str, attempt: Attempt) -> AsyncGenerator[ProviderEvent]:
        """Ask for what a request wants: a completion, or vectors.

        Args:
            request: what to ask; its own `model` is the caller's address, not the provider's name.
            model: as the provider calls it.
            attempt: on which the provider notes `status_code` as soon as it knows it.

        Yields:
            The answer's events. Closing the generator closes the connection.

        Raises:
            UpstreamError: at any moment, also between two events. An answer that merely stops is an error.
        """

    def pass_on(self, passed: Passed, attempt: Attempt) -> AsyncGenerator[PassedHead | bytes]:
        """Pass a request on as it is, with our credentials.

        Args:
            passed: the request.
            attempt: on which the provider notes `status_code` as soon as it knows it.

        Yields:
            The head of the answer, then its body. Closing the generator closes the connection.

        Raises:
            UpstreamError: at any moment; `UpstreamRefused` in place of an answer with an error's status.
        """


class Records(Protocol):
    """Where exchanges go on record."""

    def admit(self, *, is_refused: bool = False) -> None:
        """Make sure that one more exchange can be kept.

        Args:
            is_refused: whether it was refused before it was read; such take no more than a part of the room.

        Raises:
            Overloaded: if it can not.
        """

    @property
    def is_strict(self) -> bool:
        """Whether nothing goes upstream before its beginning is kept, and no answer ends before all of it."""

    def begin(self, record: ExchangeRecord) -> Future[None] | None:
        """Keep that this exchange has begun: what is known of it so far. As `take`."""

    def take(self, record: ExchangeRecord) -> Future[None] | None:
        """Keep this one. Never blocks, never drops, never raises for a database's sake.

        Returns:
            Where the records are strict, what is done when a crash cannot take it any more.
        """


class Prices(Protocol):
    """What calls cost."""

    def cost(self, attempt: Attempt) -> Decimal | None:
        """Return the cost in USD of an attempt that has ended, None if it is not known. Never raises."""
