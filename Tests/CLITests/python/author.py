"""Makes tokens that the program must judge, with the keys of its own files. Reads a list of orders from standard input
as JSON, and prints the tokens as a JSON array, in order."""

import json
import sys

import dag_cbor
import nacl.signing

import proof


def sign(header, payload, key_file):
    with open(key_file) as file:
        key = nacl.signing.SigningKey(proof.unbase64url(json.load(file)["d"]))
    head = proof.base64url(json.dumps(header, separators=(",", ":")).encode())
    signed = f"{head}.{proof.base64url(payload)}"
    return f"{signed}.{proof.base64url(key.sign(signed.encode()).signature)}"


def make(order, before):
    if "follows" in order:
        # The operation before it: one that is named, or the last one made here.
        order["payload"]["previousOperationCID"] = order["follows"] or before
    if order["kind"] == "attestation":
        # Bytes have no form in JSON.
        value = {**order["payload"], "nonce": bytes(16)}
        encoded = payload = dag_cbor.encode(value)
        header = {"alg": "EdDSA", "typ": "mjn-attestation+cbor", "kid": order["kid"]}
    else:
        encoded = dag_cbor.encode(order["payload"])
        payload = json.dumps(order["payload"], separators=(",", ":")).encode()
        header = {"alg": "EdDSA", "typ": f"did:dfos:{order['kind']}", "kid": order["kid"]}
    cid = str(proof.content_id(encoded))
    header["cid"] = order.get("cid", cid)
    return sign(header, payload, order["key"]), cid


tokens, last = [], ""
for each in json.load(sys.stdin):
    token, last = make(each, last)
    tokens.append(token)
print(json.dumps(tokens))
