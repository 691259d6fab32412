"""What driver licences has, page by page: the question that the shipped file names."""

import pytest

from gateway.app.secrets import UnknownSecrets
from gateway.cli.check import checked
from gateway.core.errors import ConfigError
from gateway.core.ids import SystemId
from gateway.query.listing import Listing, NotListed
from gateway.testing.partner import Drops, Says
from tests.integration.shipped import ROOT, TIME, config_of, talking

SYSTEM = SystemId("driver_licence")
LOGIN = Says.json({"error_code": "0", "session": "s-1"})


def page(*codes, **more):
    listed = [{"MaHoSo": code, "MaHoSoDonVi": f"GPLX-{code}"} for code in codes]
    return Says.json({"error_code": "0", "message": "thành công", "danhsach": listed, **more})


def listing(adapter):
    return Listing(SYSTEM, adapter, config_of(SYSTEM).reconcile.list)


async def test_the_list_is_asked_for_page_by_page_until_there_is_no_next():
    async with talking(SYSTEM, LOGIN, page("A", "B", tiep="2"), page("C")) as (adapter, partner):
        first = await listing(adapter).records("", deadline=TIME)
        second = await listing(adapter).records(first.cursor, deadline=TIME)
    assert [one.codes for one in (*first.records, *second.records)] == [("A",), ("B",), ("C",)]
    assert (first.cursor, first.more, second.more) == ("2", True, False)
    _, *asked = (seen.json for seen in partner.seen)
    assert [(one["service"], one.get("sau")) for one in asked] == [("DanhSachHoSoMC", ""), ("DanhSachHoSoMC", "2")]


@pytest.mark.parametrize(
    "answer",
    [
        Drops(),
        Says(status=500),
        Says.json({"error_code": "0", "danhsach": [{"MaHoSoDonVi": "GPLX-1"}]}),
        Says.json({"error_code": "-1", "message": "không có quyền"}),
    ],
)
async def test_what_is_no_list_is_told_as_such(answer):
    """A page that cannot be had proves no dossier's absence."""
    async with talking(SYSTEM, LOGIN, answer) as (adapter, _):
        with pytest.raises(NotListed):
            await listing(adapter).records("", deadline=TIME)


@pytest.mark.parametrize("name", ["nothing", "enterprise"])
def test_a_question_that_lists_nothing_is_found_before_a_port_is_opened(name):
    """It must be there, and be put with a cursor or without."""
    system = "enterprise_registry" if name == "enterprise" else SYSTEM
    with pytest.raises(ConfigError) as refused:
        checked(ROOT / "config", {f"systems.{system}.reconcile.list": name}, UnknownSecrets())
    (problem,) = refused.value.problems
    assert (problem.file, problem.key) == (f"systems/{system}.toml", "reconcile.list")
