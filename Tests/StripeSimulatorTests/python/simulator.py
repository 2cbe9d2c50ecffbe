"""What the checks share: Stripe's client for the simulated Stripe, and the simulator's hooks."""

import json
import urllib.error
import urllib.request
from urllib.parse import urlencode

import stripe

KEY = "sk_test_simulator"


class Simulator:
    def __init__(self, url):
        self.url = url
        self.client = self.make_client()

    def make_client(self, key=KEY, retries=0, version=None):
        addresses = {"api": self.url, "files": self.url, "connect": self.url, "meter_events": self.url}
        return stripe.StripeClient(
            key, base_addresses=addresses, max_network_retries=retries, http_client=stripe.RequestsClient(timeout=20),
            stripe_version=version)

    @property
    def v1(self):
        return self.client.v1

    def hook(self, name, /, **form):
        """Calls a hook of the simulator; lists go as `name[0]`."""
        pairs = []
        for key, value in form.items():
            if isinstance(value, list):
                pairs += [(f"{key}[{index}]", item) for index, item in enumerate(value)]
            else:
                pairs.append((key, str(value).lower() if isinstance(value, bool) else str(value)))
        request = urllib.request.Request(f"{self.url}/_simulator/{name}", data=urlencode(pairs).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{name}: {error.read().decode()}") from None

    def skip_days(self, days):
        self.hook("skip", ms=days * 86_400_000)

    def seller(self):
        account = self.v1.accounts.create({
            "country": "CA", "email": "seller@shop.test",
            "controller": {
                "fees": {"payer": "application"}, "losses": {"payments": "application"},
                "requirement_collection": "stripe", "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
        })
        self.hook("onboard", id=account.id)
        return account.id

    def sale(self, amount, currency="cad", **more):
        return self.v1.payment_intents.create({
            "amount": amount, "currency": currency, "confirm": True, "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, **more,
        })


def same(found, expected):
    assert found == expected, f"{found!r}, not {expected!r}"


def raises(kind, function, **attributes):
    """Calls a function that must raise exactly this class of the library's, with these attributes."""
    try:
        function()
    except stripe.StripeError as error:
        assert type(error) is kind, f"{type(error).__name__}: {error}"
        for name, value in attributes.items():
            same(getattr(error, name), value)
        return error
    raise AssertionError(f"no {kind.__name__}")
