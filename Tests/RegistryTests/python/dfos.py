"""A DFOS client of its own: dag-cbor, CIDs, identifiers, JWS and every operation, written from the protocol's
specification. Shares nothing with the program but the protocol."""

import base64
import hashlib
import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ALPHABET = "2346789acdefhknrtvz"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


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
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def cbor(value):
    """dag-cbor: the shortest form of everything, map keys by length and then by bytes."""

    def head(major, argument):
        if argument < 24:
            return bytes([major << 5 | argument])
        for extra, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if argument < 1 << 8 * width:
                return bytes([major << 5 | extra]) + argument.to_bytes(width, "big")
        raise ValueError(argument)

    if value is None:
        return b"\xf6"
    if value is True:
        return b"\xf5"
    if value is False:
        return b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    members = sorted((name.encode(), inner) for name, inner in value.items())
    members.sort(key=lambda member: (len(member[0]), member[0]))
    return head(5, len(members)) + b"".join(head(3, len(n)) + n + cbor(v) for n, v in members)


def cid_bytes(value):
    return bytes([1, 0x71, 0x12, 0x20]) + hashlib.sha256(cbor(value)).digest()


def cid(value):
    return "b" + base64.b32encode(cid_bytes(value)).decode().rstrip("=").lower()


def identifier(data):
    return "".join(ALPHABET[byte % 19] for byte in hashlib.sha256(data).digest()[:31])


class Clock:
    """Times that only grow, so that one operation after another is later."""

    last = 0

    @classmethod
    def text(cls, offset_seconds=0):
        if offset_seconds:
            return cls.format(int(time.time() * 1000) + int(offset_seconds * 1000))
        cls.last = max(cls.last + 1, int(time.time() * 1000))
        return cls.format(cls.last)

    @staticmethod
    def format(milliseconds):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
        return f"{stamp}.{milliseconds % 1000:03d}Z"


class Key:
    def __init__(self):
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = "key_" + identifier(self.public)

    @property
    def multikey(self):
        return {"id": self.id, "type": "Multikey", "publicKeyMultibase": "z" + base58(b"\xed\x01" + self.public)}


