"""Outcome rules and the classification of what no rule names."""

import tracemalloc
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.outcome import Blame
from gateway.core.reason import Why
from gateway.sdk.classify import Judge, broken, unsent
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader
from gateway.sdk.rules import Reply, Then, compile_rules
from gateway.sdk.words import folded
from gateway.wire.http_failures import Broken, BrokenCause, NotSent, NotSentCause
from gateway.wire.xml import parse
from gateway.wire.xml_query import XmlBody

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
RULES = (
    {"http": [200], "path": "error_code", "equals": ["0", "00"], "then": "delivered"},
    {"http": [200], "path": "message", "contains": ["đã tồn tại"], "then": "exists"},
    {"http": [200], "path": "error_code", "equals": ["-2"], "then": "credentials"},
    {"http": [200], "path": "error_code", "equals": ["busy"], "then": "retry", "blame": "message"},
    {"http": ["2xx", "4xx", "5xx"], "path": "fault.code", "contains": ["Client"], "then": "reject"},
    {"http": [200, 503], "contains": ["bảo trì"], "then": "retry"},
    {"http": [422], "then": "reject"},
)


def judge(reply, *, rules=RULES, clean_5xx=False):
    reader = Reader("systems/sample.toml")
    compiled = compile_rules(rules, "options.outcomes", reader)
    reader.check()
    return Judge(rules=compiled, clean_5xx=clean_5xx, words=(Path(("message",)),)).of(reply, NOW)


@pytest.mark.parametrize(
    ("status", "document", "then"),
    [
        (200, {"error_code": "0"}, Then.DELIVERED),
        (200, {"error_code": 0}, Then.DELIVERED),
        (200, {"error_code": "00"}, Then.DELIVERED),
        (200, {"error_code": "3", "message": "HỒ SƠ ĐÃ TỒN TẠI"}, Then.EXISTS),
        (200, {"error_code": "3", "message": "Ho\u0302\u0300 sơ đa\u0303 to\u0302\u0300n tại"}, Then.EXISTS),
        (200, {"error_code": "-2"}, Then.CREDENTIALS),
        (200, {"error_code": "busy"}, Then.RETRY),
        (500, {"fault": {"code": "Client"}}, Then.REJECT),
        (422, None, Then.REJECT),
        (200, {"error_code": "77"}, Then.AMBIGUOUS),
        (200, {"error_code": ["0"]}, Then.AMBIGUOUS),
        (200, [], Then.AMBIGUOUS),
        (201, {"error_code": "0"}, Then.AMBIGUOUS),
        (302, {"error_code": "0"}, Then.AMBIGUOUS),
        (500, {"error_code": "0"}, Then.AMBIGUOUS),
        (404, {"error_code": "0"}, Then.RETRY),
    ],
)
def test_a_reply_means_what_the_first_rule_that_holds_says(status, document, then):
    """G5: a 200 can be a failure, so only a rule makes it a yes."""
    assert judge(Reply(status=status, document=document)).then is then


@pytest.mark.parametrize(
    ("reply", "then", "why"),
    [
        (Reply(status=200, document={"error_code": "0"}, early=True), Then.AMBIGUOUS, Why.EARLY_REPLY),
        (Reply(status=200, document={"error_code": "0"}, distrusted=True), Then.AMBIGUOUS, Why.REPLY_UNTRUSTED),
        (Reply(status=429, distrusted=True), Then.AMBIGUOUS, Why.REPLY_UNTRUSTED),
        (Reply(status=401, document={"error_code": "0"}), Then.CREDENTIALS, Why.CREDENTIALS),
        (Reply(status=403), Then.CREDENTIALS, Why.CREDENTIALS),
        (Reply(status=429), Then.RETRY, Why.THROTTLED),
        (Reply(status=503, headers={"retry-after": "5"}), Then.RETRY, Why.THROTTLED),
        (Reply(status=503), Then.AMBIGUOUS, Why.SERVER_ERROR),
        (Reply(status=503, headers={"Retry-After": "soon"}), Then.AMBIGUOUS, Why.SERVER_ERROR),
        (Reply(status=200, readable=False, body=b"<html>"), Then.AMBIGUOUS, Why.REPLY_UNREADABLE),
        (Reply(status=200, readable=False, body="Đang BẢO TRÌ".encode()), Then.RETRY, Why.RETRY_BY_PARTNER),
        (Reply(status=301), Then.AMBIGUOUS, Why.REDIRECTED),
        (Reply(status=304), Then.AMBIGUOUS, Why.REDIRECTED),
        (Reply(status=400), Then.RETRY, Why.CLIENT_ERROR),
        (Reply(status=500, fault="Client", document={"fault": {"code": "x"}}), Then.RETRY, Why.CLIENT_ERROR),
        (Reply(status=200, fault="Server"), Then.AMBIGUOUS, Why.SERVER_ERROR),
        (Reply(status=400, fault="Server"), Then.AMBIGUOUS, Why.SERVER_ERROR),
    ],
)
def test_what_no_rule_names_is_classified_by_what_may_have_happened(reply, then, why):
    """G5: the table of design §5, and nothing of it can be a yes."""
    verdict = judge(reply)
    assert (verdict.then, verdict.why) == (then, why)


