"""A receiver of webhooks for the tests: verifies every delivery with the Standard Webhooks library, and remembers it.

Prints its port. Deliveries are POSTs; the path says how they are answered:

  /ok          204 when a known secret verifies the delivery, else 401
  /status/N    N, whatever came
  /large/N     N with 100,000 bytes
  /hang        nothing, until the receiver ends
  /redirect    302 to /ok

Under /control: POST /control/secrets (a JSON list) says which secrets are known; GET /control/seen lists what came.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

lock = threading.Lock()
secrets = []
seen = []
never = threading.Event()


def verifies(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(seen).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path == "/control/secrets":
            with lock:
                secrets[:] = json.loads(body)
            return self.answer(204)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with lock:
            known = list(secrets)
        verified = [index for index, secret in enumerate(known) if verifies(secret, body, headers)]
        with lock:
            seen.append({
                "path": self.path, "id": headers.get("webhook-id"), "timestamp": headers.get("webhook-timestamp"),
                "signatures": len(headers.get("webhook-signature", "").split()), "verified": verified,
                "body": body.decode(),
            })
        if self.path.startswith("/hang"):
            return never.wait()
        if self.path.startswith("/status/"):
            return self.answer(int(self.path.split("/")[2]), b"as asked\x07 for")
        if self.path.startswith("/large/"):
            return self.answer(int(self.path.split("/")[2]), b"x" * 100_000)
        if self.path.startswith("/redirect"):
            return self.answer(302, location="/ok")
        return self.answer(204 if verified else 401)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
# Ends with the test that holds the other end.
sys.stdin.read()
