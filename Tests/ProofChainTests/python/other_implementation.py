"""DFOS identity chains and statements by other means: dag-cbor and multiformats for identifiers, PyNaCl for signatures,
joserfc for tokens. Shares no code with the project.

Reads what the project made from standard input, as JSON, and verifies it; then makes a chain of its own. Prints how
much was verified and what was made, as JSON. Ends with a message and status 1 at the first thing that does not hold."""

import base64
import hashlib
import json
import sys
import warnings
from decimal import Decimal

import dag_cbor
import nacl.exceptions
import nacl.signing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.jwk import OKPKey
from multiformats import CID, multibase, multicodec, multihash

# joserfc would rather see the algorithm named Ed25519; the protocol's name for it is fixed.
warnings.simplefilter("ignore")
ALPHABET = "2346789acdefhknrtvz"
verified = {}


def check(what, condition, shown=""):
    if not condition:
        sys.exit(f"{what}: {shown}")
    verified[what] = verified.get(what, 0) + 1


def parse(text):
    """JSON under the protocol's number policy: an integer, however it is spelt, is an integer."""
    def integer(number):
        value = Decimal(number)
        assert value == value.to_integral_value(), number
        return int(value)
    return json.loads(text, parse_float=integer)


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def content_id(value):
    return CID("base32", 1, "dag-cbor", multihash.digest(dag_cbor.encode(value), "sha2-256"))


def identifier(data):
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in hashlib.sha256(data).digest()[:31])


def public_key(text):
    codec, key = multicodec.unwrap(multibase.decode(text))
    assert codec.name == "ed25519-pub" and len(key) == 32, text
    return bytes(key)


def multikey(key):
    return multibase.encode(multicodec.wrap("ed25519-pub", bytes(key)), "base58btc")


def read(token, key):
    """Header and payload of a token whose signature is the key's, found by both libraries."""
    first, second, signature = token.split(".")
    try:
        nacl.signing.VerifyKey(key).verify(f"{first}.{second}".encode(), unbase64url(signature))
    except nacl.exceptions.BadSignatureError:
        sys.exit("PyNaCl refuses a signature")
    jwk = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": base64url(key)})
    registry = jws.JWSRegistry(algorithms=["EdDSA"], strict_check_header=False)
    opened = jws.deserialize_compact(token, jwk, registry=registry)
    header, payload = parse(unbase64url(first)), parse(unbase64url(second))
    check("token", opened.headers() == header and parse(opened.payload) == payload, token)
    return header, payload


def unverified(token):
    return [parse(unbase64url(part)) for part in token.split(".")[:2]]


class Identity:
    """A chain verified from its tokens."""

    def __init__(self, log):
        self.did = self.previous = self.last_at = None
        self.deleted, self.roles, self.material = False, {}, {}
        for index, token in enumerate(log):
            header, payload = unverified(token)
            if index == 0:
                assert payload["type"] == "create" and "#" not in header["kid"]
                self.take(payload)
                name = header["kid"]
            else:
                assert payload["previousOperationCID"] == self.previous, "not linear"
                assert payload["createdAt"].encode() > self.last_at.encode(), "not later"
                assert self.deleted == (payload["type"] == "restore")
                did, name = header["kid"].split("#", 1)
                assert did == self.did
            read(token, self.roles["controllerKeys"][name])
            cid = content_id(payload)
            check("operation CID", header["cid"] == str(cid), header)
            if index == 0:
                self.did = "did:dfos:" + identifier(bytes(cid))
            if payload["type"] == "update":
                self.take(payload)
            self.deleted = payload["type"] == "delete"
            self.previous, self.last_at = str(cid), payload["createdAt"]
        check("chain", self.did is not None)

    def take(self, payload):
        for role in ("authKeys", "assertKeys", "controllerKeys"):
            self.roles[role] = {}
            for entry in payload[role]:
                known = self.material.setdefault(entry["id"], entry["publicKeyMultibase"])
                assert known == entry["publicKeyMultibase"]
                self.roles[role][entry["id"]] = public_key(known)

    def statement(self, token, typ):
        header, payload = unverified(token)
        did, name = header["kid"].split("#", 1)
        assert did == self.did and header["typ"] == typ
        read(token, public_key(self.material[name]))
        if typ != "JWT":
            check("statement CID", header["cid"] == str(content_id(payload)), header)
        check(typ, True)
        return payload