def test_a_clean_5xx_surely_had_no_effect():
    """Where the system declares it, a 5xx is asked again."""
    assert judge(Reply(status=502), clean_5xx=True).then is Then.RETRY


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://portal.example/login?token=1#x", "Location: https://portal.example/login"),
        ("https://user:secret@portal.example/a@b", "Location: https://portal.example/a@b"),
        ("/login;jsessionid=1", "Location: /login"),
        ("/hooks/", "Location: /hooks/"),
        ("", ""),
    ],
)
def test_a_redirection_says_where_to_and_nothing_that_opens_a_door(location, shown):
    """G9: what stands behind the path may be a session, and what stands before the host a password."""
    headers = {"location": location} if location else {}
    assert judge(Reply(status=302, headers=headers)).detail == shown


def test_a_rule_can_blame_the_message():
    """A retry that is the message's fault consumes an attempt."""
    assert judge(Reply(status=200, document={"error_code": "busy"})).blame is Blame.MESSAGE


def test_the_partners_words_are_kept_as_detail_and_not_printed():
    """G9: the words are for those who may read them, never for a log."""
    verdict = judge(Reply(status=422, document={"message": "Sai số CCCD 014000000001"}))
    assert verdict.reason.detail == "Sai số CCCD 014000000001"
    assert "014000000001" not in repr(verdict) + repr(verdict.reason)


def test_retry_after_is_kept():
    """Seconds are honoured."""
    verdict = judge(Reply(status=429, headers={"Retry-After": "90"}))
    assert verdict.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize("cause", list(NotSentCause))
def test_what_never_left_is_retried(cause):
    """Every cause of NotSent has its reason; what no header can say now it cannot say later."""
    then = Then.REJECT if cause is NotSentCause.HEADER else Then.RETRY
    assert unsent(NotSent(cause=cause)).then is then


@pytest.mark.parametrize("cause", list(BrokenCause))
def test_what_may_have_arrived_is_ambiguous(cause):
    """G5: every cause of Broken is a doubt."""
    assert broken(Broken(cause=cause)).then is Then.AMBIGUOUS


ITEMS = {"result": [{"code": "00"}, {"code": "07", "why": {"a.b": "x"}}]}
XML = """<s:Envelope xmlns:s="urn:s"><s:Body><m:traLoi xmlns:m="urn:m" m:v="2"><m:maLoi> 05 </m:maLoi>
<m:loi>Trùng <m:b>hồ sơ</m:b></m:loi></m:traLoi></s:Body></s:Envelope>"""


@pytest.mark.parametrize(
    ("check", "reply"),
    [
        ({"path": "result[*].code", "equals": ["07"]}, Reply(status=200, document=ITEMS)),
        ({"path": "$.result[-1]['why']['a.b']", "equals": ["x"]}, Reply(status=200, document=ITEMS)),
        ({"path": "*[1].code", "equals": [7, "07"]}, Reply(status=200, document=ITEMS)),
        ({"xpath": "//maLoi", "equals": ["05"]}, Reply(status=200, xml=XmlBody(XML.encode()))),
        ({"xpath": "//traLoi/@v", "equals": [2]}, Reply(status=200, xml=XmlBody(XML.encode()))),
        ({"xpath": "//loi", "contains": ["trùng hồ sơ"]}, Reply(status=200, xml=XmlBody(root=parse(XML.encode())))),
        ({"xpath": "count(//loi)", "equals": [1]}, Reply(status=200, xml=XmlBody(XML.encode()))),
        ({"xpath": "boolean(//loi)", "equals": [True]}, Reply(status=200, xml=XmlBody(XML.encode()))),
        ({"fault": ["client.*"]}, Reply(status=500, fault="Client.Validation")),
        ({"fault": ["Server"]}, Reply(status=200, fault="Server")),
    ],
)
def test_a_condition_holds(check, reply):
    """By JSONPath's plain part, by XPath over local names, by the code of a fault."""
    assert judge(reply, rules=({**check, "then": "reject"},)).then is Then.REJECT


