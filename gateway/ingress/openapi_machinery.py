"""What the gateway tells of itself, described."""

from __future__ import annotations

from gateway.ingress import bodies
from gateway.ingress.operation import JSON, Operation

MACHINERY: tuple[Operation, ...] = (
    Operation(path="/metrics", method="get", summary="Số đo · Metrics (Prometheus)", answers_as=("text/plain",)),
    Operation(path="/livez", method="get", summary="Tiến trình còn chạy · Alive", answer=bodies.HealthBody, open=True),
    Operation(
        path="/readyz",
        method="get",
        summary="Sẵn sàng nhận · Ready",
        answer=bodies.HealthBody,
        others=((503, bodies.HealthBody),),
        open=True,
    ),
    Operation(path="/openapi.json", method="get", summary="OpenAPI 3.1", answers_as=(JSON,), open=True),
    Operation(path="/docs", method="get", summary="Trang này · This page", answers_as=("text/html",), open=True),
)
