"""The catalogue of procedures: counted, read from offices' lists, compared, and written so that it reads back."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.catalogue import compared, counts, in_force, unrouted, written
from gateway.config.catalogue_rows import read
from gateway.config.loader import load
from gateway.config.settings import ServiceConfig
from gateway.core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
HEADINGS = ("Mã TTHC", "Tên TTHC", "Mức độ", "Cấp")
ROW = ("1.001193", "Đăng ký khai sinh", "3", "Xã")


def a_service(code: str = "1.001193", **changes: object) -> ServiceConfig:
    plain = ServiceConfig(code=code, name="Đăng ký khai sinh", level=3, tier="commune")
    return msgspec.structs.replace(plain, **changes)


def test_the_shipped_catalogue_has_the_counts_that_the_province_reported():
    """2016: 11 of its own; of ministries 1 + 2 at the province and 2 in districts; 2017: 24 = 15 + 6 + 3."""
    found = counts(load(ROOT / "config").services)
    assert [(c.since, c.provided_by, c.tier, c.level, c.number) for c in found] == [
        (2016, "province", "province", 3, 11),
        (2016, "ministry", "province", 3, 1),
        (2016, "ministry", "province", 4, 2),
        (2016, "ministry", "district", 3, 2),
        (2017, "province", "province", 3, 15),
        (2017, "province", "district", 3, 6),
        (2017, "province", "commune", 3, 3),
    ]


def test_every_shipped_service_with_a_system_has_a_route_there():
    assert unrouted(load(ROOT / "config"), date(2017, 6, 30)) == ()


def test_what_the_districts_did_is_over():
    tiers = {service.tier for service in in_force(load(ROOT / "config").services, date(2025, 7, 1))}
    assert tiers == {"province", "commune"}


def test_a_service_that_no_route_takes_is_named(directory):
    directory.change("routes.toml", 'to = ["land"]', 'to = ["land"]\nvalid_to = 2026-06-30')
    configuration = load(directory.path)
    assert unrouted(configuration, date(2026, 6, 30)) == ()
    ((service, systems),) = unrouted(configuration, date(2026, 7, 1))
    assert (service.code, systems) == ("1.001", ("land",))


def test_a_merger_of_ministries_is_two_rows(directory):
    """The old route ends on the day before, the new one begins: on each day exactly one of them takes the service."""
    directory.write(
        "systems/land_agriculture.toml",
        (directory.path / "systems/land.toml")
        .read_text(encoding="utf-8")
        .replace('id = "land"', 'id = "land_agriculture"\nsuccessor_of = ["land"]'),
    )
    directory.change("routes.toml", 'to = ["land"]', 'to = ["land"]\nvalid_to = 2026-06-30')
    directory.add(
        "routes.toml",
        '\n[[route]]\nid = "out_2"\nsource = "portal"\nto = ["land_agriculture"]\nvalid_from = 2026-07-01\n',
    )
    directory.change("services.toml", '["land"]', '["land", "land_agriculture"]')
    configuration = load(directory.path)
    missing = [unrouted(configuration, day)[0][1] for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert missing == [("land_agriculture",), ("land",)]


class TestReading:
    def test_reads_what_offices_write(self):
        headings = (*HEADINGS, "Bên cung cấp", "Cơ quan", "Lĩnh vực", "Hệ thống", "Từ ngày", "Đến ngày", "STT")
        row = (*ROW, "Bộ, ngành", "G15", "Hộ tịch", "civil_status, land", "01/03/2017", "42736", "1")
        assert read((headings, row), "list.csv") == (
            a_service(
                provided_by="ministry",
                agency="G15",
                field="Hộ tịch",
                system=("civil_status", "land"),
                valid_from=date(2017, 3, 1),
                valid_to=date(2017, 1, 1),
            ),
        )

    @pytest.mark.parametrize(
        ("cell", "level"),
        [("3", 3), ("Mức độ 4", 4), ("Một phần", 3), ("TOÀN TRÌNH", 4), ("một phần", 3)],
    )
    def test_knows_the_levels_of_both_eras(self, cell: str, level: int):
        assert read((HEADINGS, (ROW[0], ROW[1], cell, ROW[3])), "list.csv")[0].level == level

    def test_names_every_bad_cell_at_once_and_repeats_none(self):
        rows = (HEADINGS, ("!bad!", "x", "5", "Thôn"), ROW, ("", "", "3", "xã"), ROW)
        with pytest.raises(ConfigError) as raised:
            read(rows, "list.csv")
        places = [problem.key for problem in raised.value.problems]
        assert places == [
            "row 2, «Mã TTHC»",
            "row 2, «Mức độ»",
            "row 2, «Cấp»",
            "row 4, «Mã TTHC»",
            "row 4, «Tên TTHC»",
            "column «Mã TTHC»",
        ]
        assert "bad" not in str(raised.value)
        assert all(problem.remedy for problem in raised.value.problems)

    def test_wants_each_column_once(self):
        with pytest.raises(ConfigError) as raised:
            read((("Mã TTHC", "code", "Tên TTHC", "Cấp"), ROW), "list.csv")
        assert [problem.key for problem in raised.value.problems] == ["column «Mã TTHC»", "column «Mức độ»"]


class TestComparing:
    def test_tells_new_from_changed_and_keeps_what_the_list_leaves_open(self):
        old = (a_service(agency="G15", system=("civil_status",)), a_service("1.2", name="B"))
        new = (a_service(level=4), a_service("1.3"))
        changes = compared(old, new, ends_on=None)
        assert changes.added == (a_service("1.3"),)
        assert changes.changed == ((old[0], a_service(level=4, agency="G15", system=("civil_status",))),)
        assert changes.ended == ()
        assert [service.code for service in changes.services] == ["1.001193", "1.2", "1.3"]

    def test_a_row_without_a_day_means_the_newest_of_its_code(self):
        old = (a_service(valid_to=date(2020, 1, 1)), a_service(valid_from=date(2020, 1, 2), level=4))
        assert compared(old, (a_service(level=4),), ends_on=None).is_empty()
        ((before, after),) = compared(old, (a_service(level=3),), ends_on=None).changed
        assert (before, after.valid_from, after.level) == (old[1], date(2020, 1, 2), 3)

    def test_a_row_with_a_day_of_its_own_is_a_service_of_its_own(self):
        old = (a_service(agency="G15"),)
        later = a_service(valid_from=date(2027, 1, 1))
        assert compared(old, (later,), ends_on=None).added == (later,)

    def test_a_complete_list_ends_what_it_leaves_out(self):
        old = (a_service(), a_service("1.2"), a_service("1.3", valid_to=date(2020, 1, 1)))
        changes = compared(old, (a_service(),), ends_on=date(2027, 1, 1))
        assert changes.ended == (a_service("1.2", valid_to=date(2026, 12, 31)),)

    def test_the_same_list_again_changes_nothing(self):
        old = (a_service(agency="G15"),)
        assert compared(old, (a_service(),), ends_on=date(2027, 1, 1)).is_empty()


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
services = st.builds(
    ServiceConfig,
    code=texts,
    name=texts,
    level=st.integers(1, 4),
    tier=st.sampled_from(["province", "district", "commune"]),
    provided_by=st.sampled_from(["province", "ministry"]),
    agency=texts,
    field=texts,
    system=st.lists(texts, max_size=2).map(tuple),
    valid_from=st.none() | st.dates(),
    valid_to=st.none() | st.dates(),
)


@given(st.lists(services, max_size=3))
def test_what_is_written_reads_back(found: list[ServiceConfig]):
    class Written(msgspec.Struct):
        service: tuple[ServiceConfig, ...] = ()

    assert msgspec.toml.decode(written(found).encode(), type=Written).service == tuple(found)