@pytest.mark.parametrize(
    ("check", "reply"),
    [
        ({"path": "result[*].code", "equals": ["99"]}, Reply(status=200, document=ITEMS)),
        ({"path": "result[*].code"}, Reply(status=200, document={"result": "text"})),
        ({"path": "result[-3].code"}, Reply(status=200, document=ITEMS)),
        ({"xpath": "//maLoi"}, Reply(status=200, xml=XmlBody(b"<a/>"))),
        ({"xpath": "//maLoi"}, Reply(status=200, xml=XmlBody(b"{}"))),
        ({"xpath": "//maLoi"}, Reply(status=200, xml=XmlBody(b"<!DOCTYPE a [<!ENTITY x 'maLoi'>]><maLoi>&x;</maLoi>"))),
        ({"fault": ["Server.*"]}, Reply(status=500, fault="Server")),
        ({"fault": ["*"]}, Reply(status=200)),
        ({"http": [500], "fault": ["*"]}, Reply(status=200, fault="Server")),
        ({"path": "code"}, Reply(status=200, document={"code": "1"}, transport="client.x")),
    ],
)
def test_a_condition_does_not_hold(check, reply):
    """Nothing there, nothing that is XML we accept, or somebody else who speaks."""
    assert judge(reply, rules=({**check, "then": "reject"},)).then is not Then.REJECT


def test_elements_inside_one_another_are_read_one_at_a_time():
    """G6: what is sought stands round all of a large reply, again and again; its text is held once, not fifty times."""
    body = b"<r>" + b"<loi>" * 50 + b"x" * 1_000_000 + b"</loi>" * 50 + b"</r>"
    reply = Reply(status=200, xml=XmlBody(root=parse(body)))
    tracemalloc.start()
    verdict = judge(reply, rules=({"xpath": "//loi", "equals": ["1"], "then": "reject"},))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.then is Then.AMBIGUOUS
    assert peak < 20 * len(body)


@pytest.mark.parametrize(
    ("reply", "then"),
    [
        (Reply(status=200, body=b"\xef\xbb\xbf\n<!DOCTYPE html><p>Log in</p>", readable=False), Then.AMBIGUOUS),
        (Reply(status=404, body=b"<HTML>not here</HTML>", readable=False), Then.RETRY),
        (Reply(status=200, body=b"OK", readable=False), Then.DELIVERED),
        (Reply(status=404, body=b""), Then.REJECT),
        (Reply(status=202, body=b"<html>busy</html>", readable=False), Then.RETRY),
        (Reply(status=201, body=b"<html>accepted 17</html>", readable=False), Then.DELIVERED),
        (Reply(status=200, body=b'<?xml version="1.0"?>\n<!-- SSO --><!DOCTYPE html PUBLIC ""><a/>'), Then.AMBIGUOUS),
        (Reply(status=200, body="\ufeff<html>".encode("utf-16-le"), readable=False), Then.AMBIGUOUS),
        (Reply(status=200, body=b"<script>location = '/login'</script>"), Then.AMBIGUOUS),
        (Reply(status=200, body=b'<?xml version="1.0"?><!-- ok --><header><html/></header>'), Then.DELIVERED),
    ],
)
def test_a_page_is_no_verdict_unless_a_rule_looks_at_it(reply, then):
    """G5: a login page with 200, a proxy's page with 404: nobody has taken or refused anything."""
    rules = (
        {"http": [200], "then": "delivered"},
        {"http": [201], "contains": ["accepted"], "then": "delivered"},
        {"http": [202], "then": "retry"},
        {"http": [404], "then": "reject"},
    )
    assert judge(reply, rules=rules).then is then


