"""What differs between two versions, shown to somebody who decides about it."""

from gateway.config.difference import unified


def test_what_is_no_text_and_what_is_too_long_to_compare_is_told_by_its_size():
    before = {"cert.der": b"\xff\xfe", "photo": b"a\0", "table.toml": b"x" * 262_145}
    after = {"cert.der": b"\xff", "photo": b"", "table.toml": b"x"}
    assert unified(before, after).splitlines() == [
        "--- cert.der: 2 bytes before, 1 bytes now",
        "--- photo: 2 bytes before, 0 bytes now",
        "--- table.toml: 262145 bytes before, 1 bytes now",
    ]


def test_a_long_difference_is_cut_and_says_so():
    shown = unified({"table.toml": b"a\n"}, {"table.toml": b"b\n" * 3000}).splitlines()
    assert shown[3:5] == ["-a", "+b"]
    assert len(shown) == 2001
    assert shown[-1] == "... cut after 2000 lines"
