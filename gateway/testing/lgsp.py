"""A provincial LGSP on loopback, as WSO2 API Manager behaves, with the HTTP adapter of a security server beside it.

Tokens by client credentials, APIs below ``/{name}/{version}``, and faults of its own in JSON or in XML.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal
from xml.sax.saxutils import escape

from aiohttp import ClientError, web

from gateway.testing.loopback import Loopback, without_hops

FORWARD = "/XrdAdapter/RestService/forward"
#: How it writes its faults: JSON or XML up to version 3, JSON without a table round it from 4.0 on.
Faults = Literal["json", "xml", "bare json"]
_REPORT = "Status report"
_PARTS = 3  #: "", name, version
_FAULTS: Mapping[int, tuple[int, str]] = {
    404: (404, "The requested resource is not available."),
    900800: (429, "Message throttled out"),
    900901: (401, "Invalid Credentials"),
    900902: (401, "Missing Credentials"),
    900906: (404, "No matching resource found for given API Request"),
    900908: (403, "Resource forbidden"),
    101503: (500, "Error connecting to the back end"),
    101504: (504, "Connection timed out"),
    101505: (500, "Connection closed"),
    303001: (503, "Currently, Address endpoint : [ is in suspended state"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Whom it gives tokens to."""

    key: str
    secret: str = field(repr=False)
    access: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  #: ``lgspaccesstoken``, if wanted


class LgspBus(Loopback):
    """Passes calls on to the partners behind it, for those who show a token that stands."""

    def __init__(
        self,
        client: Client,
        apis: Mapping[str, str],
        *,
        destinations: Mapping[str, str] | None = None,
        faults: Faults = "json",
    ) -> None:
        """``apis``: ``/name/version`` to a partner's address; ``destinations``: ``dstcode`` to one."""
        super().__init__()
        self._client = client
        self._apis = apis
        self._destinations = destinations or {}
        self._faults: Faults = faults
        self._fails: int | None = None
        self.tokens: set[str] = set()
        self.logins = 0

    def fail(self, code: int | None) -> None:
        """Answer every call to an API with this fault from now on; None: be well again."""
        self._fails = code

    def forget(self) -> None:
        """Let no token stand any more."""
        self.tokens.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the answer to one request."""
        if request.path == "/token":
            return await self._token(request)
        if request.path.startswith(FORWARD + "/"):
            return await self._forward(request)
        return await self._api(request)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        pair = f"{self._client.key}:{self._client.secret}".encode()
        basic = request.headers.get("Authorization", "") == "Basic " + base64.b64encode(pair).decode()
        in_form = (form.get("client_id"), form.get("client_secret")) == (self._client.key, self._client.secret)
        self.logins += 1
        if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
            return web.json_response({"error": "invalid_request"}, status=400)
        if not (basic or in_form) or not self._has_access(request):
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        token = uuid.uuid4().hex
        self.tokens.add(token)
        granted = {"access_token": token, "scope": "default", "token_type": "Bearer", "expires_in": 3600}
        return web.json_response(granted)

    def _has_access(self, request: web.Request) -> bool:
        """Whether ``lgspaccesstoken`` is shown where it is wanted: base64 of JSON."""
        if not self._client.access:
            return True
        try:
            shown = json.loads(base64.b64decode(request.headers.get("lgspaccesstoken", ""), validate=True))
        except ValueError:
            return False
        return bool(shown == self._client.access)

    async def _api(self, request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "")
        if not shown.startswith("Bearer "):
            return self._fault(900902)
        if shown.removeprefix("Bearer ") not in self.tokens or not self._has_access(request):
            return self._fault(900901)
        name = "/".join(request.path.split("/")[:_PARTS])
        if name not in self._apis:
            return self._fault(900906)
        if self._fails is not None:
            return self._fault(self._fails)
        return await self._passed(request, self._apis[name] + request.raw_path.removeprefix(name))

    async def _forward(self, request: web.Request) -> web.Response:
        code = request.query.get("dstcode", request.headers.get("dstcode", ""))
        if code not in self._destinations:
            return web.json_response({"error_code": "-1", "message": "dstcode"}, status=400)
        path = request.raw_path.removeprefix(FORWARD).partition("?")[0]
        return await self._passed(request, self._destinations[code] + path)

    async def _passed(self, request: web.Request, url: str) -> web.Response:
        headers = {name: text for name, text in without_hops(request.headers).items() if name != "Authorization"}
        try:
            passed = await self.pass_on(request, url, await request.read(), headers)
        except ClientError:
            return self._fault(101503)
        return web.Response(status=passed.status, body=passed.body, headers=passed.headers)

    def _fault(self, code: int) -> web.Response:
        status, message = _FAULTS[code]
        words = HTTPStatus(status).phrase
        if self._faults == "xml":
            inner = f"<am:code>{code}</am:code><am:type>{_REPORT}</am:type><am:message>{escape(message)}</am:message>"
            text = f'<am:fault xmlns:am="http://wso2.org/apimanager">{inner}<am:description>{words}</am:description></am:fault>'
            return web.Response(status=status, text=text, content_type="application/xml")
        if self._faults == "bare json":
            bare = {"code": str(code), "type": _REPORT, "message": message, "description": words}
            return web.json_response(bare, status=status)
        fault = {"code": code, "type": _REPORT, "message": message, "description": words}
        return web.json_response({"fault": fault}, status=status)
