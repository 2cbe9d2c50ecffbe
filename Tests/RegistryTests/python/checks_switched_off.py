"""What a relay answers where a capability is switched off: 501, before anything else is looked at."""

from dfos import read
from relay import check, recompute

ROUTES = {
    "content": [
        ("GET", "/content/a/blob"), ("GET", "/content/a/blob/b"), ("PUT", "/content/a/blob/b"),
        ("HEAD", "/content/a/blob"), ("HEAD", "/content/a/blob/b")],
    "index": [("GET", "/index/v0/" + family) for family in (
        "identities", "content", "credits", "artifacts", "countersignatures", "credentials", "operations")],
    "revocations": [("GET", "/revocations/v1/credential/x"), ("GET", "/revocations/v1/issuer/x")],
    "signing": [
        ("POST", "/signing/v0/requests"), ("GET", "/signing/v0/requests"), ("POST", "/signing/v0/requests/x/response"),
        ("GET", "/signing/v0/requests/x/response"), ("POST", "/signing/v0/requests/x/decline")],
    "log": [("GET", "/proof/v1/log")],
    "write": [("POST", "/proof/v1/operations"), ("PUT", "/content/a/blob/b")],
}


@check("what is switched off is 501 on every route, and nothing else is")
def switched_off(relay):
    capabilities = relay.well_known["capabilities"]
    off = {name for name in ROUTES if not capabilities[name]}
    for name, routes in ROUTES.items():
        for method, path in routes:
            answer = relay.request(method, path, b"not json" if method in ("POST", "PUT") else None)
            is_off = name in off or (path.startswith("/content") and "content" in off)
            is_off = is_off or (method == "PUT" and "write" in off)
            assert (answer.status == 501) == is_off, (method, path, answer)
            if is_off and method != "HEAD":
                assert list(answer.json) == ["error"]


@check("the proof plane serves whatever is switched off")
def proof_plane(relay):
    did = relay.did
    for path in (f"/proof/v1/identities/{did}", f"/proof/v1/identities/{did}/log", f"/1.0/identifiers/{did}"):
        assert relay.get(path).status == 200
    for path in ("/proof/v1/content/" + "2" * 31, "/proof/v1/content/" + "2" * 31 + "/log"):
        assert relay.get(path).status == 404
    head = relay.get(f"/proof/v1/identities/{did}").json["headCID"]
    assert relay.get(f"/proof/v1/operations/{head}").status == 200
    assert relay.get(f"/proof/v1/countersignatures/{head}").json == {"countersignatures": [], "next": None}


@check("the relay's own identity and profile are what they were signed as, whatever is switched off")
def own_identity(relay):
    recompute(relay, relay.did)
    profile = read(relay.well_known["profile"])[0]["cid"]
    answer = relay.get(f"/proof/v1/operations/{profile}")
    assert answer.status == 200 and answer.json["jwsToken"] == relay.well_known["profile"]


@check("whatever identity the log names is what its operations say, though nothing can be written")
def seeded(relay):
    relay.needs("log")
    entries = relay.walk("/proof/v1/log", "entries", limit=1000)
    dids = {entry["chainId"] for entry in entries if entry["kind"] == "identity-op"}
    assert relay.did in dids
    for did in sorted(dids)[-20:]:
        recompute(relay, did)


@check("documents are put and read whatever else is switched off")
def still_stored(relay):
    relay.needs("content")
    relay.needs("write")
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    assert relay.get_blob(content.id, creator).body == content.bytes
    credential = creator.credential(reader, content.resource, "read")
    assert relay.get_blob(content.id, reader, credential=credential).body == content.bytes
    assert relay.get_blob(content.id, reader).status == 403


@check("operations and revocations are taken whatever else is switched off")
def still_written(relay):
    relay.needs("write")
    issuer = relay.identity()
    content = relay.content(issuer)
    credential = issuer.credential("*", content.resource, "read")
    relay.take(credential, issuer.revocation(credential))
