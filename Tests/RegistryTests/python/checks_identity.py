"""What the relay is, identities, and their documents."""

import fixtures
from dfos import ALPHABET, Clock, Identity, Key, cbor, cid, cid_bytes, identifier, read, sign, verify
from relay import check, recompute

CONFLICT = "identity chains are linear: conflicting extension refused"
ANCHOR = "cv7n8vkvr64cctf3294h9k4eanhff8z"


@check("the relay says what it is, and proves it with a profile signed by its own identity")
def well_known(relay):
    meta = relay.well_known
    did = meta["did"]
    assert did and meta["protocol"] == "dfos-web-relay" and meta["version"]
    assert meta["capabilities"]["proof"] is True
    answer = relay.get(f"/proof/v1/identities/{did}")
    assert answer.status == 200
    state = answer.json["state"]
    assert state["did"] == did and not state["isDeleted"] and answer.json["headCID"]
    header, payload = read(meta["profile"])
    assert header["typ"] == "did:dfos:artifact" and header["kid"].startswith(did + "#")
    assert header["cid"] == cid(payload)
    keys = {key["id"]: key["publicKeyMultibase"] for key in state["controllerKeys"] + state["authKeys"]}
    verify(meta["profile"], keys[header["kid"].split("#", 1)[1]])
    assert payload["version"] == 1 and payload["type"] == "artifact" and payload["did"] == did
    assert payload["content"]["$schema"] == "https://schemas.dfos.com/profile/v1"


@check("the relay's counters are there, sum up, and say null rather than nothing")
def enrichment(relay):
    relay.content(relay.identity())
    meta = relay.well_known
    assert isinstance(meta["peers"], list) and all(peer["endpoint"] for peer in meta["peers"])
    stats = meta["stats"]
    assert isinstance(stats["pendingOps"], int) and stats["opCount"] >= 4
    kinds = {"identity", "content", "artifact", "credential", "countersign", "revocation"}
    assert set(stats["countsByKind"]) == kinds
    assert sum(stats["countsByKind"].values()) == stats["opCount"]
    first = relay.get("/proof/v1/log", {"limit": 1}).json["entries"][0]
    assert stats["oldestOpAt"] == read(first["jwsToken"])[1]["createdAt"] and stats["headCid"]


@check("an identity is created and served")
def create(relay):
    made = relay.identity()
    body = recompute(relay, made.did)
    assert body["did"] == made.did and not body["state"]["isDeleted"] and body["headCID"] == made.genesis


@check("an unknown or malformed identity is 404")
def not_found(relay):
    for did in ("did:dfos:nonexistent000000000", "did:dfos:" + "2" * 31, "nothing"):
        answer = relay.get(f"/proof/v1/identities/{did}")
        assert answer.status == 404 and answer.json["error"], answer


@check("an identity replaces its auth key")
def update(relay):
    made = relay.identity()
    token, _ = made.rotate()
    relay.take(token)
    assert recompute(relay, made.did)["state"]["authKeys"] == [made.auth.multikey]


@check("create and update go in one batch")
def batch_create(relay):
    made = Identity()
    token, _ = made.rotate()
    relay.take(made.token, token)
    recompute(relay, made.did)


@check("an identity sent again is a duplicate")
def idempotent(relay):
    made = relay.identity()
    result = relay.post(made.token)[0]
    assert result["status"] == "duplicate" and result["chainId"] == made.did and result["kind"] == "identity-op"


@check("a deleted identity is served as deleted, and takes no update")
def delete(relay):
    made = relay.identity()
    relay.take(made.step("delete"))
    assert recompute(relay, made.did)["state"]["isDeleted"] is True
    relay.refuse(made.update(advance=False))


