"""`/v1/records/questions`: the questions that have names. Free SQL is for the command line only."""

import asyncio
from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter

from app.access.keys import Keyring
from app.api.access import AdminGuard
from app.api.record_filters import require_known
from app.api.record_replies import json_reply
from app.records.desk import RecordDesk
from app.records.export import csv_line
from app.records.questions import questions
from telemetry import Log


def question_routes(desk: RecordDesk, keyring: Keyring, log: Log) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: answers.
        keyring: says who asks.
        log: for who asked what.
    """
    about: dict[str, Any] = {"tags": ["records"], "guards": [AdminGuard(keyring)]}

    def note(request: Request[Any, Any, Any], **what: object) -> None:
        log.info("records_read", caller=keyring.caller(request.scope["headers"]).name, **what)

    @get("/v1/records/questions", summary="List questions", **about)
    async def list_questions(request: Request[Any, Any, Any]) -> Response[bytes]:
        """List the questions that have names, and what each answers; none takes parameters."""
        require_known(request, ())
        note(request, what="questions")
        known = await asyncio.to_thread(questions)
        return json_reply(
            {"object": "list", "data": [{"name": one.name, "answers": one.says} for one in known]}
        )

    @get("/v1/records/questions/{name:str}", summary="Answer a question", **about)
    async def answer_question(
        request: Request[Any, Any, Any],
        name: Annotated[str, Parameter(description="As it is listed.")],
        form: Annotated[
            Literal["json", "csv"], QueryParameter(name="format", description="Of the answer.")
        ] = "json",
    ) -> Response[bytes]:
        """Answer a question: its columns, and a row of them for each."""
        require_known(request, ("format",))
        note(request, what="question", name=name[:64])
        answered = await asyncio.to_thread(desk.answer, name)
        if form == "csv":
            lines = b"".join(map(csv_line, (answered.columns, *answered.rows)))
            headers = {"cache-control": "no-store"}
            return Response(lines, media_type="text/csv; charset=utf-8", headers=headers)
        rows = [dict(zip(answered.columns, row, strict=True)) for row in answered.rows]
        return json_reply({"object": "list", "columns": answered.columns, "data": rows})

    return [list_questions, answer_question]
