"""The doors of queries, described."""

from __future__ import annotations

from gateway.exchange.asking import Obstacle
from gateway.ingress import query_bodies
from gateway.ingress.operation import READING, Operation

_UNANSWERED = ("query.none", "query.refused", "query.failed", "query.unavailable", "query.timeout")
_NOT_YOURS = ("query.not_yours", "query.not_yourself", "query.not_found", "system.not_found", "system.not_called")
_NOT_NOW = ("rate.limited", *(f"query.{obstacle}" for obstacle in Obstacle))

QUERIES: tuple[Operation, ...] = (
    Operation(
        path="/v1/systems/{system}/queries/{operation}",
        method="post",
        summary="Tra cứu hệ thống quốc gia · Ask a register: kept with officer and purpose, answered in the same call",
        sends=(query_bodies.QueryBody,),
        answer=query_bodies.AnswerBody,
        problems=(*READING, "body.invalid", *_NOT_YOURS, *_NOT_NOW, *_UNANSWERED),
    ),
    Operation(
        path="/v1/ops/queries",
        method="get",
        summary="Người vận hành: các lần tra cứu · Operators: who asked what kind of thing and why; never about whom",
        answer=query_bodies.QueriesBody,
        parameters=("system", "since", "before", "limit"),
    ),
)
