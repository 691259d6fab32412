"""The register of residence by its shipped file: the contract of every adapter, and every golden exchange."""

import json

import pytest

from gateway.testing.adapter_contract import AdapterContract
from gateway.testing.partner import Says
from tests.integration.shipped import a_step, built, exchanges, sent

EXCHANGES = exchanges("residence")


class TestResidenceContract(AdapterContract):
    """A configured system keeps what every adapter keeps."""

    def build(self, address, clock):
        return built("residence", address, clock)

    def delivery(self):
        return a_step("residence")

    def accepted(self):
        return Says.json({"ma": "00", "moTa": "Đã tiếp nhận", "soTiepNhan": "CT-1"})


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
async def test_a_golden_exchange(file):
    """The request as it leaves, and what its answer means."""
    told = json.loads(file.read_text(encoding="utf-8"))
    outcome, request = await sent("residence", told)
    assert outcome == told["outcome"]
    assert request == told["request"]
