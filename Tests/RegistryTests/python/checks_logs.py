"""Logs, pages, bodies, and what every answer carries."""

import json

from dfos import Identity
from relay import check


@check("the global log has the relay's own operations first, each row whole")
def global_log(relay):
    entries = relay.walk("/proof/v1/log", "entries", limit=1000)
    assert len(entries) >= 2 and all(set(e) == {"cid", "jwsToken", "kind", "chainId"} for e in entries)
    assert entries[0]["kind"] == "identity-op" and entries[0]["chainId"] == relay.did
    assert entries[1]["kind"] == "artifact" and entries[1]["jwsToken"] == relay.well_known["profile"]
    assert len({entry["cid"] for entry in entries}) == len(entries)


@check("the global log is paged without gap or repetition, and ends")
def global_pages(relay):
    relay.take(*[Identity().token for _ in range(3)])
    one = relay.get("/proof/v1/log", {"limit": 2}).json
    two = relay.get("/proof/v1/log", {"limit": 2, "after": one["next"]}).json
    assert not {e["cid"] for e in one["entries"]} & {e["cid"] for e in two["entries"]}
    pages = relay.walk("/proof/v1/log", "entries", limit=7)
    whole = relay.walk("/proof/v1/log", "entries", limit=1000)
    assert [e["cid"] for e in pages] == [e["cid"] for e in whole[: len(pages)]]
    last = relay.get("/proof/v1/log", {"after": whole[-1]["cid"], "limit": 1000}).json
    assert last["next"] is None


@check("an unknown cursor of a log is 400")
def unknown_cursor(relay):
    made = relay.identity()
    content = relay.content(made)
    for path in (
        "/proof/v1/log", f"/proof/v1/identities/{made.did}/log", f"/proof/v1/content/{content.id}/log",
    ):
        for after in ("bafyunknown", relay.well_known["stats"]["headCid"] + "x"):
            assert relay.get(path, {"after": after}).status == 400
    assert relay.get(f"/proof/v1/identities/{made.did}/log", {"after": content.genesis}).status == 400


@check("an identity's log is paged: a full page has a next, the page after the last is empty")
def identity_pages(relay):
    made = relay.identity()
    relay.take(made.update(), made.update())
    path = f"/proof/v1/identities/{made.did}/log"
    whole = relay.get(path).json
    assert len(whole["entries"]) == 3 and whole["next"] is None and "cursor" not in whole
    assert all(set(entry) == {"cid", "jwsToken"} for entry in whole["entries"])
    assert [e["cid"] for e in relay.walk(path, "entries")] == [e["cid"] for e in whole["entries"]]
    full = relay.get(path, {"limit": 3}).json
    assert full["next"] == full["entries"][-1]["cid"]
    beyond = relay.get(path, {"limit": 3, "after": full["next"]}).json
    assert beyond == {"entries": [], "next": None}


@check("an empty cursor is none")
def empty_cursor(relay):
    assert relay.get("/proof/v1/log?after=&limit=1").json["entries"][0]["chainId"] == relay.did


@check("a limit that is no positive integer is the default, one too large is the maximum")
def limits(relay):
    for text in ("0", "-5", "abc", "1.5", "", "%2B5", "99999999999999999999999"):
        answer = relay.get("/proof/v1/log?limit=" + text)
        assert answer.status == 200
        if not text.startswith("9"):
            assert len(answer.json["entries"]) <= 100


@check("a content chain's log is served, an unknown chain's is 404")
def content_log(relay):
    content = relay.content(relay.identity())
    relay.take(content.update(content.genesis, {"t": 1})[0])
    entries = relay.walk(f"/proof/v1/content/{content.id}/log", "entries")
    assert [entry["cid"] for entry in entries][0] == content.genesis and len(entries) == 2
    assert relay.get("/proof/v1/content/" + "2" * 31 + "/log").status == 404
    assert relay.get("/proof/v1/identities/did:dfos:" + "2" * 31 + "/log").status == 404


@check("the log has every kind, each under its chain")
def all_kinds(relay):
    author, witness = relay.identity(), relay.identity()
    content = relay.content(author)
    artifact, _ = author.artifact()
    countersign, _ = witness.countersign(content.genesis)
    credential = author.credential("*", content.resource, "read")
    revocation = author.revocation(credential)
    relay.take(artifact, countersign, credential, revocation)
    by_token = {entry["jwsToken"]: entry for entry in relay.walk("/proof/v1/log", "entries", limit=1000)}
    for token, kind, chain in (
        (author.token, "identity-op", author.did), (content.token, "content-op", content.id),
        (artifact, "artifact", author.did), (countersign, "countersign", content.genesis),
        (credential, "credential", author.did), (revocation, "revocation", author.did),
    ):
        assert (by_token[token]["kind"], by_token[token]["chainId"]) == (kind, chain)


