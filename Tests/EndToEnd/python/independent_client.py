"""One settlement end to end by a client that shares no code with the program. Prints how many checks held, as JSON.

Arguments: AUTHORITY DATABASE_URL NODE_DID SERVICE_JWK SHOP_JWK PAYER_JWK. The service may spend any balance, the shop
needs the payer's consent, the payer has 100,000 USD cents."""

import json
import re
import subprocess
import sys
import time

from dag_cbor import decode
from wire import Client, Key, Signer, base64url, canonical, check_jws, cid, unbase64url

authority, database_url, node_did = sys.argv[1:4]
service, shop, payer = map(Key.load, sys.argv[4:7])
client = Client(authority)
held = 0


def check(what, condition, shown=None):
    global held
    if not condition:
        sys.exit(f"{what}: {shown}")
    held += 1


def equal(what, found, expected):
    check(what, found == expected, f"found {found!r}, expected {expected!r}")


people = [Key() for _ in range(3)]
weights = [0.5, 0.3, 0.2]
roles = ["künstler", "\U0001f3b9", "\ufb33"]
manifest = people[0].signed_manifest({
    "version": "0.3.0", "id": f"urn:test:{people[0].did}", "title": "A \"work\" / \\ \u20ac \u2028",
    "\U0001f600": 1, "\ufb33": [True, None, 1.5, -7, 1e14],
    "contributors": [{"id": person.did, "role": role, "weight": weight}
                     for person, role, weight in zip(people, roles, weights)],
})
unsigned = {name: value for name, value in manifest.items() if name != "signature"}
manifest_cid = cid(0x55, canonical(unsigned))


def body(amount, manifest=manifest, **more):
    return {"from_did": payer.did, "amount": amount, "currency": "USD", "service": "events", "type": "ticket",
            "fair_manifest": manifest, "funding": {"source": "balance"}, "metadata": {}, **more}


def get(target, signer):
    status, headers, data = client.send("GET", target, signer)
    equal(f"status of {target}", status, 200)
    equal(f"type of {target}", headers["content-type"].split(";")[0], "application/json")
    return json.loads(data)


def settle_once():
    """The settlement's shape, its split, and its replay."""
    signer = Signer(service)
    status, headers, first = client.send("POST", "/api/settle", signer, body(9999), "a-key")
    equal("status", status, 201)
    check("the first answer is no replay", "idempotent-replayed" not in headers, headers)
    reply = json.loads(first)
    names = {"id", "status", "book", "entry_seq", "entry_hash", "amount", "currency", "manifest_cid", "splits", "fees",
             "attestations", "created_at"}
    check("members", names <= set(reply), names - set(reply))
    check("id", re.fullmatch(r"stl_[0-9a-z]{20,}", reply["id"]), reply["id"])
    check("entry_hash", re.fullmatch(r"[0-9a-f]{64}", reply["entry_hash"]), reply["entry_hash"])
    check("entry_seq", type(reply["entry_seq"]) is int and reply["entry_seq"] > 0, reply["entry_seq"])
    created = reply["created_at"]
    check("created_at", re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created), created)
    for name, value in {"status": "settled", "book": "main", "amount": 9999, "currency": "USD", "fees": [],
                        "manifest_cid": manifest_cid}.items():
        equal(name, reply[name], value)
    # Floors 4999, 2999, 1999; the two cents that remain go to the largest remainders, 0.8 and 0.7.
    parts = zip(people, roles, ["1/2", "3/10", "1/5"], [4999, 3000, 2000])
    equal("splits", reply["splits"], [
        {"did": person.did, "role": role, "weight": weight, "amount": amount, "via": []}
        for person, role, weight, amount in parts])
    for sent in ["a-key", '"a-key"']:
        status, headers, again = client.send("POST", "/api/settle", signer, body(9999), sent)
        equal("the replay's status", status, 201)
        equal("the replay's bytes", again, first)
        equal("the replay's header", headers.get("idempotent-replayed"), "true")
    status, _, data = client.send("POST", "/api/settle", signer, body(9998), "a-key")
    equal("another body", (status, json.loads(data)["code"]), (422, "idempotency_key_reused"))
    return reply


def check_attestations(reply):
    """They are signed later, in the background."""
    check("some attestations", reply["attestations"])
    types = set()
    for name in reply["attestations"]:
        query = f"SELECT encode(payload, 'hex') || ' ' || jws FROM pay.attestations WHERE cid = '{name}'"
        deadline, row = time.monotonic() + 30, ""
        while not row:
            check("the attestation is signed in time", time.monotonic() < deadline, name)
            run = subprocess.run(["psql", database_url, "-Atc", query], capture_output=True, text=True, check=True)
            row = run.stdout.strip()
        payload, token = row.split()
        payload = bytes.fromhex(payload)
        equal("the attestation's CID", cid(0x71, payload), name)
        header, signed = check_jws(token, node_did)
        equal("what is signed", signed, payload)
        equal("who signed", header["kid"], node_did)
        claims = decode(payload)
        names = {"v", "issuer", "subject", "type", "context", "payload", "issued_at", "root", "nonce"}
        equal("members", set(claims), names)
        equal("version, issuer, subject", (claims["v"], claims["issuer"], claims["subject"]), (1, node_did, payer.did))
        types.add(claims["type"])
        if claims["type"] == "transaction.settled":
            stated = claims["payload"]
            equal("amount", (stated["amount"], stated["currency"]), (9999, "USD"))
            equal("manifest", stated["manifest_cid"], manifest_cid)
            equal("entry", (stated["entry_seq"], stated["entry_hash"].hex()), (reply["entry_seq"], reply["entry_hash"]))
    check("one says that it settled", "transaction.settled" in types, types)


