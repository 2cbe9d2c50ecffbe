"""DFOS identity chains by other means: dag-cbor and multiformats for identifiers, PyNaCl and joserfc for signatures.
Shares no code with the project."""

import base64
import hashlib
import json
import warnings

import dag_cbor
import nacl.signing
from joserfc import jws
from joserfc.jwk import OKPKey
from multiformats import CID, multibase, multicodec, multihash

# joserfc would rather see the algorithm named Ed25519; the protocol's name for it is fixed.
warnings.simplefilter("ignore")
ALPHABET = "2346789acdefhknrtvz"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Invalid(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Invalid(what)


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def content_id(encoded):
    return CID("base32", 1, "dag-cbor", multihash.digest(encoded, "sha2-256"))


def identifier(data):
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in hashlib.sha256(data).digest()[:31])


def public_key(text):
    codec, key = multicodec.unwrap(multibase.decode(text))
    need(codec.name == "ed25519-pub" and len(key) == 32, text)
    return bytes(key)


def did_imajin(key):
    return "did:imajin:" + multibase.encode(key, "base58btc")[1:]


def key_of(did):
    return bytes(multibase.decode("z" + did.removeprefix("did:imajin:")))


def apart(token):
    first, second, _ = token.split(".")
    return json.loads(unbase64url(first)), unbase64url(second)


def check_signature(token, key):
    first, second, signature = token.split(".")
    try:
        nacl.signing.VerifyKey(key).verify(f"{first}.{second}".encode(), unbase64url(signature))
    except Exception as error:
        raise Invalid(f"PyNaCl: {error}")
    jwk = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": base64url(key)})
    registry = jws.JWSRegistry(algorithms=["EdDSA"], strict_check_header=False)
    jws.deserialize_compact(token, jwk, registry=registry)


def cid_of(token):
    header, payload = apart(token)
    cid = str(content_id(dag_cbor.encode(json.loads(payload))))
    need(header["cid"] == cid, f"cid {header['cid']} is not {cid}")
    return cid


def verify_chain(tokens):
    """The identity that a chain comes to; raises Invalid."""
    state = None
    for token in tokens:
        header, payload = apart(token)
        operation = json.loads(payload)
        cid = cid_of(token)
        need(header["alg"] == "EdDSA" and header["typ"] == "did:dfos:identity-op", header)
        need(operation["version"] == 1, "version")
        kind = operation["type"]
        if state is None:
            need(kind == "create", "the first is no create")
            controllers, name = operation["controllerKeys"], header["kid"]
            did = "did:dfos:" + identifier(bytes(CID.decode(cid)))
        else:
            need(kind != "create", "a second create")
            need(operation["previousOperationCID"] == state["head"], "previous")
            need(operation["createdAt"] > state["last"], "createdAt does not grow")
            did, name = header["kid"].split("#", 1)
            need(did == state["did"], "kid names another DID")
            controllers = state["controllerKeys"]
            need(state["deleted"] == (kind == "restore"), f"{kind} while deleted is {state['deleted']}")
        keys = {key["id"]: public_key(key["publicKeyMultibase"]) for key in controllers}
        need(name in keys, "not signed by a controller")
        check_signature(token, keys[name])
        if state is None:
            state = {"did": did, "binds": did_imajin(keys[name]), "services": [], "deleted": False, "count": 0}
        if kind in ("create", "update"):
            for role in ("authKeys", "assertKeys", "controllerKeys"):
                state[role] = operation[role]
            need(state["controllerKeys"], "no controller")
            state["services"] = operation.get("services", [])
        state["deleted"] = kind == "delete"
        state.update(head=cid, last=operation["createdAt"], count=state["count"] + 1)
    return state


def keys(state):
    """Every current key by its name."""
    roles = state["authKeys"] + state["assertKeys"] + state["controllerKeys"]
    return {key["id"]: public_key(key["publicKeyMultibase"]) for key in roles}
