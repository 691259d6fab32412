"""The health insurer by its shipped file: the contract of every adapter, and every golden exchange."""

import json

import pytest

from gateway.testing.adapter_contract import AdapterContract
from gateway.testing.partner import Says
from tests.integration.shipped import a_step, built, exchanges, sent

EXCHANGES = exchanges("health_insurance")


class TestHealthInsuranceContract(AdapterContract):
    """A configured system keeps what every adapter keeps."""

    def build(self, address, clock):
        return built("health_insurance", address, clock)

    def delivery(self):
        return a_step("health_insurance")

    def accepted(self):
        return Says.json({"accepted": True, "insurance_no": "TE-1"}, status=202)


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
async def test_a_golden_exchange(file):
    """The request as it leaves, and what its answer means."""
    told = json.loads(file.read_text(encoding="utf-8"))
    outcome, request = await sent("health_insurance", told)
    assert outcome == told["outcome"]
    assert request == told["request"]
