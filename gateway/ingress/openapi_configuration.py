"""The doors to the configuration and to trials of it, as ``/openapi.json`` describes them."""

from __future__ import annotations

from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.operation import READING, Operation
from gateway.ingress.trial_bodies import TrialBody, TrialsBody

CONFIGURATION: tuple[Operation, ...] = (
    Operation(
        path="/v1/ops/configuration/change",
        method="get",
        summary="Người vận hành: xem trước thay đổi cấu hình · Operators: what the files would change; nothing is done",
        answer=ChangeOfConfigurationBody,
        problems=(409, 422),
    ),
    Operation(
        path="/v1/ops/configuration/change",
        method="post",
        summary="Người vận hành: áp dụng cấu hình · Operators: let the files hold, without a restart",
        sends=(ApplyBody,),
        answer=ChangeOfConfigurationBody,
        problems=(*READING, 409),
    ),
    Operation(
        path="/v1/ops/systems/{system}/mapping-trials",
        method="post",
        summary="Người vận hành: thử bảng ánh xạ · Operators: what another version would send; nothing is sent or kept",
        sends=(TrialBody,),
        answer=TrialsBody,
        problems=(*READING, 404, 409),
    ),
)
