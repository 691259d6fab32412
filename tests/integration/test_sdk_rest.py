"""The REST adapter against a partner that speaks as the national portal does, and against one that behaves badly."""

import asyncio
import hashlib
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.contextvars import bound_contextvars

from gateway.core.errors import ConfigError, StoreUnavailable
from gateway.core.outcome import Absent, Ambiguous, Blame, Delivered, Rejected, Retryable, Shadowed, Unknown
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.adapter_contract import AdapterContract
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.partner import Drops, Hurries, LoopbackPartner, Says
from tests.adapters import context_of, opened, system_of
from tests.threads import Counting

SYSTEM = """
id = "driver_licence"
role = "system"
adapter = "rest"
agency = "G01"
name = { vi = "Giấy phép lái xe" }
secrets = { username = "env:USER", password = "env:PASS" }
doubt = { "*" = { doubt = "resend" } }

[options.auth]
kind = "session"
path = "/mapi/login"
body = { username = "{secret:username}", password = "{secret:password}" }
token = "session"
success = [{ path = "error_code", equals = ["0", "00"] }]
put = { in = "body", name = "session" }
lifetime = "30m"

[options.operations."dossier.submitted"]
path = "/mapi/g"
query = { dstcode = "VN:GOV:sample" }
headers = { X-Dossier = "{code:province}" }
mapping = "dossier"
wrap = { service = "DongBoHoSoMC", madonvi = "{system.agency}", MaGiaoDich = "{delivery.id}" }
data = "data[]"
codes = { unit = "result[0].MaHoSoDonVi" }
facts = { record = "result[0].id" }

[options.operations."dossier.submitted".lookup]
method = "GET"
path = "/ho-so/{code:province}"
found = [{ path = "error_code", equals = [0] }, { path = "result[0].MaHoSo", equals = ["H52.11-260302-0001"] }]
absent = [{ path = "error_code", equals = ["-1"] }]
same = { "result[0].MaHoSo" = "{code:province}" }
codes = { unit = "result[0].MaHoSoDonVi" }

[options.operations."dossier.amended"]
path = "/mapi/g"
mapping = "dossier"
wrap = { MaGiaoDich = "{delivery.id}" }

[[options.outcomes]]
path = "error_code"
equals = ["0", "00"]
then = "delivered"

[[options.outcomes]]
path = "error_code"
equals = ["-2"]
then = "credentials"

[[options.outcomes]]
path = "message"
contains = ["đã tồn tại"]
then = "exists"

[[options.outcomes]]
path = "error_code"
equals = ["-1"]
then = "reject"
"""
MAPPING = """
version = "1"
[[row]]
to = "MaHoSo"
from = "code:province"
required = true
[[row]]
to = "ChuHoSo"
from = "dossier.owner.name.whole"
required = true
[[row]]
to = "NgayNopHoSo"
from = "dossier.submitted_at"
format = "yyyyMMddHHmmss"
[[row]]
to = "TaiLieuNop[]"
each = "files"
rows = [{ to = "url", from = "item.url" }, { to = "NoiDung", from = "item.base64" }]
"""
TIME = 5.0
GOOD = {"error_code": 0, "result": [{"MaHoSo": CODE, "MaHoSoDonVi": "GPLX-1", "id": 77}]}
EXISTS = {"error_code": "3", "message": "Hồ sơ ĐÃ TỒN TẠI", "result": [{"MaHoSoDonVi": "GPLX-1"}]}


class Door:
    """The partner's login: gives a new session on every call."""

    def __init__(self):
        self.logins = 0
        self.says = None

    async def __call__(self, seen):
        if not seen.path.startswith("/mapi/login"):
            return None
        self.logins += 1
        self.seen = seen
        return self.says or Says.json({"error_code": "00", "session": f"s{self.logins}"})


def a_system(address, text=SYSTEM, **options):
    return system_of(text, address, **options)


def a_context(clock, *, blobs=None, mapping=MAPPING):
    return context_of(
        clock=clock,
        secrets={"env:USER": "sample", "env:PASS": "sample-only"},
        blobs=blobs,
        mappings={"dossier": mapping},
        public_url="http://127.0.0.1:8080/",
    )


