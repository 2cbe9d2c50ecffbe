"""Artifacts, countersignatures, and which keys may sign them."""

import json

from dfos import Clock, Content, Identity, Key, base64url, cid, encode, jws, read, sign, unbase64url
from relay import check

NOT_CURRENT = "signing key is not in the identity's current state"


@check("an artifact is taken and found by its CID")
def artifact(relay):
    author = relay.identity()
    token, name = author.artifact()
    result = relay.take(token)[0]
    assert result["kind"] == "artifact" and result["cid"] == name and result["chainId"] == author.did
    answer = relay.get(f"/proof/v1/operations/{name}")
    assert answer.status == 200 and answer.json["jwsToken"] == token and answer.json["chainType"] == "artifact"
    assert relay.post(token)[0]["status"] == "duplicate"


@check("an artifact of an unknown identity is refused")
def artifact_unknown(relay):
    relay.refuse(Identity().artifact()[0], "unknown identity")


@check("an artifact of a deleted identity is refused")
def artifact_deleted(relay):
    author = relay.identity()
    relay.take(author.step("delete"))
    relay.refuse(author.artifact()[0])


@check("an artifact comes in one batch with its identity, in any order")
def artifact_batch(relay):
    author = Identity()
    token, _ = author.artifact()
    results = relay.post(token, author.token)
    assert [result["status"] for result in results] == ["new", "new"]


@check("an artifact over 16 KiB is refused, one just under is taken")
def artifact_size(relay):
    author = relay.identity()
    relay.refuse(author.artifact({"$schema": "x", "text": "a" * 16_500})[0])
    relay.take(author.artifact({"$schema": "x", "text": "a" * 15_900})[0])


@check("an artifact without a schema is refused")
def artifact_schema(relay):
    relay.refuse(relay.identity().artifact({"text": "no schema"})[0])


@check("a countersignature is served as a row of cid and token, and nothing else")
def countersign(relay):
    content, witness = relay.content(relay.identity()), relay.identity()
    token, name = witness.countersign(content.genesis)
    assert relay.take(token)[0]["chainId"] == content.genesis
    answer = relay.get(f"/proof/v1/countersignatures/{content.genesis}")
    assert answer.status == 200
    assert answer.json == {"countersignatures": [{"cid": name, "jwsToken": token}], "next": None}


@check("a witness has one countersignature under a target, whatever the relation")
def countersign_once(relay):
    content, witness = relay.content(relay.identity()), relay.identity()
    token, _ = witness.countersign(content.genesis)
    second, other = witness.countersign(content.genesis, relation="endorses")
    assert [r["status"] for r in relay.post(token, token)] == ["new", "duplicate"]
    assert relay.post(token)[0]["status"] == "duplicate"
    assert relay.post(second)[0]["status"] == "duplicate"
    rows = relay.walk(f"/proof/v1/countersignatures/{content.genesis}", "countersignatures")
    assert [row["jwsToken"] for row in rows] == [token]
    assert relay.get(f"/proof/v1/operations/{other}").status == 404


@check("several witnesses are listed by CID, page by page")
def countersign_pages(relay):
    content = relay.content(relay.identity())
    names = []
    for _ in range(3):
        token, name = relay.identity().countersign(content.genesis)
        relay.take(token)
        names.append(name)
    path = f"/proof/v1/countersignatures/{content.genesis}"
    first = relay.get(path, {"limit": 2}).json
    assert [row["cid"] for row in first["countersignatures"]] == sorted(names)[:2]
    assert first["next"] == sorted(names)[1]
    second = relay.get(path, {"limit": 2, "after": first["next"]}).json
    assert [row["cid"] for row in second["countersignatures"]] == sorted(names)[2:] and second["next"] is None
    between = relay.get(path, {"after": sorted(names)[0] + "a"}).json["countersignatures"]
    assert [row["cid"] for row in between] == sorted(names)[1:]


@check("a known operation without countersignatures has an empty list, an unknown one is 404")
def countersign_empty(relay):
    content = relay.content(relay.identity())
    answer = relay.get(f"/proof/v1/countersignatures/{content.genesis}")
    assert answer.status == 200 and answer.json == {"countersignatures": [], "next": None}
    assert relay.get("/proof/v1/countersignatures/" + cid({"nobody": 1})).status == 404


@check("a countersignature under an unknown operation is refused, and waits for it")
def countersign_unknown(relay):
    author, witness = relay.identity(), relay.identity()
    artifact, name = author.artifact()
    token, _ = witness.countersign(name)
    assert relay.refuse(token, "unknown target")["dependencyMissing"] is True
    relay.take(artifact)
    rows = relay.walk(f"/proof/v1/countersignatures/{name}", "countersignatures")
    assert [row["jwsToken"] for row in rows] == [token]


