"""Webhooks as the library verifies them, and the list of events."""

import http.server
import threading

import stripe
from simulator import raises, same


class Receiver:
    """Keeps what is delivered, and answers as it is told."""

    def __init__(self):
        self.deliveries, self.status = [], 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append((body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self):
        taken, self.deliveries = self.deliveries, []
        return taken


def endpoint(simulator, receiver, **more):
    return simulator.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], **more})


# The server's clock is the system's and what was skipped: the tolerance is for that.
TOLERANCE = 10**9


def read(delivery, secret):
    return stripe.Webhook.construct_event(delivery[0], delivery[1], secret, TOLERANCE)


def check_signed_deliveries(simulator):
    receiver = Receiver()
    made = endpoint(simulator, receiver)
    assert isinstance(made, stripe.WebhookEndpoint)
    intent = simulator.sale(1000)
    simulator.hook("pump")
    deliveries = receiver.take()
    events = [read(delivery, made.secret) for delivery in deliveries]
    same([event.type for event in events][-3:],
         ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"])
    same(events[-1].data.object.id, intent.id)
    assert isinstance(events[-2].data.object, stripe.Charge)
    body, header = deliveries[-1]
    for altered_body, altered_header, secret in [
        (body.replace(b"1000", b"1001"), header, made.secret), (body + b" ", header, made.secret),
        (body, header, "whsec_other"), (body, header.replace("v1=", "v0="), made.secret),
        (body, "t=1" + header[header.index(","):], made.secret),
    ]:
        raises(
            stripe.SignatureVerificationError,
            lambda: stripe.Webhook.construct_event(altered_body, altered_header, secret, TOLERANCE))
    simulator.hook("secrets", id=made.id, secrets=["whsec_new", made.secret])
    simulator.sale(1000)
    simulator.hook("pump")
    for delivery in receiver.take():
        same(read(delivery, "whsec_new").id, read(delivery, made.secret).id)
    same([item.id for item in simulator.v1.webhook_endpoints.list() if item.url == receiver.url], [made.id])
    same(simulator.v1.webhook_endpoints.delete(made.id).deleted, True)


def check_connect_and_retries(simulator):
    receiver = Receiver()
    made = endpoint(simulator, receiver, connect=True)
    seller = simulator.seller()
    receiver.status = 500
    simulator.hook("pump")
    same(len(receiver.take()), 2)
    missed = simulator.v1.events.list({"delivery_success": False}, {"stripe_account": seller})
    same(sorted(event.type for event in missed), ["account.updated", "capability.updated"])
    receiver.status = 200
    simulator.hook("pump")
    same(receiver.take(), [])
    simulator.hook("skip", ms=300_000)
    simulator.hook("pump")
    events = [read(delivery, made.secret) for delivery in receiver.take()]
    same([(event.type, event.account) for event in events],
         [("account.updated", seller), ("capability.updated", seller)])
    same(list(simulator.v1.events.list({"delivery_success": False}, {"stripe_account": seller})), [])
    simulator.v1.webhook_endpoints.delete(made.id)


def check_events_first_and_dropped(simulator):
    receiver = Receiver()
    made = endpoint(simulator, receiver)
    simulator.hook("pump")
    receiver.take()
    simulator.hook("fault", path="/v1/payment_intents", fault="events_first")
    simulator.hook("event_fault", type="charge.succeeded", fault="dropped")
    intent = simulator.sale(1000)
    # Delivered when the reply came, without a pump.
    types = [read(delivery, made.secret).type for delivery in receiver.take()]
    same(types, ["payment_intent.created", "payment_intent.succeeded"])
    simulator.hook("pump")
    same(receiver.take(), [])
    missed = simulator.v1.events.list({"types": ["charge.succeeded", "payout.paid"], "delivery_success": False})
    same([event.data.object.id for event in missed], [intent.latest_charge])
    same(simulator.v1.events.retrieve(missed.data[0].id).type, "charge.succeeded")
    simulator.v1.webhook_endpoints.delete(made.id)
