"""Serves one address from two Stripes: the pages of checkouts from one, everything else from another.

The other one, localstripe, speaks an older version of the API: what the node's version always has is added to its answers.

usage: two_stripes.py PORT CHECKOUTS_ORIGIN OTHER_ORIGIN
"""

import json
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, CHECKOUTS, OTHER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
KEPT = ("Authorization", "Content-Type", "Idempotency-Key", "Stripe-Version")
SECONDS = 20


def completed(body):
    answer = json.loads(body)
    if answer.get("object") == "payment_intent":
        answer.setdefault("amount_received", answer["amount"] if answer["status"] == "succeeded" else 0)
    if answer.get("object") == "charge":
        answer.setdefault("amount_captured", answer["amount"] if answer["captured"] else 0)
        answer.setdefault("disputed", False)
    return json.dumps(answer).encode()


class Split(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        origin = CHECKOUTS if self.path.startswith("/v1/checkout/") else OTHER
        length = int(self.headers.get("Content-Length") or 0)
        request = urllib.request.Request(
            origin + self.path,
            data=self.rfile.read(length) if self.command == "POST" else None,
            method=self.command,
            headers={name: self.headers[name] for name in KEPT if self.headers[name]},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:
                status, body = reply.status, reply.read()
                if origin == OTHER:
                    body = completed(body)
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Split).serve_forever()
