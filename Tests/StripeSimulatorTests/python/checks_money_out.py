"""Transfers, reversals, payouts, and the lists of them."""

import stripe
from simulator import same


def check_split_of_a_charge(simulator):
    v1 = simulator.v1
    sellers = [simulator.seller() for _ in range(3)]
    intent = simulator.sale(10_000, transfer_group="split1")
    for index, seller in enumerate(sellers):
        transfer = v1.transfers.create({
            "amount": 3000 + index, "currency": "cad", "destination": seller,
            "source_transaction": intent.latest_charge, "transfer_group": "split1", "metadata": {"part": str(index)},
            "expand": ["destination", "balance_transaction"],
        })
        assert isinstance(transfer, stripe.Transfer)
        assert isinstance(transfer.destination, stripe.Account)
        same((transfer.balance_transaction.net, transfer.balance_transaction.reporting_category),
             (-3000 - index, "transfer"))
        balance = v1.balance.retrieve(options={"stripe_account": seller})
        same((balance.pending[0].amount, balance.available[0].amount), (3000 + index, 0))
        row = v1.balance_transactions.list(options={"stripe_account": seller}).data[0]
        same((row.type, row.source), ("payment", transfer.destination_payment))
        payment = v1.charges.retrieve(row.source, options={"stripe_account": seller})
        same(payment.source_transfer, transfer.id)
    listed = list(v1.transfers.list({"transfer_group": "split1", "limit": 2}).auto_paging_iter())
    same([item.metadata["part"] for item in listed], ["2", "1", "0"])
    same([item.amount for item in v1.transfers.list({"destination": sellers[1]})], [3001])
    same(v1.transfers.update(listed[0].id, {"metadata": {"note": "n"}}).metadata["note"], "n")


def check_reversals(simulator):
    v1, seller = simulator.v1, simulator.seller()
    simulator.hook("top_up", amount=1000, currency="cad")
    transfer = v1.transfers.create({"amount": 900, "currency": "cad", "destination": seller})
    first = v1.transfers.reversals.create(transfer.id, {"amount": 100, "metadata": {"refund": "r1"}})
    assert isinstance(first, stripe.TransferReversal)
    same((first.amount, first.transfer), (100, transfer.id))
    v1.transfers.reversals.create(transfer.id)
    transfer = v1.transfers.retrieve(transfer.id)
    same((transfer.amount_reversed, transfer.reversed, len(transfer.reversals.data)), (900, True, 2))
    same(v1.transfers.reversals.retrieve(transfer.id, first.id).metadata["refund"], "r1")
    same([item.amount for item in v1.transfers.reversals.list(transfer.id)], [800, 100])


def check_pages(simulator):
    v1, seller = simulator.v1, simulator.seller()
    simulator.hook("top_up", amount=1000, currency="cad")
    for amount in range(1, 26):
        v1.transfers.create({"amount": amount, "currency": "cad", "destination": seller, "transfer_group": "pages"})
    for limit in (1, 7, 25, 100):
        page = v1.transfers.list({"transfer_group": "pages", "limit": limit})
        same([item.amount for item in page.auto_paging_iter()], list(range(25, 0, -1)))
        same(page.has_more, limit < 25)
    newest = v1.transfers.list({"transfer_group": "pages"}).data[0]
    last = v1.transfers.list({"transfer_group": "pages", "limit": 100}).data[-1]
    page = v1.transfers.list({"transfer_group": "pages", "ending_before": last.id, "limit": 4})
    same([item.amount for item in page.auto_paging_iter()], list(range(2, 26)))
    same(list(v1.transfers.list({"created": {"gt": newest.created + 10}})), [])


def check_seller_payout(simulator):
    v1, seller = simulator.v1, simulator.seller()
    options = {"stripe_account": seller}
    simulator.hook("top_up", amount=1000, currency="cad")
    v1.transfers.create({"amount": 1000, "currency": "cad", "destination": seller})
    payout = v1.payouts.create({"amount": 400, "currency": "cad", "statement_descriptor": "SHOP"}, options)
    assert isinstance(payout, stripe.Payout)
    same((payout.status, payout.automatic, payout.method), ("pending", False, "standard"))
    same(v1.payouts.cancel(payout.id, options=options).status, "canceled")
    payout = v1.payouts.create({"amount": 1000, "currency": "cad", "method": "instant"}, options)
    simulator.hook("finish_payout", id=payout.id, paid=True)
    simulator.hook("finish_payout", id=payout.id, paid=False)
    payout = v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]}, options)
    same((payout.status, payout.failure_code), ("failed", "account_closed"))
    same(payout.failure_balance_transaction.reporting_category, "payout_reversal")
    same([item.status for item in v1.payouts.list({}, options)], ["failed", "canceled"])
    same(v1.balance.retrieve(options=options).available[0].amount, 1000)


def check_automatic_payout(simulator):
    v1, seller = simulator.v1, simulator.seller()
    options = {"stripe_account": seller}
    simulator.hook("top_up", amount=1000, currency="cad")
    for amount in (100, 200, 300):
        transfer = v1.transfers.create({"amount": amount, "currency": "cad", "destination": seller})
    v1.transfers.reversals.create(transfer.id, {"amount": 50})
    payout = simulator.hook("pay_out", account=seller, currency="cad")["id"]
    simulator.hook("finish_payout", id=payout, paid=True)
    found = v1.payouts.retrieve(payout, options=options)
    same((found.amount, found.automatic, found.reconciliation_status), (550, True, "completed"))
    rows = list(v1.balance_transactions.list(
        {"payout": payout, "limit": 2, "expand": ["data.source"]}, options).auto_paging_iter())
    same(sorted(row.net for row in rows), [-550, -50, 100, 200, 300])
    same(sorted({row.source.object for row in rows}), ["charge", "payout", "refund"])
