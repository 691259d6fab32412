"""The operators' doors, ``/v1/ops``: among all doors of a gateway that serves, and alone for the command line."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from gateway.core.errors import StoreUnavailable
from gateway.ingress.doors import DOORS, VISIT, Doors, Visit
from gateway.ingress.errors import response_of, told_of
from gateway.ingress.table.door import Handler, hang
from gateway.ingress.table.operators import OPERATORS
from gateway.security.keys import Caller


def make_desk(doors: Doors, caller: Caller, language: str, on_failure: Callable[[Exception], None]) -> web.Application:
    """Return the operators' doors alone, for one operator who is known already.

    ``on_failure`` is told of what no caller can help: that the store cannot be used, and what nobody has foreseen.
    """

    @web.middleware
    async def seated(request: web.Request, handler: Handler) -> web.StreamResponse:
        visit = request[VISIT] = Visit(language=language, caller=caller)
        request[DOORS] = doors
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            told = told_of(error)
            if isinstance(error, StoreUnavailable) or told.problem.code == "internal":
                on_failure(error)
            return response_of(told, language)
        finally:
            if visit.hold is not None:
                visit.hold.end()

    app = web.Application(middlewares=(seated,), client_max_size=0)
    hang(app, OPERATORS)
    return app
