"""What was revoked, over the frozen routes."""

from dfos import cid, read, verify
from relay import check


def revoked(relay, issuer, resource="chain:someContentId", audience="did:dfos:" + "2" * 31):
    relay.needs("revocations")
    credential = issuer.credential(audience, resource, "read")
    token = issuer.revocation(credential)
    relay.post(credential, token)
    return read(credential)[0]["cid"], token


@check("a revoked credential is answered with the revocation itself")
def status(relay):
    issuer = relay.identity()
    name, token = revoked(relay, issuer)
    answer = relay.get(f"/revocations/v1/credential/{name}")
    assert answer.status == 200 and answer.json == {"credentialCID": name, "revoked": True, "revocation": token}
    header, payload = read(answer.json["revocation"])
    assert header["typ"] == "did:dfos:revocation" and header["kid"].split("#")[0] == payload["did"] == issuer.did
    assert payload["credentialCID"] == name and header["cid"] == cid(payload)
    verify(token, issuer.auth.multikey["publicKeyMultibase"])


@check("a credential that nobody revoked is answered so, whether or not it is known")
def unknown(relay):
    relay.needs("revocations")
    name = "bafyrei" + "a" * 52
    assert relay.get(f"/revocations/v1/credential/{name}").json == {"credentialCID": name, "revoked": False}


@check("what is no credential's CID is 400")
def malformed(relay):
    relay.needs("revocations")
    for text in ("not-a-cid", "bafkrei" + "a" * 52, "bafyrei" + "a" * 51, "BAFYREI" + "A" * 52):
        assert relay.get(f"/revocations/v1/credential/{text}").status == 400


@check("an issuer's revocations are listed")
def issuer_list(relay):
    issuer = relay.identity()
    name, token = revoked(relay, issuer)
    answer = relay.get(f"/revocations/v1/issuer/{issuer.did}")
    assert answer.json == {
        "did": issuer.did, "revocations": [{"credentialCID": name, "revocation": token}], "next": None}


@check("an issuer's revocations are paged by credential, from any key on")
def issuer_pages(relay):
    issuer = relay.identity()
    names = sorted(revoked(relay, issuer, f"chain:page{index}")[0] for index in range(3))
    path = f"/revocations/v1/issuer/{issuer.did}"
    first = relay.get(path, {"limit": 2}).json
    assert [row["credentialCID"] for row in first["revocations"]] == names[:2] and first["next"] == names[1]
    second = relay.get(path, {"limit": 2, "after": first["next"]}).json
    assert [row["credentialCID"] for row in second["revocations"]] == names[2:] and second["next"] is None
    answer = relay.get(path, {"after": "bafyunknown"})
    assert answer.status == 200 and answer.json["revocations"] == [] and answer.json["next"] is None


@check("an issuer without revocations has an empty list, a malformed one is 400")
def issuer_none(relay):
    relay.needs("revocations")
    issuer = relay.identity()
    assert relay.get(f"/revocations/v1/issuer/{issuer.did}").json["revocations"] == []
    assert relay.get("/revocations/v1/issuer/did:dfos:tooshort").status == 400


@check("of two revocations of one credential by its issuer the earlier-dated is shown, both are in the log")
def twice(relay):
    relay.needs("revocations")
    issuer = relay.identity()
    credential = issuer.credential("*", "chain:*", "read")
    early, late = issuer.revocation(credential), issuer.revocation(credential)
    relay.take(credential, late)
    relay.take(early)
    name = read(credential)[0]["cid"]
    assert relay.get(f"/revocations/v1/credential/{name}").json["revocation"] == early
    assert len(relay.get(f"/revocations/v1/issuer/{issuer.did}").json["revocations"]) == 1
