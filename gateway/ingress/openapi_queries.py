"""The doors of queries, described."""

from __future__ import annotations

from gateway.ingress import query_bodies
from gateway.ingress.operation import READING, Operation

QUERIES: tuple[Operation, ...] = (
    Operation(
        path="/v1/systems/{system}/queries/{operation}",
        method="post",
        summary="Tra cứu hệ thống quốc gia · Ask a register: kept with officer and purpose, answered in the same call",
        sends=(query_bodies.QueryBody,),
        answer=query_bodies.AnswerBody,
        problems=(*READING, 404, 409, 429, 502, 504),
    ),
    Operation(
        path="/v1/ops/queries",
        method="get",
        summary="Người vận hành: các lần tra cứu · Operators: who asked what kind of thing and why; never about whom",
        answer=query_bodies.QueriesBody,
        parameters=("system", "since", "before", "limit"),
        problems=(400,),
    ),
)