@pytest.mark.parametrize(
    ("rule", "then"),
    [
        ({"then": "delivered"}, Then.AMBIGUOUS),
        ({"then": "exists"}, Then.AMBIGUOUS),
        ({"fault": ["Server"], "then": "exists"}, Then.EXISTS),
        ({"path": "fault.reason", "contains": ["đã nhận"], "then": "delivered"}, Then.DELIVERED),
        ({"http": [200], "then": "reject"}, Then.REJECT),
    ],
)
def test_a_fault_is_no_yes_unless_a_rule_looks_at_it(rule, then):
    """G5: many stacks send their faults with HTTP 200."""
    fault = Reply(status=200, fault="Server", document={"fault": {"code": "Server", "reason": "Đã nhận rồi"}})
    assert judge(fault, rules=(rule,)).then is then


def test_a_partners_words_write_nowhere_else_on_a_terminal():
    """They are shown to operators: what clears a screen, or begins a line as if it were ours, is a blank."""
    told = Reply(status=400, document={"message": "sai\x1b[2J\x1b]0;x\x07\r\nĐã gửi\x9b1A"})
    assert judge(told).detail == "sai [2J ]0;x Đã gửi 1A"


def test_what_should_be_an_envelope_and_is_none_is_no_yes_either():
    """G5: cut off, it may have been a fault; where nothing at all came, a rule about `http` says what that means."""
    rules = ({"http": [200], "then": "delivered"},)
    cut = Reply(status=200, readable=False, body=b"<s:Envelope><s:Body><s:Fault>", problem="line 1: not well-formed")
    assert judge(cut, rules=rules).then is Then.AMBIGUOUS
    assert judge(replace(cut, body=b""), rules=rules).then is Then.DELIVERED


@pytest.mark.parametrize(
    ("reply", "then"),
    [
        (Reply(status=200, readable=False, body=b"He thong ban"), Then.AMBIGUOUS),
        (Reply(status=200, readable=False, body=b'{"loi": "03"'), Then.AMBIGUOUS),
        (Reply(status=409, readable=False, body=b"Da co"), Then.EXISTS),
        (Reply(status=400, readable=False, body=b"Sai"), Then.REJECT),
        (Reply(status=202, readable=False, body=b"da nhan"), Then.DELIVERED),
        (Reply(status=200, readable=False), Then.DELIVERED),
        (Reply(status=200, readable=False, body=b"\xef\xbb\xbf\r\n"), Then.DELIVERED),
        (Reply(status=200, document={"loi": ""}, body=b'{"loi": ""}'), Then.DELIVERED),
        (Reply(status=200, document={"loi": "03"}, body=b'{"loi": "03"}'), Then.REJECT),
    ],
)
@pytest.mark.parametrize("place", [{"path": "loi"}, {"xpath": "//loi"}])
def test_what_cannot_be_read_is_no_yes_where_other_rules_look_into_it(reply, then, place):
    """G5: nobody knows whether they would have held. A rule that looks at the whole body as text can still take it."""
    if reply.document:
        reply = replace(reply, xml=XmlBody(f"<loi>{reply.document['loi']}</loi>".encode()))
    rules = (
        {"http": [200], **place, "equals": ["03"], "then": "reject"},
        {"http": [202], "contains": ["đã nhận", "da nhan"], "then": "delivered"},
        {"http": [200], "then": "delivered"},
        {"http": [409], "then": "exists"},
        {"http": [400], "then": "reject"},
    )
    assert judge(reply, rules=rules).then is then


@pytest.mark.parametrize(
    ("reply", "then"),
    [
        (Reply(status=403, document={"code": "unit"}), Then.REJECT),
        (Reply(status=403, document={}), Then.CREDENTIALS),
        (Reply(status=401, document={"code": "unit"}), Then.CREDENTIALS),
        (Reply(status=403, document={"code": "unit"}, early=True), Then.CREDENTIALS),
    ],
)
def test_a_rule_may_say_what_403_means_at_a_partner(reply, then):
    """Named itself, not by its class."""
    rules = (
        {"http": ["4xx"], "path": "code", "then": "retry"},
        {"http": [403], "path": "code", "equals": ["unit"], "then": "reject"},
    )
    assert judge(reply, rules=rules).then is then


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"then": "ok"}, ".then: invalid enum value 'ok' (known: ambiguous, credentials,"),
        ({"then": "retry", "equal": ["1"]}, "did you mean 'equals'?"),
        ({"then": "retry", "equals": ["1"]}, "`equals` needs a `path`"),
        ({"then": "retry", "path": "a..b"}, "is not a path"),
        ({"then": "retry", "http": ["200"]}, ".http[0]: invalid enum value"),
        ({"then": "retry", "path": 1}, ".path: expected `str`, got `int` (write text in quotes)"),
        ({"then": "retry", "http": [4220]}, "4220 is no code of HTTP"),
        ({"then": "retry", "path": "a[*"}, "is not a path"),
        ({"then": "retry", "path": "$..code"}, "is not a path"),
        ({"then": "retry", "path": "a[?@.b]"}, "is not a path"),
        ({"then": "retry", "xpath": "//m:maLoi"}, "names without prefixes"),
        ({"then": "retry", "xpath": "//["}, "is no XPath"),
        ({"then": "retry", "path": "a", "xpath": "//a"}, "`path` or an `xpath`"),
        ({"then": "retry", "fault": ["a*b"]}, "at the end of a code"),
        ({"then": "delivered", "transport": ["client.*"]}, "is one of retry"),
    ],
)
def test_a_bad_rule_is_named(raw, problem):
    """File, key, and what to do."""
    reader = Reader("systems/sample.toml")
    compile_rules([raw], "options.outcomes", reader)
    assert len(reader.problems) == 1
    assert str(reader.problems[0]).startswith("systems/sample.toml: options.outcomes[0]")
    assert problem in str(reader.problems[0])