@check("a second child is refused for good, restore is not, and what follows it is taken")
def conflict_and_restore(relay):
    made = relay.identity()
    relay.take(made.step("delete"))
    conflict = made.update(previous=made.genesis, advance=False)
    for _ in range(2):
        result = relay.post(conflict)[0]
        assert result["status"] == "rejected" and result["error"] == CONFLICT, result
        assert "dependencyMissing" not in result
    relay.take(made.step("restore"))
    assert recompute(relay, made.did)["headCID"] == made.head
    relay.take(made.artifact()[0])
    relay.take(made.update())
    assert relay.post(conflict)[0]["error"] == CONFLICT
    assert relay.get("/proof/v1/operations/" + read(conflict)[0]["cid"]).status == 404
    assert len(relay.walk(f"/proof/v1/identities/{made.did}/log", "entries", limit=100)) == 4


@check("a restore begins no chain, comes once after a delete, and names that delete")
def restore_once(relay):
    stranger = Key()
    payload = {"version": 1, "type": "restore", "previousOperationCID": cid({"nobody": 1}), "createdAt": Clock.text()}
    relay.refuse(sign("did:dfos:identity-op", payload, stranger.id, stranger)[0])
    del payload["previousOperationCID"]
    relay.refuse(sign("did:dfos:identity-op", payload, stranger.id, stranger)[0])
    made = relay.identity()
    relay.take(made.step("delete"))
    relay.refuse(made.step("delete", advance=False))
    relay.refuse(made.step("restore", previous=made.genesis, advance=False))
    relay.take(made.step("restore"))
    relay.refuse(made.step("restore", advance=False))
    assert recompute(relay, made.did)["headCID"] == made.head
    relay.take(made.update(), made.step("delete"), made.step("restore"))
    assert recompute(relay, made.did)["state"]["isDeleted"] is False


@check("restore is refused anywhere but after a delete, and by a key that the delete did not know")
def restore_positions(relay):
    made = relay.identity()
    relay.refuse(made.step("restore", advance=False))
    old, made.controller = made.controller, Key()
    relay.take(made.step("update", key=old))
    relay.take(made.step("delete"))
    relay.refuse(made.step("restore", key=old, advance=False))
    relay.take(made.step("restore"))


@check("a controller key that was replaced signs nothing more, its successor does")
def controller_rotation(relay):
    made = relay.identity()
    old, made.controller = made.controller, Key()
    relay.take(made.step("update", key=old))
    relay.refuse(made.step("update", key=old, advance=False))
    relay.take(made.update())


@check("an operation that is not later than its predecessor is refused")
def not_increasing(relay):
    made = relay.identity()
    created = made.genesis_payload["createdAt"]
    relay.refuse(made.update(created_at=created, advance=False))
    relay.refuse(made.update(created_at="2020-01-01T00:00:00.000Z", advance=False))
    assert relay.get(f"/proof/v1/identities/{made.did}").json["headCID"] == made.genesis


@check("an identity's log is in the order of its times")
def ordering_linear(relay):
    made = relay.identity()
    relay.take(made.update(), made.update())
    entries = relay.walk(f"/proof/v1/identities/{made.did}/log", "entries", limit=100)
    times = [read(entry["jwsToken"])[1]["createdAt"] for entry in entries]
    assert len(times) == 3 and times == sorted(times)


@check("a later-dated rival of the head is refused, and the head stays")
def head_is_linear(relay):
    made = relay.identity()
    relay.take(made.update())
    head = made.head
    result = relay.post(made.update(previous=made.genesis, created_at=Clock.text(3600), advance=False))[0]
    assert result["error"] == CONFLICT, result
    assert relay.get(f"/proof/v1/identities/{made.did}").json["headCID"] == head


@check("an identity from more than a day ahead is refused, one from less is taken")
def future(relay):
    relay.refuse(Identity(created_at=Clock.text(25 * 3600)).token, "future")
    relay.take(Identity(created_at=Clock.text(23 * 3600)).token)


@check("the bound of 24 hours holds to within seconds")
def future_edge(relay):
    relay.refuse(Identity(created_at=Clock.text(24 * 3600 + 30)).token, "future")
    relay.take(Identity(created_at=Clock.text(24 * 3600 - 30)).token)