@asynccontextmanager
async def talking(*script, door=None, blobs=None, **options):
    clock = FakeClock()
    async with (
        LoopbackPartner(*script, aside=door or Door()) as partner,
        opened(a_system(partner.address, **options), a_context(clock, blobs=blobs)) as adapter,
    ):
        yield adapter, partner, clock


async def sent(*script, delivery=None, **options):
    async with talking(*script, **options) as (adapter, partner, clock):
        return await adapter.send(delivery or a_delivery(), deadline=clock.monotonic() + TIME), partner.seen


class TestRestContract(AdapterContract):
    """The REST adapter keeps what every adapter keeps."""

    def build(self, address, clock):
        return build(a_system(address), a_context(clock))

    def delivery(self):
        return a_delivery()

    def accepted(self):
        return Says.json(GOOD)

    async def aside(self, seen):
        if seen.path.startswith("/mapi/login"):
            return Says.json({"error_code": "0", "session": "s1"})
        return None


HEADED = {"dossier.submitted": {"path": "/mapi/g", "headers": {"X-Note": "{event.text}"}}}


@pytest.mark.parametrize("text", ["a\nb", "\x7f"])
async def test_what_no_header_can_say_is_refused_at_once(text):
    """Nothing left and nothing ever could: it was tried again for ever, in the system's name."""
    outcome, seen = await sent(delivery=a_delivery(a_message(text=text)), operations=HEADED)
    assert isinstance(outcome, Rejected)
    assert (outcome.reason.code, outcome.holds) == (Why.CANNOT_RENDER, False)
    assert outcome.reason.detail.startswith("the header X-Note holds")
    assert [one.path for one in seen] == ["/mapi/login"]


async def test_a_header_may_say_what_utf_8_can():
    """RFC 9110, section 5.5: other octets are opaque, and may stand there."""
    _, seen = await sent(delivery=a_delivery(a_message(text="Lò Thị Mẫu")), operations=HEADED)
    assert seen[-1].headers["X-Note"].encode("utf-8", "surrogateescape") == "Lò Thị Mẫu".encode()


async def test_each_call_says_which_trace_it_belongs_to():
    """W3C Trace Context: that of the attempt's line, with a span for each call, the login's too."""
    with bound_contextvars(trace_id="ab" * 16):
        _, seen = await sent(Says.json(GOOD))
    found = [re.fullmatch(f"00-{'ab' * 16}-([0-9a-f]{{16}})-01", call.headers["traceparent"]) for call in seen]
    assert [call.path.partition("?")[0] for call in seen] == ["/mapi/login", "/mapi/g"]
    assert len({one[1] for one in found}) == len(found)
    _, (*_, call) = await sent(Says.json(GOOD))
    assert "traceparent" not in call.headers


@pytest.mark.parametrize("headers", [{"X-A": "a\nb"}, {"X A": "a"}, {"Content-Length": "{delivery.id}"}])
def test_a_header_that_can_never_be_sent_is_named_when_the_file_is_read(headers):
    with pytest.raises(ConfigError, match="header"):
        build(
            a_system("http://127.0.0.1:9", operations={"dossier.submitted": {"path": "/", "headers": headers}}),
            a_context(FakeClock()),
        )


async def test_speaks_the_national_dialect():
    """A session in the body, our id beside the mapped dossier, dates by letters, codes and facts from the reply."""
    outcome, seen = await sent(Says.json(GOOD))
    assert isinstance(outcome, Delivered)
    assert dict(outcome.codes) == {"unit": "GPLX-1"}
    assert dict(outcome.facts) == {"record": "77"}
    login, call = seen
    assert login.json == {"username": "sample", "password": "sample-only"}
    assert call.path == "/mapi/g?dstcode=VN:GOV:sample"
    assert call.headers["Idempotency-Key"] == '"0195-delivery-1"'
    assert call.headers["X-Dossier"] == CODE
    assert call.json == {
        "service": "DongBoHoSoMC",
        "madonvi": "G01",
        "MaGiaoDich": "0195-delivery-1",
        "data": [{"MaHoSo": CODE, "ChuHoSo": "Lò Văn Mẫu", "NgayNopHoSo": "20260302080000"}],
        "session": "s1",
    }


