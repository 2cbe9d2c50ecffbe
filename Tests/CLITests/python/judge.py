"""Verifies files that the program made. Arguments: CHAIN [STATEMENT…]. Prints what the chain comes to, as JSON, with
the payloads of the statements, each of which must be signed by one of the chain's current keys."""

import json
import sys

import proof

try:
    with open(sys.argv[1]) as file:
        state = proof.verify_chain(json.load(file))
    statements = []
    for path in sys.argv[2:]:
        with open(path) as file:
            token = file.read().strip()
        header, payload = proof.apart(token)
        did, name = header["kid"].split("#", 1)
        proof.need(did == state["did"], "another signer")
        proof.check_signature(token, proof.keys(state)[name])
        statements.append({"cid": proof.cid_of(token), "typ": header["typ"], "payload": json.loads(payload)})
except proof.Invalid as error:
    sys.exit(f"invalid: {error}")
roles = {}
for role in ("authKeys", "assertKeys", "controllerKeys"):
    roles[role] = [proof.did_imajin(proof.public_key(key["publicKeyMultibase"])) for key in state[role]]
print(json.dumps({**state, **roles, "statements": statements}))
