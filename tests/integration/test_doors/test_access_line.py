"""One line per request, with nothing of what was sent."""

from structlog.testing import capture_logs


async def test_a_code_of_digits_is_shown_once_it_is_a_dossiers(gate, body):
    """G9: what a caller only gave for a code may be a citizen's number; what was accepted under it is a dossier."""
    code = "014089001234"
    with capture_logs() as lines:
        assert (await gate.get(f"/v1/dossiers/{code}")).status == 404
        assert (await gate.post("/v1/dossiers", {**body(code), "colour": "red"})).status == 422
        assert (await gate.post("/v1/dossiers", body(code))).status == 202
    *refused, accepted = [line["dossier"] for line in lines if line["event"] == "request"]
    assert code not in refused
    assert accepted == code


async def test_each_request_leaves_one_line_without_content(gate, body):
    """G9: who, what, how long, which dossier and messages; no body, no name, no key."""
    with capture_logs() as lines:
        reply = await gate.post("/v1/dossiers", body(), headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        await gate.get("/v1/dossiers/H01-1?secret=1", who=None)
    first, second = [line for line in lines if line["event"] == "request"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/dossiers", 202)
    assert (first["caller"], first["dossier"]) == ("portal", "H01-1")
    assert first["message_ids"] == reply.json["message_id"]
    assert first["trace_id"] == "a" * 32 == reply.headers["X-Request-Id"]
    assert (second["path"], second["status"], second["caller"]) == ("/v1/dossiers/{code}", 401, "")
    assert "Mẫu" not in str(lines)
    assert "secret" not in str(lines)
    assert gate.keys["portal"] not in str(lines)
