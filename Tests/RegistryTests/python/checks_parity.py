"""The pinned operations, signed by others long ago: every relay that holds them gives the same answers. What those are
is worked out here from the operations alone."""

import fixtures
from dfos import cid, cid_bytes, identifier, read
from relay import check, recompute

KINDS = {
    "did:dfos:identity-op": ("identity-op", "identity"), "did:dfos:content-op": ("content-op", "content"),
    "did:dfos:artifact": ("artifact", "artifact"), "did:dfos:countersign": ("countersign", "countersign"),
    "did:dfos:credential": ("credential", "credential"), "did:dfos:revocation": ("revocation", "revocation"),
}


class Pinned:
    """The fixture, taken by the relay; `chains` has each chain's operations in their order."""

    def __init__(self, relay):
        self.fixture = fixtures.read("parity-fixture.json")
        self.tokens = self.fixture["bootstrapOps"] + self.fixture["ops"]
        self.results = relay.post(*self.tokens)
        self.chains, roots = {}, {}
        for token in self.tokens:
            header, payload = read(token)
            assert header["cid"] == cid(payload)
            if payload["type"] == "create":
                prefix = "did:dfos:" if header["typ"] == "did:dfos:identity-op" else ""
                roots[header["cid"]] = prefix + identifier(cid_bytes(payload))
            elif "previousOperationCID" in payload:
                roots[header["cid"]] = roots[payload["previousOperationCID"]]
            if header["cid"] in roots:
                self.chains.setdefault(roots[header["cid"]], []).append((header["cid"], payload, token))
        self.roots = roots

    def chain_id(self, header, payload):
        if header["cid"] in self.roots:
            return self.roots[header["cid"]]
        return payload["targetCID"] if payload["type"] == "countersign" else payload.get("did", payload.get("iss"))

    def of_kind(self, kind):
        return [(*read(token), token) for token in self.tokens if read(token)[0]["typ"] == "did:dfos:" + kind]

    def identities(self):
        return {name: steps for name, steps in self.chains.items() if name.startswith("did:dfos:")}


def document(did, steps):
    """The DID document and its metadata that an identity's operations amount to."""
    state = [payload for _, payload, _ in steps if payload["type"] in ("create", "update")][-1]
    deleted = steps[-1][1]["type"] == "delete"
    made = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"], "id": did,
        "controller": did, "verificationMethod": [],
    }
    if not deleted:
        methods = {}
        for role, relation in (
            ("authKeys", "authentication"), ("assertKeys", "assertionMethod"),
            ("controllerKeys", "capabilityInvocation"),
        ):
            made[relation] = [f"{did}#{key['id']}" for key in state[role]]
            methods.update({key["id"]: key for key in state[role]})
        made["verificationMethod"] = [
            {**key, "id": f"{did}#{name}", "controller": did} for name, key in methods.items()]
        renamed = {"DfosRelay": "endpoint", "ContentAnchor": "anchor"}
        services = [
            {"serviceEndpoint" if name == renamed.get(entry["type"]) else name: value for name, value in entry.items()}
            for entry in state.get("services", [])]
        if services:
            made["service"] = [dict(entry, id=f"{did}#{entry['id']}") for entry in services]
    metadata = {
        "created": steps[0][1]["createdAt"], "updated": steps[-1][1]["createdAt"], "deactivated": deleted,
        "operationCount": len(steps),
    }
    return made, metadata


@check("pinned operations are taken, and every chain of them is what they say")
def operations(relay):
    pinned = Pinned(relay)
    for token, result in zip(pinned.tokens, pinned.results):
        header, payload = read(token)
        kind, chain_type = KINDS[header["typ"]]
        chain = pinned.chain_id(header, payload)
        want = {"cid": header["cid"], "kind": kind, "chainId": chain}
        assert result == dict(want, status=result["status"]) and result["status"] in ("new", "duplicate"), result
        assert relay.get(f"/proof/v1/operations/{header['cid']}").json == {
            "cid": header["cid"], "jwsToken": token, "chainType": chain_type, "chainId": chain}
    for chain, steps in pinned.chains.items():
        path = f"/proof/v1/{'identities' if chain.startswith('did:') else 'content'}/{chain}"
        assert relay.get(path + "/log").json == {
            "entries": [{"cid": name, "jwsToken": token} for name, _, token in steps], "next": None}
        if chain.startswith("did:"):
            assert recompute(relay, chain)["headCID"] == steps[-1][0]
            continue
        genesis, head = steps[0][0], steps[-1][0]
        assert relay.get(path).json == {
            "contentId": chain, "genesisCID": genesis, "headCID": head, "state": {
                "contentId": chain, "genesisCID": genesis, "headCID": head, "isDeleted": False,
                "currentDocumentCID": steps[-1][1]["documentCID"], "length": len(steps),
                "creatorDID": steps[0][1]["did"]}}
    queried = pinned.chains[pinned.fixture["queryContentId"]]
    assert queried[-1][1]["documentCID"] == pinned.fixture["queryDocumentCid"]
    assert pinned.fixture["queryDid"] in pinned.chains