@check("nobody countersigns an operation of their own")
def countersign_self(relay):
    author = relay.identity()
    content = relay.content(author)
    result = relay.refuse(author.countersign(content.genesis)[0])
    assert result["error"] == "witness DID must differ from target author DID"
    relay.refuse(author.countersign(author.genesis)[0], "witness DID must differ")


@check("a countersignature keeps its relation")
def countersign_relation(relay):
    content, witness = relay.content(relay.identity()), relay.identity()
    relay.take(witness.countersign(content.genesis, relation="witnessed")[0])
    rows = relay.walk(f"/proof/v1/countersignatures/{content.genesis}", "countersignatures")
    assert read(rows[0]["jwsToken"])[1]["relation"] == "witnessed"


@check("a relation of nothing or of 65 bytes is refused")
def countersign_relation_bounds(relay):
    content, witness = relay.content(relay.identity()), relay.identity()
    relay.refuse(witness.countersign(content.genesis, relation="")[0])
    relay.refuse(witness.countersign(content.genesis, relation="r" * 65)[0])
    relay.take(witness.countersign(content.genesis, relation="r" * 64)[0])


@check("a deleted witness is refused, a deleted author's operation may be countersigned")
def countersign_deleted(relay):
    author, witness, gone = relay.identity(), relay.identity(), relay.identity()
    token, name = author.artifact()
    relay.take(token)
    relay.take(gone.step("delete"), author.step("delete"))
    relay.refuse(gone.countersign(name)[0])
    relay.take(witness.countersign(name)[0])


@check("a countersignature may be countersigned")
def countersign_countersign(relay):
    author, witness = relay.identity(), relay.identity()
    token, name = author.artifact()
    first, first_name = witness.countersign(name)
    relay.take(token, first)
    relay.take(author.countersign(first_name)[0])


@check("what is new and signed with a key that was replaced is refused at the door")
def fresh_rotated(relay):
    author, target = relay.identity(), relay.content(relay.identity())
    content = relay.content(author)
    token, old = author.rotate()
    relay.take(token)
    for stale in (
        author.artifact(key=old)[0], author.countersign(target.genesis, key=old)[0],
        content.update(content.genesis, {"t": 1}, key=old)[0],
    ):
        assert "dependencyMissing" not in relay.refuse(stale, NOT_CURRENT)
    relay.take(author.artifact()[0], author.countersign(target.genesis)[0])
    relay.take(content.update(content.genesis, {"t": 1})[0])


@check("what was taken stays when its key is replaced")
def committed_survives(relay):
    author = relay.identity()
    content = relay.content(author)
    target = relay.content(relay.identity())
    token, name = author.artifact()
    witnessed, witnessed_name = author.countersign(target.genesis)
    relay.take(token, witnessed)
    rotation, _ = author.rotate()
    relay.take(rotation)
    for taken in (name, witnessed_name, content.genesis):
        assert relay.get(f"/proof/v1/operations/{taken}").status == 200
    rows = relay.walk(f"/proof/v1/countersignatures/{target.genesis}", "countersignatures")
    assert [row["jwsToken"] for row in rows] == [witnessed]
    assert relay.get(f"/proof/v1/content/{content.id}").json["headCID"] == content.genesis
    relay.take(content.update(content.genesis, {"t": 1})[0])
    assert {result["status"] for result in relay.post(token, witnessed, content.token)} == {"duplicate"}


@check("a signature that was changed, or made with another key, is refused")
def bad_signatures(relay):
    author = relay.identity()
    token, _ = author.artifact()
    header, payload, signature = token.split(".")
    flipped = ("B" if signature[10] == "A" else "A").join([signature[:10], signature[11:]])
    relay.refuse(f"{header}.{payload}.{flipped}")
    body = read(token)[1]
    relay.refuse(sign("did:dfos:artifact", body, author.kid(), Key())[0])


@check("no kind of operation is taken with a changed signature, or signed with another key")
def bad_signatures_everywhere(relay):
    author, witness = relay.identity(), relay.identity()
    content = relay.content(author)
    credential = author.credential("*", content.resource, "read")
    genesis = Identity()
    for token, key in (
        (genesis.token, genesis.controller), (author.update(advance=False), author.controller),
        (author.step("delete", advance=False), author.controller), (Content(author, {"n": 1}).token, author.auth),
        (content.update(content.genesis, {"n": 2})[0], author.auth), (content.delete(content.genesis)[0], author.auth),
        (author.artifact()[0], author.auth), (witness.countersign(content.genesis)[0], witness.auth),
        (credential, author.auth), (author.revocation(credential), author.auth),
    ):
        signed, signature = token.rsplit(".", 1)
        flipped = bytes([unbase64url(signature)[0] ^ 1]) + unbase64url(signature)[1:]
        for forged in (flipped, Key().private.sign(signed.encode()), bytes(64)):
            relay.refuse(f"{signed}.{base64url(forged)}")
        assert relay.get("/proof/v1/operations/" + read(token)[0]["cid"]).status == 404
        assert key.private.sign(signed.encode()) == unbase64url(signature)
    relay.take(author.artifact()[0], witness.countersign(content.genesis)[0])


