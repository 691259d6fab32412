"""Links to files: signed for one system, ending, and nothing but ours opens."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.ids import FileId, SystemId
from gateway.ports.secrets import Secret
from gateway.security.links import LINK_PATH, FileLinks

OLD, NEW = Secret("o" * 32), Secret("n" * 32)
FILE, SYSTEM = FileId("0192d3a0-0000-7000-8000-000000000001"), SystemId("national_portal")
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def token(links: FileLinks, now: datetime = NOW) -> str:
    return links.path(FILE, SYSTEM, now).removeprefix(LINK_PATH)


def test_a_link_names_its_file_its_system_and_its_end():
    grant = FileLinks(keys=(NEW,), lifetime=DAY).read(token(FileLinks(keys=(NEW,), lifetime=DAY)))
    assert grant is not None
    assert (grant.file, grant.system) == (FILE, SYSTEM)
    assert NOW + DAY <= grant.ends_at <= NOW + 2 * DAY


def test_a_link_is_the_same_for_a_whole_lifetime():
    """G8: what is sent again within it has the same bytes."""
    links = FileLinks(keys=(NEW,), lifetime=DAY)
    assert token(links) == token(links, NOW + timedelta(hours=15))
    assert token(links) != token(links, NOW + DAY)


def test_a_new_key_signs_while_links_of_the_old_one_still_open():
    """Rotation: no link dies before its end."""
    before, both, after = FileLinks(keys=(OLD,)), FileLinks(keys=(NEW, OLD)), FileLinks(keys=(NEW,))
    assert both.read(token(before)) is not None
    assert after.read(token(both)) is not None
    assert after.read(token(before)) is None


@pytest.mark.parametrize("change", ["file", "system", "end", "mac", "less", "more", "none", "accents"])
def test_a_link_that_was_changed_opens_nothing(change):
    """G9: neither another file, nor another system's view, nor another day."""
    links = FileLinks(keys=(NEW,), lifetime=DAY)
    file, system, end, mac = token(links).split(".")
    changed = {
        "file": f"{file[:-1]}2.{system}.{end}.{mac}",
        "system": f"{file}.land.{end}.{mac}",
        "end": f"{file}.{system}.{int(end) + 1}.{mac}",
        "mac": f"{file}.{system}.{end}.{'A' * 43}",
        "less": f"{file}.{system}.{end}.{mac[:-1]}",
        "more": token(links) + "x",
        "none": "",
        "accents": f"{file}.{system}.{end}.{'ấ' * 43}",
    }
    assert links.read(changed[change]) is None


def test_without_a_key_there_are_no_links():
    """Nothing is signed with nothing, and nothing opens."""
    with pytest.raises(ValueError, match=r"links\.keys"):
        FileLinks().path(FILE, SYSTEM, NOW)
    assert FileLinks().read(token(FileLinks(keys=(NEW,)))) is None


def test_a_key_does_not_print_itself():
    assert "nnn" not in repr(FileLinks(keys=(NEW,)))