def consent():
    """A shop spends by the payer's signed authorization, and not without."""
    status, _, data = client.send("POST", "/api/settle", Signer(shop), body(500), "shop-1")
    equal("without consent", (status, json.loads(data)["code"]), (403, "payer_consent_missing"))
    claims = {"payer": payer.did, "audience": shop.did, "max_amount": 500, "currency": "USD",
              "manifest_cid": manifest_cid, "not_after": int(time.time()) + 600, "nonce": "once"}
    allowed = body(500, authorization=payer.jws(claims))
    status, _, data = client.send("POST", "/api/settle", Signer(shop), allowed, "shop-1")
    equal("with an authorization", status, 201)
    status, _, data = client.send("POST", "/api/settle", Signer(shop), allowed, "shop-2")
    equal("the same authorization again", (status, json.loads(data)["code"]), (403, "payer_consent_missing"))
    allowance = {"max_amount": 300, "per_day": 300, "currency": "USD", "not_after": int(time.time()) + 600}
    status, _, data = client.send("PUT", f"/api/allowances/{shop.did}", Signer(payer), allowance)
    equal("a standing allowance", status, 200)
    status, _, data = client.send("POST", "/api/settle", Signer(shop), body(300), "shop-3")
    equal("by the allowance", status, 201)
    status, _, data = client.send("POST", "/api/settle", Signer(shop), body(1), "shop-4")
    equal("past the day's allowance", (status, json.loads(data)["code"]), (403, "payer_consent_missing"))
    status, _, data = client.send("POST", "/api/settle", Signer(payer), body(200), "own")
    equal("by the payer's own signature", status, 201)


def read_back(reply):
    """Reading by signature, with a query, and with a session key."""
    status, _, data = client.send("POST", "/api/session-keys", Signer(service))
    equal("a session key", status, 201)
    made = json.loads(data)
    equal("its members", {"key_id", "secret", "expires_at"} <= set(made), True)
    session = Signer(session=(made["key_id"], unbase64url(made["secret"])))
    equal("its secret's form", base64url(unbase64url(made["secret"])), made["secret"])
    for signer in [Signer(service), session]:
        balance = get(f"/api/balance/{people[0].did}", signer)
        usd = {"currency": "USD", "cash": 5499, "credit": 0, "held": 0, "available": 5499}
        equal("balance", balance["did"], people[0].did)
        check("amounts", [usd.items() <= found.items() for found in balance["balances"]] == [True], balance)
    left = get(f"/api/balance/{payer.did}", Signer(payer))["balances"][0]["available"]
    equal("what is left", left, 100_000 - 9999 - 500 - 300 - 200)
    first = get(f"/api/transactions/{payer.did}?limit=2", session)
    equal("a page", len(first["data"]), 2)
    rest = get(f"/api/transactions/{payer.did}?limit=100&cursor={first['next_cursor']}", session)
    equal("the last page", (len(rest["data"]), rest["next_cursor"]), (3, None))
    equal("by id", get(f"/api/settlements/{reply['id']}", Signer(payer))["entry_hash"], reply["entry_hash"])
    equal("a DID that was never seen", get(f"/api/balance/{Key().did}", session)["balances"], [])


def refund(reply):
    status, _, data = client.send(
        "POST", f"/api/settlements/{reply['id']}/refund", Signer(service), {"amount": 4000, "reason": "rain"}, "back")
    equal("a refund", status, 201)
    made = json.loads(data)
    check("its id", made["id"].startswith("rfd_"), made["id"])
    equal("its amounts", (made["settlement"], made["amount"], made["refunded_total"]), (reply["id"], 4000, 4000))
    equal("its lines", sum(line["amount"] for line in made["lines"]), 4000)


def problem():
    status, headers, data = client.send("POST", "/api/settle", None, body(1), "x")
    equal("unsigned", (status, headers["content-type"]), (401, "application/problem+json"))
    found = json.loads(data)
    equal("a problem's members", {"type", "title", "status", "detail", "code", "trace_id"} - set(found), set())
    equal("its code", (found["code"], found["status"]), ("signature_missing", 401))


settled = settle_once()
check_attestations(settled)
consent()
read_back(settled)
refund(settled)
problem()
print(json.dumps({"checks": held}))