@check("create, update and update come in one batch in reverse")
def three_steps_reversed(relay):
    made = Identity()
    first, second = made.update(), made.update()
    results = relay.post(second, first, made.token)
    assert [result["status"] for result in results] == ["new"] * 3, results
    assert recompute(relay, made.did)["headCID"] == made.head


@check("ten identities come in one batch")
def batch_large(relay):
    made = [Identity() for _ in range(10)]
    results = relay.take(*[one.token for one in made])
    assert [result["chainId"] for result in results] == [one.did for one in made]
    for one in made:
        assert relay.get(f"/proof/v1/identities/{one.did}").status == 200


@check("the same operation twice in one batch is new and then a duplicate")
def batch_duplicate(relay):
    made = Identity()
    assert [result["status"] for result in relay.post(made.token, made.token)] == ["new", "duplicate"]


@check("257 keys in one role are refused, 256 are taken")
def keys_cap(relay):
    for role in ("authKeys", "assertKeys", "controllerKeys"):
        for count, status in ((257, "rejected"), (256, "new")):
            signer = Key()
            keys = [dict(signer.multikey, id=f"key_{index}") for index in range(count - 1)] + [signer.multikey]
            result = relay.post(Identity(controller=signer, **{role: keys}).token)[0]
            assert result["status"] == status, (role, count, result)


@check("65,536 bytes of an identity operation are taken, one more is not")
def size_edge(relay):
    made = relay.identity()
    for size, status in ((65_537, "rejected"), (65_536, "new")):
        fields = {"created_at": Clock.text(), "advance": False}
        bare = len(cbor(read(made.update(padding="a" * 60_000, **fields))[1])) - 60_000
        result = relay.post(made.update(padding="a" * (size - bare), **fields))[0]
        assert result["status"] == status, (size, result)


@check("a known key name with other material is refused, over the whole history")
def key_material(relay):
    made = relay.identity()
    first = made.auth
    made.auth = Key()
    relay.take(made.update())
    forged = dict(Key().multikey, id=first.id)
    relay.refuse(made.step("update", authKeys=[forged], advance=False))


@check("unknown members of an operation are kept and mean nothing")
def unknown_member(relay):
    made = Identity(futureMember={"nested": [1, True, None]})
    relay.take(made.token)
    served = relay.get(f"/proof/v1/operations/{made.genesis}").json["jwsToken"]
    assert served == made.token


@check("services are served as they were signed")
def services(relay):
    entries = [
        {"id": "relay", "type": "DfosRelay", "endpoint": "https://relay.example.com"},
        {"id": "avatar", "type": "ContentAnchor", "label": "avatar", "anchor": ANCHOR},
    ]
    made = relay.identity(services=entries)
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == entries


@check("an update replaces all services, one without clears them")
def services_replace(relay):
    made = relay.identity(services=[{"id": "old", "type": "DfosRelay", "endpoint": "https://old.example.com"}])
    fresh = [
        {"id": "new", "type": "DfosRelay", "endpoint": "https://new.example.com"},
        {"id": "pin", "type": "ContentAnchor", "label": "pin", "anchor": ANCHOR},
    ]
    relay.take(made.update(services=fresh))
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == fresh
    relay.take(made.update())
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == []


@check("services of a wrong form are refused")
def services_invalid(relay):
    relay_entry = {"id": "a", "type": "DfosRelay", "endpoint": "https://a.example.com"}
    for entries in (
        [{"id": "x", "type": "ContentAnchor", "anchor": ANCHOR}],
        [dict(relay_entry, id=f"{index:03d}") for index in range(257)],
        [relay_entry, dict(relay_entry, endpoint="https://b.example.com")],
        [dict(relay_entry, id="")],
        [dict(relay_entry, endpoint="https://" + "a" * 33000)],
        [{"id": "x", "type": "DfosRelay"}],
        [{"id": "x", "type": "ContentAnchor", "label": "x", "anchor": "not-an-anchor"}],
    ):
        relay.refuse(Identity(services=entries).token)