@pytest.mark.parametrize(
    ("says", "kind", "why"),
    [
        (Says.json({"error_code": "-1", "message": "sai MaTTHC"}), Rejected, Why.REFUSED_BY_PARTNER),
        (Says.json({"error_code": "99"}), Ambiguous, Why.REPLY_UNMATCHED),
        (Says.json({"error_code": ""}), Ambiguous, Why.REPLY_UNMATCHED),
        (Says(body="<html>Cổng đang bảo trì</html>".encode()), Ambiguous, Why.REPLY_UNREADABLE),
        (Says(body=b""), Ambiguous, Why.REPLY_UNREADABLE),
        (Says(body=b"[" * 100_000), Ambiguous, Why.REPLY_UNREADABLE),
        (Says(status=204), Ambiguous, Why.REPLY_UNREADABLE),
        (Says.json(GOOD, status=500), Ambiguous, Why.SERVER_ERROR),
        (Says(body=b"x" * 9_000_000), Ambiguous, Why.REPLY_TOO_LARGE),
        (Drops(), Ambiguous, Why.RESET),
    ],
)
async def test_a_200_can_be_a_failure(says, kind, why):
    """G5: only what a rule names is delivered."""
    outcome, _ = await sent(says)
    assert isinstance(outcome, kind)
    assert outcome.reason.code is why


async def test_a_large_reply_is_read_and_judged_beside_everything_else():
    """G6: 100,000 elements take a second, and rules that look for words in all of 8 MiB take seconds."""
    threads = Counting(1)
    asyncio.get_running_loop().set_default_executor(threads)
    async with talking(Says.json({"error_code": "99"}), Says.json({"error_code": "99", "log": "x" * 70_000})) as (
        adapter,
        _,
        clock,
    ):
        found = []
        for _ in range(2):
            before = threads.given
            await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
            found.append(threads.given - before)
    assert found == [0, 2]


async def test_reads_json_behind_a_byte_order_mark():
    """Many partners' stacks write one."""
    outcome, _ = await sent(Says(body=b'\xef\xbb\xbf{"error_code":"00"}'))
    assert isinstance(outcome, Delivered)


async def test_a_reply_before_the_request_was_read_is_no_verdict():
    """G5: it cannot speak of what it has not seen."""
    blobs = MemoryBlobs()
    blob = blobs.hold(bytes(12_000_000), name="a.pdf")
    delivery = a_delivery(a_message(blobs=(blob,)))
    clock = FakeClock()
    async with LoopbackPartner(Hurries(says=Says.json(GOOD))) as partner:
        config = a_system(partner.address, auth={"kind": "none"})
        async with opened(config, a_context(clock, blobs=blobs)) as adapter:
            outcome = await adapter.send(delivery, deadline=clock.monotonic() + 5 * TIME)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code in (Why.EARLY_REPLY, Why.RESET)


async def test_a_session_that_expires_is_renewed_once_in_the_same_attempt():
    """The partner refused the session, so it surely has not taken the dossier."""
    door = Door()
    async with talking(Says.json({"error_code": "-2"}), Says.json(GOOD), door=door) as (adapter, partner, clock):
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(outcome, Delivered)
    assert door.logins == 2
    assert [one.json.get("session") for one in partner.seen] == [None, "s1", None, "s2"]


async def test_a_session_that_is_never_good_enough_ends_the_attempt():
    """One refresh, not a loop; the partner is to blame."""
    door = Door()
    outcome, _ = await sent(Says.json({"error_code": "-2"}), door=door)
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame, door.logins) == (Why.CREDENTIALS, Blame.SYSTEM, 2)


async def test_a_session_is_shared_and_asked_for_once():
    """Thirty dossiers at once log in once; after its lifetime once more."""
    door = Door()
    async with talking(Says.json(GOOD), door=door) as (adapter, _, clock):
        deadline = clock.monotonic() + TIME
        outcomes = await asyncio.gather(*(adapter.send(a_delivery(), deadline=deadline) for _ in range(30)))
        assert all(isinstance(outcome, Delivered) for outcome in outcomes)
        assert door.logins == 1
        clock.advance(31 * 60)
        await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
    assert door.logins == 2


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (Says.json({"error_code": "-1", "message": "Sai mật khẩu"}), Why.CREDENTIALS),
        (Says.json({"error_code": "-1", "session": "none that opens anything"}), Why.CREDENTIALS),
        (Says.json({"error_code": "0"}), Why.CREDENTIALS),
        (Says(status=500, body=b"oops"), Why.CREDENTIALS),
        (Says(status=401), Why.CREDENTIALS),
        (Says(status=503, headers={"Retry-After": "9"}), Why.THROTTLED),
    ],
)
async def test_a_login_that_fails_sends_nothing_of_the_dossier(says, why):
    """Whatever becomes of the login, the dossier surely has not been taken."""
    door = Door()
    door.says = says
    outcome, seen = await sent(Says.json(GOOD), door=door)
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame) == (why, Blame.SYSTEM)
    assert [one.path for one in seen] == ["/mapi/login"]
    assert "Sai" not in repr(outcome)