YES = {"path": "ma", "equals": ["00", "0"], "then": "delivered"}
KNOWN = {"path": "moTa", "contains": ["đã tồn tại"], "then": "exists"}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (YES, YES | {"then": "reject"}),
        (YES, {"http": [200], "path": "ma", "equals": ["0"], "then": "retry"}),
        (KNOWN, {"path": "moTa", "contains": ["giao dịch ĐÃ tồn tại"], "then": "repeated"}),
        (KNOWN, {"path": "moTa", "equals": ["Hồ sơ đã tồn tại"], "then": "repeated"}),
        ({"path": "ma", "then": "delivered"}, YES),
        (YES, YES | {"also": [{"path": "moTa"}], "then": "reject"}),
        ({"fault": ["Server*"], "then": "retry"}, {"fault": ["Server*"], "path": "fault.detail.ma", "then": "reject"}),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_nothing_is_named(earlier, later):
    """The first match wins: the narrower stands first, or it never counts."""
    reader = Reader("systems/sample.toml")
    compile_rules([earlier, later], "options.outcomes", reader)
    assert [(one.key, one.text) for one in reader.problems] == [
        ("options.outcomes[1]", "never counts: options.outcomes[0] takes every reply that it would")
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"http": [200], "then": "delivered"}, {"http": [200], "path": "ma", "then": "reject"}),
        ({"path": "moTa", "contains": ["giao dịch đã tồn tại"], "then": "repeated"}, KNOWN),
        (YES, YES | {"http": [422]}),
        (YES, YES | {"path": "maLoi"}),
        (YES | {"also": [{"path": "moTa"}]}, YES),
        (YES, {"path": "ma", "equals": ["00", "01"], "then": "retry"}),
        (YES, {"path": "ma", "empty": True, "then": "retry"}),
        (YES, {"path": "ma", "then": "reject"}),
        ({"path": "ma", "then": "delivered"}, {"path": "ma", "empty": True, "then": "retry"}),
        ({"path": "ma", "then": "delivered"}, {"path": "ma", "equals": [""], "then": "retry"}),
        ({"path": "ma", "then": "delivered"}, {"path": "ma", "contains": [""], "then": "retry"}),
        (
            {"http": ["4xx"], "path": "ma", "then": "retry"},
            {"http": ["4xx"], "path": "ma", "also": [{"http": [401]}], "then": "reject"},
        ),
        ({"fault": ["Server"], "then": "retry"}, {"fault": ["Client"], "then": "reject"}),
    ],
)
def test_a_rule_that_may_count_is_left_alone(earlier, later):
    """Where the earlier one looks at HTTP alone, too: it takes no page and no fault."""
    reader = Reader("systems/sample.toml")
    assert len(compile_rules([earlier, later], "options.outcomes", reader)) == 2
    assert not reader.problems


def test_a_large_reply_is_brought_into_one_form_once_by_pieces():
    """However many rules look for words in it: in eight MiB that takes seconds, and a piece only milliseconds."""
    text = "Hồ sơ ĐÃ TỒN TẠI; " * 4000
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        reply = Reply(status=200, body=written.encode())
        assert reply.folded == unicodedata.normalize("NFC", text).casefold().strip()
        assert reply.folded is reply.folded
    assert len(folded("\u0301\u0323" * 50_000)) == 100_000