@check("what a service needs by its type it needs in full, when an identity is made and when it is updated")
def services_complete(relay):
    relayed = {"id": "a", "type": "DfosRelay", "endpoint": "https://a.example.com"}
    anchored = {"id": "b", "type": "ContentAnchor", "label": "b", "anchor": ANCHOR}
    other = {"id": "c", "type": "Other"}

    def without(entry, name):
        return {member: value for member, value in entry.items() if member != name}

    broken = [without(entry, name) for entry in (relayed, anchored, other) for name in entry]
    broken += [dict(entry, **{name: ""}) for entry in (relayed, anchored, other) for name in entry]
    broken += [dict(entry, **{name: 1}) for entry in (relayed, anchored, other) for name in entry]
    broken += [
        dict(anchored, anchor=anchor) for anchor in (
            ANCHOR[:22], ANCHOR + "2", ANCHOR.upper(), "b" + ANCHOR[1:], "did:dfos:" + ANCHOR, "bafyrei" + "a" * 51,
            "bafyrei" + "1" * 52, "bafkrei" + "a" * 52)]
    made = relay.identity()
    for entry in broken + ["a", None, 1, []]:
        assert relay.post(Identity(services=[entry]).token)[0]["status"] == "rejected", entry
        assert relay.post(made.update(services=[entry], advance=False))[0]["status"] == "rejected", entry
    for entries in ({}, "x", 1):
        relay.refuse(Identity(services=entries).token)
    whole = [relayed, anchored, other, dict(anchored, id="d", anchor="bafyrei" + "a" * 52)]
    relay.take(made.update(services=whole))
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == whole


@check("256 services are taken, and 32,768 bytes of them, but not one more of either")
def services_edge(relay):
    for count, status in ((257, "rejected"), (256, "new")):
        entries = [{"id": f"{index:03d}", "type": "Other"} for index in range(count)]
        assert relay.post(Identity(services=entries).token)[0]["status"] == status, count
    for size, status in ((32_769, "rejected"), (32_768, "new")):
        entry = {"id": "relay", "type": "DfosRelay", "endpoint": "a" * 30_000}
        entry["endpoint"] = "a" * (size - len(cbor([entry])) + 30_000)
        assert relay.post(Identity(services=[entry]).token)[0]["status"] == status, size


@check("services just under the bound in bytes are taken")
def services_bound(relay):
    relay.take(Identity(services=[{"id": "relay", "type": "DfosRelay", "endpoint": "https://" + "a" * 32714}]).token)


@check("a service of an unknown type is served with all its members")
def services_unknown(relay):
    entries = [{"id": "exp", "type": "ExperimentalService", "foo": "bar", "n": "42", "deep": {"list": [1, 2]}}]
    made = relay.identity(services=entries)
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == entries


@check("a delete carries services on")
def services_delete(relay):
    entries = [{"id": "relay", "type": "DfosRelay", "endpoint": "https://relay.example.com"}]
    made = relay.identity(services=entries)
    relay.take(made.step("delete"))
    assert relay.get(f"/proof/v1/identities/{made.did}").json["state"]["services"] == entries


@check("every identifier in the log is 31 characters, and what is derived here agrees")
def widths(relay):
    made = relay.identity()
    relay.content(made)
    assert len(made.did.removeprefix("did:dfos:")) == 31 and set(made.did[9:]) <= set(ALPHABET)
    for entry in relay.walk("/proof/v1/log", "entries", limit=1000):
        if entry["kind"] == "content-op":
            assert len(entry["chainId"]) == 31
        elif entry["kind"] != "countersign":
            assert len(entry["chainId"].removeprefix("did:dfos:")) == 31


@check("a published identity has its published name and state")
def published(relay):
    example = fixtures.read("published/identity-restore.json")
    payload = read(example["chain"][0])[1]
    want = dict(example["expected"])
    assert "did:dfos:" + identifier(cid_bytes(payload)) == want["did"] and len(want["did"]) == 9 + 31
    for result in relay.post(*example["chain"]):
        assert result["status"] in ("new", "duplicate") and result["chainId"] == want["did"], result
    state = recompute(relay, want["did"])["state"]
    assert {name: state[name] for name in want} == want