class Maker:
    """Makes tokens with PyNaCl; the JSON is spelt as Python spells it, with spaces and escapes."""

    def __init__(self, seed):
        self.key = nacl.signing.SigningKey(seed)
        self.name = "clé_" + identifier(bytes(self.key.verify_key))
        self.entry = {"publicKeyMultibase": multikey(self.key.verify_key), "type": "Multikey", "id": self.name}

    def sign(self, typ, kid, payload):
        cid = content_id(payload)
        header = {"kid": kid, "typ": typ, "cid": str(cid), "alg": "EdDSA"}
        signed = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(payload).encode())}"
        return f"{signed}.{base64url(self.key.sign(signed.encode()).signature)}", str(cid), bytes(cid)


def made():
    first, second = Maker(bytes([41] * 32)), Maker(bytes([42] * 32))
    roles = lambda maker: {role: [maker.entry] for role in ("controllerKeys", "assertKeys", "authKeys")}
    at = lambda second: f"2026-05-01T00:00:{second:02}.{second:03}Z"
    services = [{"id": "r", "type": "DfosRelay", "endpoint": "https://r.example"}, {"type": "\U0001f3b9", "id": "é"}]
    log = []
    token, cid, raw = first.sign(
        "did:dfos:identity-op", first.name,
        {"createdAt": at(0), "type": "create", "version": 1, **roles(first), "services": services, "x": {"": [-1, None]}})
    log.append(token)
    did = "did:dfos:" + identifier(raw)
    kid = f"{did}#{first.name}"
    steps = [("update", {**roles(second), "services": services}), ("delete", {}), ("restore", {})]
    for index, (kind, members) in enumerate(steps):
        maker = first if index == 0 else second
        token, cid, _ = maker.sign(
            "did:dfos:identity-op", f"{did}#{maker.name}",
            {"version": 1, "type": kind, "previousOperationCID": cid, **members, "createdAt": at(index + 1)})
        log.append(token)
    kid = f"{did}#{second.name}"
    artifact, artifact_cid, _ = second.sign("did:dfos:artifact", kid, {
        "version": 1, "type": "artifact", "did": did, "content": {"$schema": "test/v1", "n": 9007199254740991},
        "createdAt": at(5)})
    content, _, content_raw = second.sign("did:dfos:content-op", kid, {
        "version": 1, "type": "create", "did": did, "documentCID": artifact_cid, "baseDocumentCID": None,
        "createdAt": at(5)})
    credential, credential_cid, _ = first.sign("did:dfos:credential", f"{did}#{first.name}", {
        "version": 1, "type": "DFOSCredential", "iss": did, "aud": "*", "prf": [], "exp": 1900000000, "iat": 1700000000,
        "att": [{"resource": "chain:" + identifier(content_raw), "action": "read"}]})
    revocation, _, _ = second.sign("did:dfos:revocation", kid, {
        "version": 1, "type": "revocation", "did": did, "credentialCID": credential_cid, "createdAt": at(6)})
    return {
        "did": did, "log": log, "head": cid, "artifact": artifact, "artifactCID": artifact_cid, "content": content,
        "contentID": identifier(content_raw), "credential": credential, "revocation": revocation,
        "forged": [log[0], log[1][:-4] + ("AAAA" if log[1][-4:] != "AAAA" else "BAAA")], "forked": log[:2] + [log[1]],
    }


given = json.load(sys.stdin)
for entry in given["values"]:
    value = parse(entry["json"])
    check("value", dag_cbor.encode(value).hex() == entry["cbor"], entry)
    check("value CID", str(content_id(value)) == entry["cid"], entry)
    check("value read", dag_cbor.decode(bytes.fromhex(entry["cbor"])) == value, entry)
for entry in given["chains"]:
    identity = Identity(entry["log"])
    check("DID", identity.did == entry["did"], entry["did"])
    check("deleted", identity.deleted == entry["deleted"], entry["did"])
    for typ, tokens in entry["statements"].items():
        for token in tokens:
            identity.statement(token, typ)
for text, expected in given["multikeys"].items():
    check("multikey", public_key(text).hex() == expected and multikey(bytes.fromhex(expected)) == text, text)
for token in given["strict"]:
    # OpenSSL checks the equation alone, as the references do.
    first, second, signature = token.split(".")
    entry = parse(unbase64url(second))["controllerKeys"][0]
    key = Ed25519PublicKey.from_public_bytes(public_key(entry["publicKeyMultibase"]))
    key.verify(unbase64url(signature), f"{first}.{second}".encode())
    check("signature that a strict verifier refuses", True)
own = made()
check("own chain", Identity(own["log"]).did == own["did"])
json.dump({"verified": verified, "made": own}, sys.stdout)
