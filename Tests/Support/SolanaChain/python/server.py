"""Serves the local chain over HTTP. Prints its address as one line of JSON, and ends when its standard input does.

server.py [--live] - with --live, slots pass by the clock; without, when a test says so.
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chain import Chain
from methods import Methods, RPCError

BODY_BYTES_MAX = 1 << 20


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: apart, the second waits for the receipt of the first.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        """Nothing is logged."""

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        raw = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX))
        request = json.loads(raw)
        method = request["method"]
        with self.server.lock:
            chain = self.server.methods.chain
            if not method.startswith("test_"):
                limited = chain.take("http429")
                if limited:
                    headers = [("Retry-After", str(limited.get("retryAfter", 1)))]
                    return self.reply(429, b'{"error":"too many requests"}', headers)
                if chain.take("http503"):
                    return self.reply(503, b"unavailable")
            loses = method == "sendTransaction" and chain.take("loseReply")
            answer = self.answer(request)
        if loses:
            # It was accepted; the caller never hears of it.
            self.close_connection = True
            return None
        return self.reply(200, json.dumps(answer).encode())

    def answer(self, request):
        answer = {"jsonrpc": "2.0", "id": request.get("id")}
        method = getattr(self.server.methods, request["method"], None)
        if method is None or not request["method"].startswith(("get", "send", "simulate", "test_")):
            return answer | {"error": {"code": -32601, "message": "Method not found"}}
        try:
            return answer | {"result": method(request.get("params") or [])}
        except RPCError as error:
            failure = {"code": error.code, "message": error.message}
            return answer | {"error": failure if error.data is None else failure | {"data": error.data}}
        except (IndexError, KeyError, TypeError, ValueError) as error:
            return answer | {"error": {"code": -32602, "message": f"Invalid params: {error}"}}


def pass_slots(server):
    """Slots of 400 ms, as on a cluster, from now on."""
    while True:
        time.sleep(0.4)
        with server.lock:
            server.methods.chain.tick(1)


def main(arguments):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    is_live = arguments == ["--live"]
    server.methods = Methods(Chain(genesis_time=int(time.time())) if is_live else Chain())
    server.lock = threading.Lock()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if is_live:
        threading.Thread(target=pass_slots, args=[server], daemon=True).start()
    print(json.dumps({"rpc": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
