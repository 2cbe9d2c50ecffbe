"""Refunds and disputes."""

import stripe
from simulator import same


def check_refunds(simulator):
    v1, intent = simulator.v1, simulator.sale(1000)
    refund = v1.refunds.create({
        "payment_intent": intent.id, "amount": 300, "reason": "requested_by_customer", "metadata": {"a": "b"},
        "expand": ["charge", "balance_transaction"],
    })
    assert isinstance(refund, stripe.Refund)
    same((refund.status, refund.charge.amount_refunded, refund.balance_transaction.net), ("succeeded", 300, -300))
    same(refund.balance_transaction.reporting_category, "refund")
    v1.refunds.create({"charge": intent.latest_charge})
    charge = v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    same((charge.refunded, [item.amount for item in charge.refunds.data]), (True, [700, 300]))
    same([item.amount for item in v1.refunds.list({"charge": charge.id})], [700, 300])
    same(v1.refunds.update(refund.id, {"metadata": {"a": ""}}).metadata.to_dict(), {})
    simulator.hook("fail_refund", id=refund.id)
    refund = v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    same((refund.status, refund.failure_reason), ("failed", "lost_or_stolen_card"))
    same(refund.failure_balance_transaction.amount, 300)


def check_dispute_won(simulator):
    v1, intent = simulator.v1, simulator.sale(2000)
    dispute = simulator.hook("dispute", id=intent.latest_charge)["id"]
    found = v1.disputes.retrieve(dispute)
    assert isinstance(found, stripe.Dispute)
    same((found.status, found.amount, found.balance_transactions[0].net), ("needs_response", 2000, -3500))
    same(v1.charges.retrieve(intent.latest_charge).disputed, True)
    found = v1.disputes.update(dispute, {"evidence": {"product_description": "Shirt"}, "submit": True})
    same((found.status, found.evidence.product_description), ("under_review", "Shirt"))
    simulator.hook("close_dispute", id=dispute, won=True)
    found = v1.disputes.retrieve(dispute)
    same((found.status, [item.reporting_category for item in found.balance_transactions]),
         ("won", ["dispute", "dispute_reversal"]))
    same([item.id for item in v1.disputes.list({"charge": intent.latest_charge})], [dispute])


def check_dispute_lost(simulator):
    v1, intent = simulator.v1, simulator.sale(2000)
    dispute = simulator.hook("dispute", id=intent.latest_charge, amount=500, withdrawing=False)["id"]
    same(v1.disputes.retrieve(dispute).balance_transactions, [])
    simulator.hook("escalate", id=dispute)
    same(v1.disputes.retrieve(dispute).balance_transactions[0].amount, -500)
    same(v1.disputes.close(dispute).status, "lost")
