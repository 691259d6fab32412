"""Which addresses a system can be called at: the others would be tried for ever, each time in vain."""

import pytest

from gateway.config.addresses import is_address

HOST = "https://lgsp.sonla.example"


def test_takes_every_way_to_name_a_server():
    """By name, by number, with a port and with a path; a Vietnamese name travels in its ASCII form."""
    for text in (
        HOST,
        f"{HOST}:8443/a/1.0/",
        "http://127.0.0.1:9001",
        "http://[::1]:9001/x",
        "http://ho_tich.lan./%C4%91",
    ):
        assert is_address(text), text
    assert is_address("https://hộtịch.example/đ")


@pytest.mark.parametrize(
    "text",
    [
        *("lgsp.sonla.example", "ftp://lgsp.sonla.example", "https:/lgsp.sonla.example", "https://", f"https://{HOST}"),
        *(f" {HOST}", f"{HOST} ", f"{HOST}/a b", f"{HOST}/a\n", HOST.replace("/", "\\"), f"{HOST}?a=1", f"{HOST}/#"),
        *("http://host name", "http://a..b", "http://.a", "http://-a", f"http://{'a' * 64}.b", "http://${HOST}"),
        *("http://<host>", "http://me:pw@host", "http://host:", "http://host:0", "http://host:99999", "http://host:x"),
        *("http://127.0.0.1.1", "http://127.0.1", "http://256.0.0.1", "http://[::1", "http://[::1]x", "http://[gg]"),
        "http://\u200bhost",
    ],
)
def test_refuses_what_no_client_can_call(text):
    """A placeholder left in, a mark that was pasted along, a scheme written twice."""
    assert not is_address(text)
