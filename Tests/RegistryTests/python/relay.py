"""A relay under test over HTTP, and the register of checks."""

import http.client
import json
import urllib.parse

from dfos import Content, Identity, cid, cid_bytes, identifier, read, verify

CHECKS = []


class Skip(Exception):
    """The check does not apply to this relay."""


def check(sentence):
    """Registers a check; its name is a sentence."""

    def register(function):
        CHECKS.append((sentence, function))
        return function

    return register


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Relay:
    """One relay at a base URL. Every call is a connection of its own: nothing is kept between checks."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        parts = urllib.parse.urlsplit(self.base)
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, self.path + path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, query=None, headers=None):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.request("GET", path, headers=headers)

    def post_json(self, path, value):
        return self.request("POST", path, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def post(self, *tokens):
        """The results of a batch."""
        answer = self.post_json("/proof/v1/operations", {"operations": list(tokens)})
        assert answer.status == 200, answer
        results = answer.json["results"]
        assert len(results) == len(tokens)
        return results

    def take(self, *tokens):
        """Posts operations that must all be new."""
        results = self.post(*tokens)
        for result in results:
            assert result["status"] == "new", result
        return results

    def refuse(self, token, text=""):
        """Posts one operation that must be refused; returns the result."""
        result = self.post(token)[0]
        assert result["status"] == "rejected" and result.get("error"), result
        assert text in result["error"], result
        return result

    @property
    def well_known(self):
        answer = self.get("/.well-known/dfos-relay")
        assert answer.status == 200, answer
        return answer.json

    @property
    def did(self):
        return self.well_known["did"]

    def needs(self, capability):
        if not self.well_known["capabilities"][capability]:
            raise Skip(capability)

    def identity(self, **fields):
        made = Identity(**fields)
        self.take(made.token)
        return made

    def content(self, creator, document=None):
        made = Content(creator, document)
        self.take(made.token)
        return made

    def bearer(self, identity, **fields):
        return {"Authorization": "Bearer " + identity.auth_token(self.did, **fields)}

    def put_blob(self, content_id, operation, identity, body, **fields):
        headers = self.bearer(identity, **fields) if identity else {}
        headers["Content-Type"] = "application/octet-stream"
        return self.request("PUT", f"/content/{content_id}/blob/{operation}", body, headers)

    def get_blob(self, content_id, identity=None, ref=None, credential=None, **fields):
        headers = self.bearer(identity, **fields) if identity else {}
        if credential:
            headers["X-Credential"] = credential
        return self.get(f"/content/{content_id}/blob" + (f"/{ref}" if ref else ""), headers=headers)

    def stored(self, creator, document=None):
        """A content chain with its document uploaded."""
        content = self.content(creator, document)
        answer = self.put_blob(content.id, content.genesis, creator, content.bytes)
        assert answer.status == 200, answer
        return content

    def walk(self, path, member, query=None, limit=1, bound=5000):
        """Every row of a list, page by page."""
        rows, after = [], None
        for _ in range(bound):
            page = dict(query or {}, limit=limit)
            if after:
                page["after"] = after
            answer = self.get(path, page)
            assert answer.status == 200, answer
            body = answer.json
            assert "next" in body and "cursor" not in body, body.keys()
            rows += body[member]
            if body["next"] is None:
                return rows
            after = body["next"]
        raise AssertionError("the list does not end")


def recompute(relay, did):
    """Derives an identity from the log that the relay serves, and compares with the state that it serves."""
    entries = relay.walk(f"/proof/v1/identities/{did}/log", "entries", limit=100)
    keys, previous, deleted, last = {}, None, False, ""
    for index, entry in enumerate(entries):
        header, payload = read(entry["jwsToken"])
        assert header["cid"] == cid(payload) == entry["cid"]
        if index == 0:
            assert "did:dfos:" + identifier(cid_bytes(payload)) == did
            controllers = payload["controllerKeys"]
        else:
            assert payload["previousOperationCID"] == previous and payload["createdAt"] > last
            assert header["kid"].split("#", 1)[0] == did
        by_id = {key["id"]: key["publicKeyMultibase"] for key in controllers}
        verify(entry["jwsToken"], by_id[header["kid"].split("#", 1)[-1]])
        if payload["type"] in ("create", "update"):
            keys, controllers = payload, payload["controllerKeys"]
        deleted = {"delete": True, "restore": False}.get(payload["type"], deleted)
        previous, last = entry["cid"], payload["createdAt"]
    answer = relay.get(f"/proof/v1/identities/{did}")
    assert answer.status == 200, answer
    body = answer.json
    assert body["headCID"] == previous and body["state"]["did"] == did and body["state"]["isDeleted"] == deleted
    for role in ("authKeys", "assertKeys", "controllerKeys"):
        assert body["state"][role] == keys[role]
    head = relay.get(f"/proof/v1/operations/{previous}")
    assert head.status == 200 and head.json["cid"] == previous
    return body


def denied(answer):
    assert answer.status in (401, 403), answer


def not_ok(answer):
    assert answer.status != 200, answer
