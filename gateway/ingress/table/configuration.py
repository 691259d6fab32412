"""The doors to the configuration and to trials of it."""

from __future__ import annotations

from gateway.ingress import rest_configuration, rest_trials
from gateway.ingress.configuration_bodies import ApplyBody, ChangeOfConfigurationBody
from gateway.ingress.table.door import READING, REASONED, Door
from gateway.ingress.trial_bodies import TrialBody, TrialsBody

_CHANGING = ("not_found", "configuration.moved", "configuration.invalid")
_TRYING = (*READING, "system.not_found", "system.not_outlined", "version.not_found", "configuration.invalid")

CONFIGURATION: tuple[Door, ...] = (
    Door(
        "GET /v1/ops/configuration/change",
        rest_configuration.review,
        "Người vận hành: xem trước thay đổi cấu hình · Operators: what the files would change; nothing is done",
        answer=ChangeOfConfigurationBody,
        problems=_CHANGING,
    ),
    Door(
        "POST /v1/ops/configuration/change",
        rest_configuration.apply,
        "Người vận hành: áp dụng cấu hình · Operators: let the files hold, without a restart",
        sends=(ApplyBody,),
        answer=ChangeOfConfigurationBody,
        problems=(*REASONED, *_CHANGING, "configuration.overtaken", "configuration.unchanged"),
    ),
    Door(
        "POST /v1/ops/systems/{system}/mapping-trials",
        rest_trials.begin,
        "Người vận hành: thử bảng ánh xạ · Operators: what another version would send; nothing is sent or kept",
        sends=(TrialBody,),
        answer=TrialsBody,
        problems=_TRYING,
    ),
)
