"""Errors raise the library's classes; keys do what Stripe says of them."""

import stripe
from simulator import raises, same


def check_invalid_requests(simulator):
    v1, seller = simulator.v1, simulator.seller()
    cases = [
        (lambda: v1.transfers.create({"amount": 1, "currency": "cad", "destination": seller, "unknown_on_purpose": 1}),
         "parameter_unknown", "unknown_on_purpose"),
        (lambda: v1.payment_intents.create({"amount": 49, "currency": "cad"}), "amount_too_small", "amount"),
        (lambda: v1.transfers.create({"amount": 1, "currency": "cad", "destination": "acct_none"}),
         "resource_missing", "destination"),
        (lambda: v1.transfers.create({"amount": 99_000_000, "currency": "cad", "destination": seller}),
         "balance_insufficient", None),
        (lambda: v1.payment_intents.retrieve("pi_none"), "resource_missing", "id"),
    ]
    for function, code, param in cases:
        error = raises(stripe.InvalidRequestError, function, code=code, param=param)
        assert error.request_id.startswith("req_")
    account = v1.accounts.create({"country": "CA", "capabilities": {"transfers": {"requested": True}}})
    raises(
        stripe.InvalidRequestError,
        lambda: v1.transfers.create({"amount": 1, "currency": "cad", "destination": account.id}),
        code="insufficient_capabilities_for_transfer", http_status=400)
    charge = simulator.sale(1000).latest_charge
    raises(stripe.InvalidRequestError, lambda: v1.refunds.create({"charge": charge, "amount": 1001}), param="amount")


def check_card_errors(simulator):
    v1 = simulator.v1
    for method, code, reason in [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ]:
        error = raises(stripe.CardError, lambda: simulator.sale(1000, payment_method=method), code=code)
        same(error.error.decline_code, reason)
        same(error.error.payment_intent.status, "requires_payment_method")


def check_keys_and_accounts(simulator):
    raises(stripe.AuthenticationError, lambda: simulator.make_client("sk_test_wrong").v1.balance.retrieve())
    raises(
        stripe.PermissionError, lambda: simulator.v1.balance.retrieve(options={"stripe_account": "acct_none"}))


def check_idempotency(simulator):
    v1 = simulator.v1
    form, options = {"amount": 500, "currency": "cad"}, {"idempotency_key": "driver-key-1"}
    first = v1.payment_intents.create(form, options)
    again = v1.payment_intents.create(form, options)
    same(again.id, first.id)
    same(again.last_response.headers["Idempotent-Replayed"], "true")
    same(again.last_response.headers["Original-Request"], first.last_response.request_id)
    simulator.skip_days(1)
    assert v1.payment_intents.create(form, options).id != first.id


def check_lost_and_failed(simulator):
    v1, retrying = simulator.v1, simulator.make_client(retries=2).v1
    form = {"amount": 500, "currency": "cad"}
    count = len(list(v1.payment_intents.list({"limit": 100}).auto_paging_iter()))

    def fault(name, **more):
        simulator.hook("fault", path="/v1/payment_intents", fault=name, **more)

    fault("reply_lost")
    raises(stripe.APIConnectionError, lambda: v1.payment_intents.create(form, {"idempotency_key": "lost-1"}))
    found = v1.payment_intents.create(form, {"idempotency_key": "lost-1"})
    same(found.last_response.headers["Idempotent-Replayed"], "true")
    fault("request_lost")
    fault("reply_lost")
    retrying.payment_intents.create(form)
    fault("rate_limited")
    raises(stripe.RateLimitError, lambda: v1.payment_intents.create(form), http_status=429)
    fault("rate_limited", should_retry=True)
    retrying.payment_intents.create(form)
    fault("key_in_use")
    retrying.payment_intents.create(form)
    fault("failed_before")
    retrying.payment_intents.create(form)
    fault("failed_during", effect_stands=True)
    raises(stripe.APIError, lambda: v1.payment_intents.create(form, {"idempotency_key": "failed-1"}), http_status=500)
    raises(stripe.APIError, lambda: v1.payment_intents.create(form, {"idempotency_key": "failed-1"}), http_status=500)
    after = len(list(v1.payment_intents.list({"limit": 100}).auto_paging_iter()))
    same(after - count, 6)


def check_idempotency_error(simulator):
    v1 = simulator.v1
    options = {"idempotency_key": "driver-key-2"}
    v1.payment_intents.create({"amount": 500, "currency": "cad", "description": "unknown_on_purpose"}, options)
    raises(
        stripe.IdempotencyError, lambda: v1.payment_intents.create({"amount": 501, "currency": "cad"}, options),
        http_status=400)