@check("pinned operations are in the index as they say")
def index(relay):
    relay.needs("index")
    pinned = Pinned(relay)
    for did, steps in pinned.identities().items():
        row = relay.get("/index/v0/identities", {"did": did}).json["identities"][0]
        deleted = steps[-1][1]["type"] == "delete"
        anchors = [entry["anchor"] for entry in steps[0][1].get("services", []) if entry["type"] == "ContentAnchor"]
        assert row["headCID"] == steps[-1][0] and row["opCount"] == len(steps) and row["isDeleted"] == deleted
        assert row["genesisAt"] == steps[0][1]["createdAt"] and row["headAt"] == steps[-1][1]["createdAt"]
        assert (row["profile"] or {}).get("anchor") == (anchors[0] if anchors else None), row
    granted = {payload["iss"] for _, payload, _ in pinned.of_kind("credential")}
    granted -= {payload["did"] for _, payload, _ in pinned.of_kind("revocation")}
    for chain in pinned.chains.keys() - pinned.identities().keys():
        row = relay.get("/index/v0/content", {"contentId": chain}).json["content"][0]
        creator = pinned.chains[chain][0][1]["did"]
        assert row["creatorDID"] == creator and row["publicRead"] == (creator in granted), row
    for issuer in granted:
        found = relay.get("/index/v0/credentials", {"issuer": issuer}).json["credentials"]
        want = [header["cid"] for header, payload, _ in pinned.of_kind("credential") if payload["iss"] == issuer]
        assert [row["cid"] for row in found] == want, found


@check("pinned countersignatures are under their targets, and nothing else is")
def countersignatures(relay):
    pinned = Pinned(relay)
    rows = {read(token)[0]["cid"]: [] for token in pinned.tokens}
    for header, payload, token in pinned.of_kind("countersign"):
        rows[payload["targetCID"]].append({"cid": header["cid"], "jwsToken": token})
    assert rows[pinned.fixture["queryCountersignedCid"]]
    for name, want in rows.items():
        answer = relay.get(f"/proof/v1/countersignatures/{name}")
        assert answer.status == 200 and answer.json == {"countersignatures": want, "next": None}, answer


@check("pinned identities resolve to the documents that their operations amount to")
def resolver(relay):
    pinned = Pinned(relay)
    identities = pinned.identities()
    for query in ("queryDid", "queryServiceDid", "queryDeletedDid"):
        assert pinned.fixture[query] in identities
    for did, steps in identities.items():
        answer = relay.get(f"/1.0/identifiers/{did}")
        made, metadata = document(did, steps)
        assert answer.status == 200 and answer.json == {
            "@context": "https://w3id.org/did-resolution/v1", "didDocument": made, "didDocumentMetadata": metadata,
            "didResolutionMetadata": {"contentType": "application/did+ld+json"}}, (answer.json, made)


@check("pinned revocations are answered by credential and by issuer, and nothing else is revoked")
def revocations(relay):
    relay.needs("revocations")
    pinned = Pinned(relay)
    revoked = {payload["credentialCID"]: token for _, payload, token in pinned.of_kind("revocation")}
    assert pinned.fixture["queryRevokedCredentialCid"] in revoked
    for header, _, _ in pinned.of_kind("credential"):
        name = header["cid"]
        want = {"credentialCID": name, "revoked": name in revoked}
        if name in revoked:
            want["revocation"] = revoked[name]
        assert relay.get(f"/revocations/v1/credential/{name}").json == want
    for did in pinned.identities():
        want = [
            {"credentialCID": payload["credentialCID"], "revocation": token}
            for _, payload, token in pinned.of_kind("revocation") if payload["did"] == did]
        assert bool(want) == (did == pinned.fixture["queryRevocationIssuerDid"])
        assert relay.get(f"/revocations/v1/issuer/{did}").json == {"did": did, "revocations": want, "next": None}
