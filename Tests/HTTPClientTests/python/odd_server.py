"""An HTTP server on loopback that shares no code with the client, and misbehaves when a path asks for it.

Arguments: none, or CERTIFICATE KEY for TLS, or CERTIFICATE KEY h2 for HTTP/2. Prints its port, serves until standard
input ends. `/counts` tells what it saw.
"""

import base64
import json
import socket
import ssl
import struct
import sys
import threading
from urllib.parse import parse_qs, urlsplit

lock = threading.Condition()
counts = {"connections": 0, "open": 0, "requests": {}, "closed": [], "at_once_max": {}, "alpn": None}
at_once = {}
barriers = {}


class Closed(Exception):
    pass


class Connection:
    def __init__(self, sock, number):
        self.sock, self.number, self.buffer, self.served = sock, number, b"", 0

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed
        self.buffer += data

    def request(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        if lines[0].split(" ")[1] == "/reset-mid-upload":
            self.reset()
        method, target, _ = lines[0].split(" ")
        headers = [line.split(": ", 1) if ": " in line else [line.rstrip(":"), ""] for line in lines[1:]]
        length = int(next((value for name, value in headers if name.lower() == "content-length"), "0"))
        while len(self.buffer) < length:
            self.more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return method, target, headers, body

    def answer(self, body, status="200 OK", headers=(), head=False):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + (b"" if head else body))

    def until_closed(self):
        """Waits for the other end to go."""
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass

    def reset(self):
        """Closes by RST: nothing of what is unsent or unread is kept."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        raise Closed


def serve(connection):
    try:
        while True:
            method, target, headers, body = connection.request()
            url = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            with lock:
                counts["requests"][url.path] = counts["requests"].get(url.path, 0) + 1
                at_once[url.path] = at_once.get(url.path, 0) + 1
                counts["at_once_max"][url.path] = max(counts["at_once_max"].get(url.path, 0), at_once[url.path])
                lock.notify_all()
            try:
                respond(connection, method, url.path, query, (target, headers, body))
            finally:
                with lock:
                    at_once[url.path] -= 1
            connection.served += 1
    except (Closed, OSError):
        pass
    finally:
        try:
            connection.sock.close()
        except OSError:
            pass
        with lock:
            counts["open"] -= 1
            lock.notify_all()


def respond(connection, method, path, query, request):
    send = connection.sock.sendall
    if path == "/echo":
        target, headers, body = request
        said = {"method": method, "target": target, "headers": headers, "connection": connection.number,
                "body": base64.b64encode(body).decode()}
        connection.answer(json.dumps(said).encode(), headers=["Content-Type: application/json", "X-Twice: one",
                          "x-twice: two", "X-Empty:"], head=method == "HEAD")
    elif path == "/counts":
        with lock:
            connection.answer(json.dumps(counts).encode())
    elif path == "/seen":  # answers once a path was asked for so many times
        with lock:
            found = lock.wait_for(lambda: counts["requests"].get(query["path"], 0) >= int(query["n"]), 30)
        connection.answer(b"", "200 OK" if found else "504 Never")
    elif path == "/closed":  # answers once the other end of a hanging request is gone
        with lock:
            found = lock.wait_for(lambda: query["name"] in counts["closed"], 30)
        connection.answer(b"", "200 OK" if found else "504 Never")
    elif path == "/alone":  # answers once no other connection is open
        with lock:
            found = lock.wait_for(lambda: counts["open"] == 1, 30)
        connection.answer(b"", "200 OK" if found else "504 Never")
    elif path == "/hang":
        if "part" in query:
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        connection.until_closed()
        with lock:
            counts["closed"].append(query["name"])
            lock.notify_all()
        raise Closed
    elif path == "/barrier":  # nobody is answered before so many are there
        with lock:
            barriers[path] = barriers.get(path, 0) + 1
            lock.notify_all()
            lock.wait_for(lambda: barriers[path] >= int(query["n"]), 30)
        connection.answer(b"through")
    elif path == "/bytes":
        connection.answer(b"x" * int(query["n"]))
    elif path == "/chunked":
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n")
        for _ in range(int(query["n"])):
            send(b"7;extension=1\r\nchunked\r\n")
        send(b"0\r\nX-Late: trailer\r\n\r\n")
    elif path == "/chunked-cut":
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nchunked\r\n")
        raise Closed
    elif path == "/until-close":
        send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
        raise Closed
    elif path == "/slow-headers":
        send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        connection.until_closed()
        raise Closed
    elif path == "/short":
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        raise Closed
    elif path == "/reset":
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.reset()
    elif path == "/nothing":
        raise Closed
    elif path == "/once-a-connection":  # a kept connection breaks with the second request on it
        if connection.served:
            raise Closed
        connection.answer(b"first")
    elif path == "/redirect":
        connection.answer(b"elsewhere", "302 Found", [f"Location: {query['to']}"])
    elif path == "/status":
        connection.answer(b"", query["code"] + " Said")
    elif path == "/interim":
        send(b"HTTP/1.1 103 Early Hints\r\nX-Hint: early\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: yes\r\n"
             b"X-Folded: one\r\n two\r\nContent-Length: 2\r\n\r\nok")
    elif path == "/no-http":
        send(b"SSH-2.0-OpenSSH_9.2\r\n")
        raise Closed
    elif path == "/no-colon":
        send(b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: 0\r\n\r\n")
    elif path == "/long-headers":
        send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"v" * 1000) for n in range(200))
             + b"Content-Length: 0\r\n\r\n")
    else:
        connection.answer(b"", "404 Not Found")


def serve_http2(connection):
    """As much of HTTP/2 (RFC 9113) as a request without priorities needs: the request is not even decoded."""
    def frame(kind, flags, stream, payload=b""):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload
    try:
        while len(connection.buffer) < 24:
            connection.more()
        preface, connection.buffer = connection.buffer[:24], connection.buffer[24:]
        assert preface == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        connection.sock.sendall(frame(4, 0, 0))
        while True:
            while len(connection.buffer) < 9:
                connection.more()
            length, kind, flags = int.from_bytes(connection.buffer[:3], "big"), connection.buffer[3], connection.buffer[4]
            stream = int.from_bytes(connection.buffer[5:9], "big") & 0x7FFFFFFF
            while len(connection.buffer) < 9 + length:
                connection.more()
            connection.buffer = connection.buffer[9 + length:]
            if kind == 4 and not flags & 1:
                connection.sock.sendall(frame(4, 1, 0))
            if kind in (0, 1) and flags & 1:  # the last of a request
                # 0x88 is `:status: 200` of the static table; then a literal field that is not indexed.
                block = b"\x88" + b"\x00" + b"\x05x-two" + b"\x03yes"
                connection.sock.sendall(frame(1, 4, stream, block) + frame(0, 1, stream, b"by two"))
    except (Closed, OSError):
        pass
    finally:
        connection.sock.close()


def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.set_alpn_protocols(["h2"] if "h2" in sys.argv else ["http/1.1"])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)

    def begin(sock, number):
        try:
            if context:
                sock = context.wrap_socket(sock, server_side=True)
                with lock:
                    counts["alpn"] = sock.selected_alpn_protocol()
        except OSError:
            return sock.close()
        (serve_http2 if "h2" in sys.argv else serve)(Connection(sock, number))

    def accept():
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with lock:
                counts["connections"] += 1
                counts["open"] += 1
                number = counts["connections"]
            threading.Thread(target=begin, args=(sock, number), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


main()
