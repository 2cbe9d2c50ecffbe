"""A relay in memory, on a free port of loopback: enough of DFOS protocol v1 to publish to and to read from. Prints its
address, and ends when its input does. Argument: how many entries a page of a log has at most.

Paths that begin with /strange are answered as no relay would; /closed takes nothing; /liar answers every log with that
of the identity that was published first."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import proof

PAGE = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
lock = threading.Lock()
chains = {}
operations = {}
batches = []


def ingest(token):
    try:
        header, payload = proof.apart(token)
        cid = proof.cid_of(token)
        body = json.loads(payload)
    except Exception:
        return {"cid": "", "status": "rejected", "error": "unrecognized operation type"}
    result = {"cid": cid, "kind": header["typ"].removeprefix("did:dfos:")}
    if cid in operations:
        if operations[cid] == token:
            return {**result, "status": "duplicate"}
        return {**result, "status": "rejected", "error": "operation already exists with a different signature"}
    try:
        if header["typ"] == "did:dfos:identity-op":
            accept_identity(token, header, body)
        else:
            did, name = header["kid"].split("#", 1)
            if did not in chains:
                return {**result, "status": "rejected", "error": f"unknown identity: {did}", "dependencyMissing": True}
            key = proof.keys(proof.verify_chain(chains[did])).get(name)
            proof.need(key, "signing key is not in the identity's current state")
            proof.check_signature(token, key)
    except proof.Invalid as error:
        return {**result, "status": "rejected", "error": str(error)}
    operations[cid] = token
    return {**result, "status": "new"}


def accept_identity(token, header, body):
    if body["type"] == "create":
        state = proof.verify_chain([token])
        chains[state["did"]] = [token]
        return
    log = chains.get(header["kid"].split("#", 1)[0])
    proof.need(log, "unknown identity")
    if proof.cid_of(log[-1]) != body["previousOperationCID"]:
        raise proof.Invalid("identity chains are linear: conflicting extension refused")
    proof.verify_chain(log + [token])
    log.append(token)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        tokens = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["operations"]
        if self.path == "/closed/proof/v1/operations":
            return self.answer(501, {"error": "writing is off\u001b[2J"})
        if self.path == "/strange/proof/v1/operations":
            return self.answer(200, {"results": []})
        if self.path != "/relay/proof/v1/operations":
            return self.answer(404, {"error": "not found"})
        if not 1 <= len(tokens) <= 100:
            return self.answer(400, {"error": "1 to 100 operations"})
        with lock:
            batches.append(len(tokens))
            self.answer(200, {"results": [ingest(token) for token in tokens]})

    def do_GET(self):
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        place = parts.path.split("/")[1:]
        with lock:
            if place == ["batches"]:
                return self.answer(200, batches)
            if place[0] == "strange":
                return self.answer(200, {"entries": [{"cid": "x"}], "next": None})
            if place[1:4] == ["proof", "v1", "identities"] and place[5:] == ["log"]:
                tokens = next(iter(chains.values()), None) if place[0] == "liar" else chains.get(place[4])
                if tokens is None:
                    return self.answer(404, {"error": "not found"})
                return self.page(tokens, query)
            if place[1:4] == ["proof", "v1", "operations"] and place[4] in operations:
                return self.answer(200, {"cid": place[4], "jwsToken": operations[place[4]]})
        self.answer(404, {"error": "not found"})

    def page(self, tokens, query):
        limit = min(PAGE, int(query.get("limit", ["100"])[0]))
        rows = [{"cid": proof.cid_of(token), "jwsToken": token} for token in tokens]
        start = 0
        if "after" in query:
            start = [row["cid"] for row in rows].index(query["after"][0]) + 1
        page = rows[start : start + limit]
        self.answer(200, {"entries": page, "next": page[-1]["cid"] if len(page) == limit else None})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