@check("headers with crit, jwk or x5c, another alg, a wrong cid or none are refused")
def header_gates(relay):
    author = relay.identity()
    body = read(author.artifact()[0])[1]
    for extra in (
        {"crit": ["exp"]}, {"crit": []}, {"jwk": {"kty": "OKP"}}, {"x5c": ["AAAA"]}, {"alg": "none"},
        {"alg": "eddsa"}, {"alg": "ES256"}, {"cid": cid({"other": 1})}, {"cid": ""},
    ):
        relay.refuse(sign("did:dfos:artifact", body, author.kid(), author.auth, **extra)[0])
    header = {"alg": "EdDSA", "typ": "did:dfos:artifact", "kid": author.kid()}
    relay.refuse(jws(header, body, author.auth))
    relay.take(sign("did:dfos:artifact", body, author.kid(), author.auth)[0])


@check("a signature of another length, or with S not below the order, is refused")
def signature_gates(relay):
    author = relay.identity()
    token, _ = author.artifact()
    header, payload, signature = token.split(".")
    raw = unbase64url(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(raw[32:], "little") + order
    for forged in (raw[:63], raw + b"\0", raw[:32] + scalar.to_bytes(32, "little")):
        relay.refuse(f"{header}.{payload}.{base64url(forged)}")
    relay.take(token)


@check("the same payload under another spelling is refused with the reason")
def other_spelling(relay):
    author = relay.identity()
    token, name = author.artifact()
    relay.take(token)
    header, payload = read(token)
    respelled = encode(header) + "." + base64url(json.dumps(payload, indent=1).encode())
    forged = respelled + "." + base64url(author.auth.private.sign(respelled.encode()))
    result = relay.post(forged)[0]
    assert result == {
        "cid": name, "status": "rejected", "error": "operation already exists with a different signature"}


@check("a waiting operation is not displaced by a forgery of the same payload")
def forged_waiting(relay):
    author = Identity()
    token, name = author.artifact()
    body = read(token)[1]
    forged = sign("did:dfos:artifact", body, author.kid(), Key())[0]
    relay.refuse(forged)
    relay.refuse(token)
    relay.take(author.token)
    assert relay.get(f"/proof/v1/operations/{name}").json["jwsToken"] == token


@check("a JSON number that is an integer by its value hashes as one, any other is refused")
def numbers(relay):
    author = relay.identity()
    for text, status in (("1.0", "new"), ("1e2", "new"), ("0.5", "rejected"), ("9007199254740993", "rejected")):
        body = {
            "version": 1, "type": "artifact", "did": author.did, "content": {"$schema": "n", "n": "MARK"},
            "createdAt": Clock.text(),
        }
        value = int(float(text)) if status == "new" else 1
        name = cid(dict(body, content={"$schema": "n", "n": value}))
        raw = json.dumps(body).replace('"MARK"', text).encode()
        header = {"alg": "EdDSA", "typ": "did:dfos:artifact", "kid": author.kid(), "cid": name}
        result = relay.post(jws(header, None, author.auth, payload_bytes=raw))[0]
        assert result["status"] == status, (text, result)


@check("an unknown typ and a credential for one audience are not operations")
def unrecognized(relay):
    author = relay.identity()
    body = read(author.artifact()[0])[1]
    for token in (
        sign("did:dfos:nothing", body, author.kid(), author.auth)[0],
        author.credential(relay.identity(), "chain:*", "read"),
    ):
        result = relay.refuse(token)
        assert result["error"] == "unrecognized operation type" and result["cid"], result
    assert relay.post("gibberish")[0]["cid"] == ""


@check("who sends another's token with padding first does not keep its author out, and the log has one text of it")
def padded_first(relay):
    author = Identity()
    assert relay.post(author.token + "==")[0]["status"] == "new"
    assert relay.post(author.token)[0]["status"] == "duplicate"
    assert relay.post(author.token + "==")[0]["status"] == "duplicate"
    assert relay.get(f"/proof/v1/operations/{author.genesis}").json["jwsToken"] == author.token
