"""Intents, charges, sessions, balance."""

import stripe
from simulator import raises, same


def check_intent_step_by_step(simulator):
    v1 = simulator.v1
    intent = v1.payment_intents.create({
        "amount": 1234, "currency": "cad", "transfer_group": "g1", "metadata": {"instruction": "i1"},
        "description": "a+b c/d~e*f'g & é",
    })
    assert isinstance(intent, stripe.PaymentIntent)
    same((intent.status, intent.description), ("requires_payment_method", "a+b c/d~e*f'g & é"))
    v1.payment_intents.update(intent.id, {"amount": 1300})
    intent = v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge.balance_transaction"]})
    same((intent.status, intent.amount_received), ("succeeded", 1300))
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    same((charge.transfer_group, charge.metadata["instruction"], charge.paid), ("g1", "i1", True))
    transaction = charge.balance_transaction
    assert isinstance(transaction, stripe.BalanceTransaction)
    same((transaction.fee, transaction.net, transaction.type), (68, 1232, "charge"))
    same(transaction.fee_details[0].type, "stripe_fee")
    same(v1.balance_transactions.retrieve(transaction.id).source, charge.id)
    same([c.id for c in v1.charges.list({"payment_intent": intent.id})], [charge.id])
    same([c.id for c in v1.charges.list({"transfer_group": "g1"})], [charge.id])
    same(v1.charges.update(charge.id, {"metadata": {"more": "1"}}).metadata["more"], "1")
    simulator.hook("skip", ms=60_000)
    found = v1.payment_intents.search({"query": "metadata['instruction']:'i1' AND status:'succeeded'"})
    same([item.id for item in found], [intent.id])


def check_manual_capture_and_cancel(simulator):
    v1 = simulator.v1
    held = simulator.sale(1000, capture_method="manual")
    same((held.status, held.amount_capturable), ("requires_capture", 1000))
    same(v1.payment_intents.capture(held.id, {"amount_to_capture": 700}).amount_received, 700)
    other = simulator.sale(1000, capture_method="manual")
    same(v1.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"}).status, "canceled")
    raises(
        stripe.InvalidRequestError, lambda: v1.payment_intents.cancel(other.id),
        code="payment_intent_unexpected_state")


def session_form(**more):
    return {
        "mode": "payment", "success_url": "https://shop.test/done?id={CHECKOUT_SESSION_ID}",
        "client_reference_id": "i7", "metadata": {"instruction": "i7"},
        "line_items": [
            {"quantity": 2, "price_data": {
                "currency": "cad", "unit_amount": 500, "product_data": {"name": "T-shirt (L) [x]"}}},
            {"price_data": {"currency": "cad", "unit_amount": 99, "product_data": {"name": "Sticker"}}},
        ],
        "payment_intent_data": {"transfer_group": "g7", "metadata": {"instruction": "i7"}}, **more,
    }


def check_session_paid(simulator):
    v1 = simulator.v1
    session = v1.checkout.sessions.create(session_form())
    assert isinstance(session, stripe.checkout.Session)
    same((session.amount_total, session.payment_status, session.status), (1099, "unpaid", "open"))
    items = v1.checkout.sessions.line_items.list(session.id)
    same([item.description for item in items], ["T-shirt (L) [x]", "Sticker"])
    simulator.hook("complete_checkout", id=session.id)
    session = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    same((session.status, session.payment_status, session.client_reference_id), ("complete", "paid", "i7"))
    same((session.payment_intent.transfer_group, session.payment_intent.amount), ("g7", 1099))
    same([s.id for s in v1.checkout.sessions.list({"payment_intent": session.payment_intent.id})], [session.id])


def check_session_later_and_never(simulator):
    v1 = simulator.v1
    for succeeds in (True, False):
        session = v1.checkout.sessions.create(session_form())
        simulator.hook("complete_checkout", id=session.id, payment="insufficient_funds")
        same(v1.checkout.sessions.retrieve(session.id).status, "open")
        simulator.hook("complete_checkout", id=session.id, payment="processing")
        session = v1.checkout.sessions.retrieve(session.id)
        same((session.status, session.payment_status), ("complete", "unpaid"))
        simulator.hook("settle", id=session.payment_intent, succeeds=succeeds)
        same(v1.checkout.sessions.retrieve(session.id).payment_status, "paid" if succeeds else "unpaid")
    session = v1.checkout.sessions.create(session_form())
    same(v1.checkout.sessions.expire(session.id).status, "expired")


def check_balance(simulator):
    def sums():
        balance = simulator.v1.balance.retrieve()
        assert isinstance(balance, stripe.Balance)
        return {
            row.currency: row.amount + [p.amount for p in balance.pending if p.currency == row.currency][0]
            for row in balance.available
        }

    before = sums()
    simulator.sale(1000)
    simulator.sale(1000, "usd")
    after = sums()
    same(after["cad"] - before["cad"], 941)
    same(after["usd"] - before.get("usd", 0), 941)
    transactions = simulator.v1.balance_transactions.list({"currency": "cad", "limit": 3})
    net = sum(item.net for item in transactions.auto_paging_iter())
    same(net, after["cad"])