async def test_a_failed_login_is_not_repeated_by_all_who_wait_for_it():
    """A locked account is not hammered."""
    door = Door()
    door.says = Says(status=401)
    async with talking(Says.json(GOOD), door=door) as (adapter, _, clock):
        deadline = clock.monotonic() + TIME
        await asyncio.gather(*(adapter.send(a_delivery(), deadline=deadline) for _ in range(10)))
    assert door.logins == 1


async def test_exists_is_delivered_only_where_we_may_have_sent_it():
    """Model rule 6: «đã tồn tại» answers a delivery in doubt."""
    delivery = a_delivery(in_doubt_since=FakeClock().now())
    outcome, _ = await sent(Says.json(EXISTS), delivery=delivery)
    assert isinstance(outcome, Delivered)
    assert dict(outcome.codes) == {"unit": "GPLX-1"}


async def test_exists_at_the_first_try_is_looked_up():
    """Model rule 6: compared with what the partner shows."""
    outcome, seen = await sent(Says.json(EXISTS), Says.json(GOOD))
    assert isinstance(outcome, Delivered)
    assert seen[-1].method == "GET"
    outcome, _ = await sent(Says.json(EXISTS), Says.json({"error_code": "-1"}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.ALREADY_EXISTS


async def test_exists_at_the_first_try_makes_no_doubt_that_a_resend_would_take_for_a_yes():
    """G5: while the look-up cannot be had the answer stays open; the same words again are still not ours."""
    outcome, _ = await sent(Says.json(EXISTS), Says.json({"error_code": "-1"}, status=500))
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame) == (Why.ALREADY_EXISTS, Blame.MESSAGE)


async def test_exists_says_nothing_about_an_amendment():
    """G5, model rule 6: that it has the dossier is no news; what was amended has surely not been taken."""
    outcome, seen = await sent(Says.json(EXISTS), delivery=a_delivery(a_message("dossier.amended")))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.ALREADY_EXISTS
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says.json(GOOD), Delivered),
        (Says.json({"error_code": "-1"}), Absent),
        (Says.json({"error_code": 0, "result": []}), Unknown),
        (Says.json({"error_code": "-1"}, status=500), Unknown),
        (Says(status=404), Unknown),
        (Says(body=b"<html>"), Unknown),
        (Drops(), Unknown),
    ],
)
async def test_a_lookup_is_final_only_where_the_file_says_so(says, kind):
    """G4: everything but a plain yes or no leaves the doubt."""
    async with talking(says) as (adapter, partner, clock):
        assert adapter.looks_up("dossier.submitted")
        finding = await adapter.lookup(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(finding, kind)
    assert partner.seen[-1].path == f"/ho-so/{CODE}"


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says(status=404, body=b"404 page not found\n", headers={"Content-Type": "text/plain"}), Unknown),
        (Says(status=404, body=b"khong co ho so nay", headers={"Content-Type": "text/plain"}), Absent),
        (Says.json({"message": "không có"}, status=404), Absent),
        (Says(status=404), Absent),
    ],
)
async def test_a_proxys_plain_words_are_no_lookups_no(says, kind):
    """G4: many say in one line of text that they know no such address; what may have arrived would be sent again."""
    absent = 'absent = [{ http = [404] }]\nor_absent = [{ http = [404], contains = ["khong co ho so"] }]'
    text = SYSTEM.replace('absent = [{ path = "error_code", equals = ["-1"] }]', absent)
    async with talking(says, text=text) as (adapter, _, clock):
        finding = await adapter.lookup(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(finding, kind)


async def test_a_kind_without_a_lookup_stays_unknown():
    """The relay turns it into HELD."""
    async with talking(Says.json(GOOD)) as (adapter, _, clock):
        assert not adapter.looks_up("dossier.amended")
        finding = await adapter.lookup(a_delivery(a_message("fee.paid")), deadline=clock.monotonic() + TIME)
    assert isinstance(finding, Unknown)
    assert finding.reason.code is Why.LOOKUP_MISSING


@pytest.mark.parametrize(("code", "path"), [("../a/b?c=d", "/ho-so/..%2Fa%2Fb%3Fc=d"), ("..", None), (".", None)])
async def test_what_is_filled_into_a_path_cannot_leave_it(code, path):
    """Codes may hold slashes, they stay one segment; whatever stands between would take two dots for the way out."""
    async with talking(Says.json(GOOD)) as (adapter, partner, clock):
        await adapter.lookup(a_delivery(codes={"province": code}), deadline=clock.monotonic() + TIME)
    assert [request.path for request in partner.seen] == (["/mapi/login", path] if path else [])


async def test_what_cannot_be_rendered_is_rejected_without_a_call():
    """The reason names both fields; the partner is not asked."""
    unnamed = replace(a_message(), codes=())
    outcome, seen = await sent(Says.json(GOOD), delivery=a_delivery(unnamed, codes={}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.CANNOT_RENDER
    assert "MaHoSo ← code:province: missing" in outcome.reason.detail
    assert seen == []


async def test_an_undeclared_kind_is_rejected():
    """The file has no operation and no pattern for it."""
    outcome, _ = await sent(Says.json(GOOD), delivery=a_delivery(a_message("fee.paid")))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.NO_OPERATION


async def test_files_go_inside_with_their_proven_bytes():
    """Base64 of the stored bytes, checked against their hash before anything is sent."""
    blobs = MemoryBlobs()
    blob = blobs.hold(b"%PDF-1.7 sample", name="đơn.pdf")
    outcome, seen = await sent(Says.json(GOOD), delivery=a_delivery(a_message(blobs=(blob,))), blobs=blobs)
    assert isinstance(outcome, Delivered)
    file = seen[-1].json["data"][0]["TaiLieuNop"][0]
    url = f"http://127.0.0.1:8080/v1/files/{blob.file_id}"
    assert file == {"url": url, "NoiDung": "JVBERi0xLjcgc2FtcGxl"}
    blobs.objects[blob.key] = b"%PDF-1.7 change"
    outcome, seen = await sent(Says.json(GOOD), delivery=a_delivery(a_message(blobs=(blob,))), blobs=blobs)
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame, seen) == (Why.FILE_MISSING, Blame.MESSAGE, [])


class AwayBlobs(MemoryBlobs):
    """A store of files that does not answer now."""

    @asynccontextmanager
    async def open(self, blob):
        raise StoreUnavailable(f"the object store does not answer about {blob.key}")
        yield


async def test_files_that_cannot_be_had_now_cost_no_attempt():
    """An object store that is away is nobody's fault: nothing is sent, and it goes on when it is back."""
    blobs = AwayBlobs()
    delivery = a_delivery(a_message(blobs=(blobs.hold(b"%PDF-1.7 sample", name="a.pdf"),)))
    outcome, seen = await sent(Says.json(GOOD), delivery=delivery, blobs=blobs)
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame, seen) == (Why.FILE_MISSING, Blame.SYSTEM, [])


async def test_files_too_large_to_go_inside_are_rejected():
    """Memory is bounded by `inline_limit`."""
    blobs = MemoryBlobs()
    blob = blobs.hold(bytes(2000), name="a.pdf")
    delivery = a_delivery(a_message(blobs=(blob,)))
    outcome, seen = await sent(Says.json(GOOD), delivery=delivery, blobs=blobs, inline_limit=1000)
    assert isinstance(outcome, Rejected)
    assert (outcome.reason.code, seen) == (Why.CANNOT_RENDER, [])


async def test_a_rehearsal_sends_nothing():
    """Shadow mode: the digest of what would be sent, or why it cannot be."""
    async with talking(Says.json(GOOD)) as (adapter, partner, _):
        rehearsed = await adapter.rehearse(a_delivery())
        again = await adapter.rehearse(a_delivery())
    assert isinstance(rehearsed, Shadowed)
    assert rehearsed.trace.request_digest == again.trace.request_digest != ""
    assert rehearsed.rendered is not None
    assert hashlib.sha256(rehearsed.rendered.body).hexdigest() == rehearsed.trace.request_digest
    assert partner.seen == []


async def test_a_deadline_that_has_passed_sends_nothing():
    """A worker aborts before its lease ends."""
    async with talking(Says.json(GOOD)) as (adapter, partner, clock):
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() - 1)
    assert isinstance(outcome, Retryable)
    assert partner.seen == []


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "basic"}, "Authorization", "Basic c2FtcGxlOnNhbXBsZS1vbmx5"),
        ({"kind": "bearer", "token": "password"}, "Authorization", "Bearer sample-only"),
        ({"kind": "api_key", "key": "password"}, "X-API-Key", "sample-only"),
    ],
)
async def test_fixed_credentials_go_into_their_header(auth, header, value):
    """Basic, bearer and API keys; a 401 cannot be mended by asking again."""
    outcome, seen = await sent(Says.json(GOOD), auth=auth)
    assert isinstance(outcome, Delivered)
    assert seen[0].headers[header] == value
    outcome, seen = await sent(Says(status=401), auth=auth)
    assert isinstance(outcome, Retryable)
    assert len(seen) == 1