@check("a log read to its end goes on where it ended")
def continuation(relay):
    last = relay.walk("/proof/v1/log", "entries", limit=1000)[-1]["cid"]
    made = relay.identity()
    page = relay.get("/proof/v1/log", {"after": last}).json
    assert [entry["cid"] for entry in page["entries"]] == [made.genesis]


@check("bodies that are no batch are 400")
def bad_bodies(relay):
    for body in (
        b"not json", b"", b"[]", b"{}", b'{"operations":[]}', b'{"operations":"x"}', b'{"operations":[1]}',
        b'{"operations":["a"],"operations":["b"]}', b"\xff\xfe", b'{"operations":["a"]} trailing',
    ):
        answer = relay.request("POST", "/proof/v1/operations", body, {"Content-Type": "application/json"})
        assert answer.status == 400 and isinstance(answer.json["error"], str), (body, answer)


@check("a batch of 100 is taken whole, one of 101 is 400")
def batch_bound(relay):
    assert relay.post_json("/proof/v1/operations", {"operations": ["x"] * 101}).status == 400
    assert len(relay.post(*["x"] * 100)) == 100


@check("the content type of a batch does not matter")
def content_type(relay):
    body = json.dumps({"operations": ["x"]}).encode()
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/jose"}):
        assert relay.request("POST", "/proof/v1/operations", body, headers).status == 200


@check("a body over 16 MiB is 413, in the relay's own words")
def too_large(relay):
    body = b'{"operations":["' + b"a" * (16 * 1024 * 1024) + b'"]}'
    answer = relay.request("POST", "/proof/v1/operations", body, {"Content-Type": "application/json"})
    assert answer.status == 413 and answer.json["error"], answer
    assert answer.headers["access-control-allow-origin"] == "*"


@check("a body just under 16 MiB is read")
def not_too_large(relay):
    body = b'{"operations":["' + b"a" * (15 * 1024 * 1024) + b'"]}'
    answer = relay.request("POST", "/proof/v1/operations", body, {"Content-Type": "application/json"})
    assert answer.status == 200 and answer.json["results"][0]["status"] == "rejected", answer


@check("every answer may be read by any web page, refusals and unknown paths too")
def cors(relay):
    for method, path in (
        ("GET", "/.well-known/dfos-relay"), ("GET", "/proof/v1/identities/nothing"), ("GET", "/proof/v1/nothing"),
        ("DELETE", "/proof/v1/log"), ("POST", "/proof/v1/operations"), ("GET", "/content/x/blob"),
        ("GET", "/index/v0/content?creator=x"), ("GET", "/signing/v0/requests"), ("GET", "/1.0/identifiers/x"),
        ("GET", "/revocations/v1/credential/x"),
    ):
        answer = relay.request(method, path, b"" if method == "POST" else None)
        assert answer.headers.get("access-control-allow-origin") == "*", (path, answer)
        assert answer.headers["access-control-allow-methods"] == "GET, POST, PUT, OPTIONS"
        allowed = answer.headers["access-control-allow-headers"]
        assert "Content-Type" in allowed and "Authorization" in allowed
        if answer.status >= 400 and not path.startswith("/1.0"):
            assert list(answer.json) == ["error"] and answer.json["error"], (path, answer)


@check("OPTIONS is 204 on every path")
def options(relay):
    for path in ("/proof/v1/operations", "/proof/v1/log", "/content/a/blob/b", "/signing/v0/requests", "/proof/v1/no"):
        answer = relay.request("OPTIONS", path)
        assert answer.status == 204 and not answer.body
        assert answer.headers["access-control-allow-methods"] == "GET, POST, PUT, OPTIONS"


@check("HEAD answers as GET without a body")
def head(relay):
    answer = relay.request("HEAD", "/.well-known/dfos-relay")
    assert answer.status == 200 and not answer.body


@check("names with NUL and other odd characters harm nothing")
def odd_characters(relay):
    made = Identity(services=[{"id": "a\0b", "type": "Odd\u0001\0", "x": "\u2028\U0001F600"}])
    relay.take(made.token)
    answer = relay.get(f"/proof/v1/identities/{made.did}")
    assert answer.json["state"]["services"][0]["id"] == "a\0b"
    token, name = made.artifact({"$schema": "s\0\u0001\u0031", "x": "é e\u0301"})
    relay.take(token)
    if relay.well_known["capabilities"]["index"]:
        rows = relay.walk("/index/v0/artifacts", "artifacts", {"signer": made.did})
        assert rows[0]["docSchema"] == "s\0\u0001\u0031"
    for path in ("/proof/v1/operations/a%00b", "/proof/v1/identities/a%00b", "/proof/v1/content/a%00b/log"):
        assert relay.get(path).status == 404
    assert relay.get("/proof/v1/log?after=a%00b").status == 400
