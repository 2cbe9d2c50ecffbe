"""A client of its own for signed requests: RFC 9421 (message signatures), RFC 9530 (digests), RFC 8785 (canonical JSON)
for the JSON of manifests, CIDs, dag-cbor and JWS. Written from the specifications; shares nothing with the program."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + BASE58.index(letter)
    return number.to_bytes(32, "big")


def cid(codec, data):
    """CIDv1 with SHA-256, in lower-case base32: codec 0x55 is raw, 0x71 dag-cbor."""
    value = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(value).decode().rstrip("=").lower()


def canonical(value):
    """RFC 8785, for numbers that Python and ECMAScript write alike: whole ones and short decimals."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return b"{" + b",".join(canonical(name) + b":" + canonical(inner) for name, inner in members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, float):
        assert value == 0 or 1e-4 <= abs(value) < 1e15, "write this number by hand"
        return (str(int(value)) if value == int(value) else repr(value)).encode()
    return json.dumps(value, ensure_ascii=False).encode()


class Key:
    """An Ed25519 key and its DID."""

    def __init__(self, private=None):
        self.private = private or Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.did = "did:imajin:" + base58(public)

    @staticmethod
    def load(path):
        with open(path) as file:
            jwk = json.load(file)
        assert (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519")
        return Key(Ed25519PrivateKey.from_private_bytes(unbase64url(jwk["d"])))

    def sign(self, data):
        return self.private.sign(data)

    def jws(self, claims):
        signed = base64url(b'{"alg":"EdDSA"}') + "." + base64url(json.dumps(claims).encode())
        return signed + "." + base64url(self.sign(signed.encode()))

    def signed_manifest(self, manifest):
        signature = {"algorithm": "ed25519", "value": self.sign(canonical(manifest)).hex(), "publicKeyRef": self.did}
        return dict(manifest, signature=signature)


def check_jws(token, did):
    """Verifies a compact JWS under a DID's key; returns its header and its payload's bytes."""
    header, payload, signature = token.split(".")
    public = Ed25519PublicKey.from_public_bytes(unbase58(did.removeprefix("did:imajin:")))
    public.verify(unbase64url(signature), f"{header}.{payload}".encode())
    return json.loads(unbase64url(header)), unbase64url(payload)


class Signer:
    """Signs requests with a DID's key, or with a session key."""

    def __init__(self, key=None, session=None):
        self.keyid = key.did if key else session[0]
        self.algorithm = "ed25519" if key else "hmac-sha256"
        if key:
            self.sign = key.sign
        else:
            self.sign = lambda base: hmac.digest(session[1], base, "sha256")

    def headers(self, method, authority, target, body, idempotency_key):
        path, mark, query = target.partition("?")
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
        parts = [("@method", method), ("@authority", authority), ("@path", path)]
        if mark:
            parts.append(("@query", "?" + query))
        parts.append(("content-digest", digest))
        if idempotency_key is not None:
            parts.append(("idempotency-key", idempotency_key))
        names = " ".join(f'"{name}"' for name, _ in parts)
        parameters = f"({names});created={int(time.time())};nonce=\"{secrets.token_hex(12)}\";"
        parameters += f"keyid=\"{self.keyid}\";alg=\"{self.algorithm}\""
        lines = [f'"{name}": {value}' for name, value in parts] + [f'"@signature-params": {parameters}']
        signature = base64.b64encode(self.sign("\n".join(lines).encode())).decode()
        headers = {
            "Content-Digest": digest, "Signature-Input": "sig1=" + parameters, "Signature": f"sig1=:{signature}:",
        }
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return headers


class Client:
    """One service at an authority such as 127.0.0.1:3004."""

    def __init__(self, authority):
        self.authority = authority

    def send(self, method, target, signer, value=None, idempotency_key=None):
        """Returns status, headers by lower-case name, and the body's bytes."""
        body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        headers = signer.headers(method, self.authority, target, body, idempotency_key) if signer else {}
        if body:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(self.authority, timeout=30)
        connection.request(method, target, body or None, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, {name.lower(): inner for name, inner in response.getheaders()}, data