async def test_retry_after_of_a_throttling_partner_is_honoured():
    """The relay waits as long as it is asked to."""
    outcome, _ = await sent(Says(status=429, headers={"Retry-After": "120"}))
    assert isinstance(outcome, Retryable)
    assert outcome.retry_after == timedelta(seconds=120)


def test_names_every_problem_of_a_systems_files_at_once():
    """File, key and remedy, before a port is opened."""
    text = (
        SYSTEM.replace('token = "session"', 'token = "a..b"')
        .replace('then = "reject"', 'then = "refuse"')
        .replace('data = "data[]"', 'dta = "data[]"')
        .replace('doubt = "resend"', 'doubt = "lookup"')
        .replace('env:PASS"', 'env:NOT_SET"')
        .replace('path = "/mapi/g"\nmapping = "dossier"\nwrap', 'path = "mapi/g"\nmapping = "amended"\nwrap')
    )
    config = a_system("ftp://ministry.example", text)
    context = a_context(FakeClock(), mapping=MAPPING.replace("code:province", "cod:province"))
    with pytest.raises(ConfigError) as caught:
        build(config, context)
    places = {(problem.file, problem.key) for problem in caught.value.problems}
    assert places >= {
        ("mappings/dossier.toml", "row[0]"),
        ("systems/driver_licence.toml", "options"),
        ("systems/driver_licence.toml", "options.auth"),
        ("systems/driver_licence.toml", "options.outcomes[3].then"),
        ("systems/driver_licence.toml", 'options.operations."dossier.submitted".dta'),
        ("systems/driver_licence.toml", 'options.operations."dossier.amended"'),
        ("systems/driver_licence.toml", 'options.operations."dossier.amended".path'),
        ("systems/driver_licence.toml", "endpoint.sandbox"),
    }
    lookups = [problem.key for problem in caught.value.problems if "no look-up" in problem.text]
    assert lookups == ['options.operations."dossier.amended"']


def test_an_operation_that_can_never_deliver_is_named():
    """No event is of its kind, or no rule says what a yes is: everything would be in doubt, one after the other."""
    misspelt = SYSTEM.replace('operations."dossier.amended"', 'operations."dossier.amendet"')
    with pytest.raises(ConfigError) as caught:
        build(a_system("http://127.0.0.1:1", misspelt), a_context(FakeClock()))
    found = [(one.key, one.remedy) for one in caught.value.problems if "no event is of this kind" in one.text]
    assert found == [('options.operations."dossier.amendet"', "did you mean 'dossier.amended'?")]
    no = re.sub('then = "(delivered|exists|repeated)"', 'then = "retry"', SYSTEM)
    with pytest.raises(ConfigError, match="no rule says `delivered`"):
        build(a_system("http://127.0.0.1:1", no), a_context(FakeClock()))


def test_an_unknown_adapter_is_named_with_what_there_is():
    """The operator learns where to put one."""
    config = a_system("http://127.0.0.1:1", SYSTEM.replace('adapter = "rest"', 'adapter = "land_office"'))
    with pytest.raises(ConfigError, match=r"adapters/land_office/adapter\.py"):
        build(config, a_context(FakeClock()))