@check("an identity of the served log is what its operations say")
def served_corpus(relay):
    dids = {e["chainId"] for e in relay.walk("/proof/v1/log", "entries", limit=1000) if e["kind"] == "identity-op"}
    for did in sorted(dids)[:20]:
        recompute(relay, did)
    recompute(relay, relay.did)


@check("the resolver gives a DID document with keys, relations and services")
def resolver(relay):
    entries = [
        {"id": "relay", "type": "DfosRelay", "endpoint": "https://relay.example.com"},
        {"id": "avatar", "type": "ContentAnchor", "label": "avatar", "anchor": ANCHOR},
        {"id": "exp", "type": "Experimental", "foo": "bar"},
    ]
    made = relay.identity(services=entries)
    token, _ = made.rotate()
    made_again = made.update(services=entries)
    relay.take(token, made_again)
    answer = relay.get(f"/1.0/identifiers/{made.did}")
    assert answer.status == 200, answer
    body = answer.json
    assert body["@context"] == "https://w3id.org/did-resolution/v1"
    assert body["didResolutionMetadata"] == {"contentType": "application/did+ld+json"}
    meta = body["didDocumentMetadata"]
    assert meta["created"] == made.genesis_payload["createdAt"] and meta["deactivated"] is False
    assert meta["operationCount"] == 3 and meta["updated"] > meta["created"]
    document, kid = body["didDocument"], made.kid
    assert document["@context"] == ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    assert document["id"] == document["controller"] == made.did
    assert [method["id"] for method in document["verificationMethod"]] == [kid(), kid(made.controller)]
    assert all(m["type"] == "Multikey" and m["controller"] == made.did for m in document["verificationMethod"])
    assert document["authentication"] == [kid()] and document["assertionMethod"] == []
    assert document["capabilityInvocation"] == [kid(made.controller)]
    assert document["service"] == [
        {"id": made.did + "#relay", "type": "DfosRelay", "serviceEndpoint": "https://relay.example.com"},
        {"id": made.did + "#avatar", "type": "ContentAnchor", "serviceEndpoint": ANCHOR, "label": "avatar"},
        {"id": made.did + "#exp", "type": "Experimental", "foo": "bar"},
    ]


@check("the resolver leaves out services where there are none, and everything of a deleted identity")
def resolver_deleted(relay):
    made = relay.identity()
    assert "service" not in relay.get(f"/1.0/identifiers/{made.did}").json["didDocument"]
    relay.take(made.step("delete"))
    answer = relay.get(f"/1.0/identifiers/{made.did}")
    assert answer.status == 200 and answer.json["didDocumentMetadata"]["deactivated"] is True
    assert set(answer.json["didDocument"]) == {"@context", "id", "controller", "verificationMethod"}
    assert answer.json["didDocument"]["verificationMethod"] == []


@check("the resolver refuses in its own envelope")
def resolver_errors(relay):
    for did, status, error in (
        ("did:dfos:short", 400, "invalidDid"), ("did:web:example.com", 400, "invalidDid"),
        ("did:dfos:" + "2" * 31, 404, "notFound"),
    ):
        answer = relay.get(f"/1.0/identifiers/{did}")
        assert answer.status == status, answer
        assert answer.json == {
            "didDocument": None, "didResolutionMetadata": {"error": error}, "didDocumentMetadata": {}}


@check("routes that the protocol removed are 404")
def removed_routes(relay):
    content = relay.content(relay.identity())
    for path in (f"/proof/v1/operations/{content.genesis}/countersignatures", f"/content/{content.id}/documents"):
        assert relay.get(path).status == 404


@check("a token whose kid names another identity is refused")
def foreign_kid(relay):
    one, other = relay.identity(), relay.identity()
    payload = {"version": 1, "type": "delete", "previousOperationCID": one.head, "createdAt": Clock.text()}
    relay.refuse(sign("did:dfos:identity-op", payload, other.kid(other.controller), other.controller)[0])
    relay.refuse(sign("did:dfos:identity-op", payload, other.kid(one.controller), one.controller)[0])