def encode(value):
    return base64url(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def jws(header, payload, key, payload_bytes=None):
    signed = encode(header) + "." + (base64url(payload_bytes) if payload_bytes is not None else encode(payload))
    return signed + "." + base64url(key.private.sign(signed.encode()))


def sign(typ, payload, kid, key, **header):
    """An operation: its token and its CID."""
    name = cid(payload)
    fields = {"alg": "EdDSA", "typ": typ, "kid": kid, "cid": name}
    fields.update(header)
    return jws(fields, payload, key), name


def read(token):
    """Header and payload of a token, unverified."""
    header, payload, _ = token.split(".")
    return json.loads(unbase64url(header)), json.loads(unbase64url(payload))


def verify(token, multibase):
    header, payload, signature = token.split(".")
    raw = unbase58(multibase[1:])
    assert multibase[0] == "z" and raw[:2] == b"\xed\x01" and len(raw) == 34
    Ed25519PublicKey.from_public_bytes(raw[2:]).verify(unbase64url(signature), f"{header}.{payload}".encode())


class Identity:
    """An identity with a controller key and an auth key."""

    def __init__(self, services=None, controller=None, auth=None, **extra):
        self.controller, self.auth = controller or Key(), auth or Key()
        payload = self.keys({"version": 1, "type": "create"}, services, **extra)
        self.token, self.head = sign("did:dfos:identity-op", payload, self.controller.id, self.controller)
        self.genesis, self.genesis_payload = self.head, payload
        self.did = "did:dfos:" + identifier(cid_bytes(payload))

    def keys(self, payload, services=None, controllers=None, auths=None, asserts=(), created_at=None, **extra):
        payload = dict(payload)
        payload["authKeys"] = [key.multikey for key in (auths if auths is not None else [self.auth])]
        payload["assertKeys"] = [key.multikey for key in asserts]
        controllers = controllers if controllers is not None else [self.controller]
        payload["controllerKeys"] = [key.multikey for key in controllers]
        if services is not None:
            payload["services"] = services
        payload["createdAt"] = created_at or Clock.text()
        payload.update(extra)
        return payload

    def kid(self, key=None):
        return f"{self.did}#{(key or self.auth).id}"

    def step(self, kind, previous=None, key=None, advance=True, **fields):
        """An identity operation after the head; the head moves on."""
        payload = {"version": 1, "type": kind, "previousOperationCID": previous or self.head}
        created_at = fields.pop("created_at", None)
        if kind == "update":
            payload = self.keys(payload, created_at=created_at, **fields)
        else:
            payload["createdAt"] = created_at or Clock.text()
            payload.update(fields)
        key = key or self.controller
        token, name = sign("did:dfos:identity-op", payload, self.kid(key), key)
        if advance:
            self.head = name
        return token

    def update(self, **fields):
        return self.step("update", **fields)

    def rotate(self):
        """Replaces the auth key; returns the operation and the old key."""
        old, self.auth = self.auth, Key()
        return self.update(), old

    def artifact(self, content=None, key=None, **fields):
        key = key or self.auth
        content = content or {"$schema": "https://example.com/note/v1", "text": "hello"}
        payload = {"version": 1, "type": "artifact", "did": self.did, "content": content, "createdAt": Clock.text()}
        payload.update(fields)
        return sign("did:dfos:artifact", payload, self.kid(key), key)

    def countersign(self, target, relation=None, key=None):
        key = key or self.auth
        payload = {"version": 1, "type": "countersign", "did": self.did, "targetCID": target}
        if relation is not None:
            payload["relation"] = relation
        payload["createdAt"] = Clock.text()
        return sign("did:dfos:countersign", payload, self.kid(key), key)

    def credential(self, audience, resource=None, action=None, parent=None, ttl=300, key=None, att=None, **fields):
        key, now = key or self.auth, int(time.time())
        payload = {
            "version": 1, "type": "DFOSCredential", "iss": self.did,
            "aud": audience if isinstance(audience, str) else audience.did,
            "att": att or [{"resource": resource, "action": action}], "prf": [parent] if parent else [],
            "exp": now + ttl, "iat": now,
        }
        payload.update(fields)
        return sign("did:dfos:credential", payload, self.kid(key), key)[0]

    def revocation(self, credential, key=None):
        key = key or self.auth
        payload = {
            "version": 1, "type": "revocation", "did": self.did, "credentialCID": read(credential)[0]["cid"],
            "createdAt": Clock.text(),
        }
        return sign("did:dfos:revocation", payload, self.kid(key), key)[0]

    def auth_token(self, audience, key=None, ttl=300, issued=0):
        key, now = key or self.auth, int(time.time()) + issued
        claims = {"iss": self.did, "sub": self.did, "aud": audience, "exp": now + ttl, "iat": now}
        return jws({"alg": "EdDSA", "typ": "JWT", "kid": self.kid(key)}, claims, key)

    def sign_request(self, subject, payload_type, payload, expires, created=0, key=None):
        key = key or self.auth
        now = int(time.time())
        body = {
            "version": 1, "type": "sign-request", "did": self.did, "subject": subject, "payloadTyp": payload_type,
            "payload": base64url(payload), "createdAt": Clock.format((now + created) * 1000),
            "expiresAt": Clock.format((now + expires) * 1000),
        }
        token, name = sign("did:dfos:sign-request", body, self.kid(key), key)
        return token, name, body["expiresAt"]


class Content:
    """A content chain that an identity begins."""

    def __init__(self, creator, document=None, **fields):
        self.creator = creator
        self.document = document or {"type": "post", "title": "hello world", "body": "test content"}
        payload = {
            "version": 1, "type": "create", "did": creator.did, "documentCID": cid(self.document),
            "baseDocumentCID": None, "createdAt": Clock.text(),
        }
        payload.update(fields)
        self.token, self.genesis = sign("did:dfos:content-op", payload, creator.kid(), creator.auth)
        self.id = identifier(cid_bytes(payload))
        self.resource = "chain:" + self.id

    def update(self, previous, document, signer=None, authorization=None, key=None, **fields):
        signer = signer or self.creator
        key = key or signer.auth
        payload = {
            "version": 1, "type": "update", "did": signer.did, "previousOperationCID": previous,
            "documentCID": cid(document) if document is not None else None, "baseDocumentCID": None,
            "createdAt": Clock.text(),
        }
        if authorization:
            payload["authorization"] = authorization
        payload.update(fields)
        return sign("did:dfos:content-op", payload, signer.kid(key), key)

    def delete(self, previous, signer=None, authorization=None):
        signer = signer or self.creator
        payload = {
            "version": 1, "type": "delete", "did": signer.did, "previousOperationCID": previous,
            "createdAt": Clock.text(),
        }
        if authorization:
            payload["authorization"] = authorization
        return sign("did:dfos:content-op", payload, signer.kid(), signer.auth)

    @property
    def bytes(self):
        return json.dumps(self.document).encode()
