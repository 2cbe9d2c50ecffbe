"""What a relay answers where a capability is switched off: 501, before anything else is looked at."""

from relay import Skip, check, recompute

ROUTES = {
    "content": [("GET", "/content/a/blob"), ("GET", "/content/a/blob/b"), ("PUT", "/content/a/blob/b"), ("HEAD", "/content/a/blob")],
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
    assert relay.get("/proof/v1/content/" + "2" * 31).status == 404
    head = relay.get(f"/proof/v1/identities/{did}").json["headCID"]
    assert relay.get(f"/proof/v1/operations/{head}").status == 200


@check("operations and revocations are taken whatever else is switched off")
def still_written(relay):
    if not relay.well_known["capabilities"]["write"]:
        raise Skip("write")
    issuer = relay.identity()
    content = relay.content(issuer)
    credential = issuer.credential("*", content.resource, "read")
    relay.take(credential, issuer.revocation(credential))
    if relay.well_known["capabilities"]["content"]:
        stored = relay.stored(issuer)
        assert relay.get_blob(stored.id, issuer).body == stored.bytes


@check("identities that were here before are what their operations say, whatever is switched off")
def recomputed(relay):
    dids = {relay.did}
    if relay.well_known["capabilities"]["log"]:
        entries = relay.walk("/proof/v1/log", "entries", limit=1000)
        dids |= {entry["chainId"] for entry in entries if entry["kind"] == "identity-op"}
    for did in sorted(dids):
        recompute(relay, did)
