"""Connected accounts."""

import stripe
from simulator import raises, same


def check_account_life(simulator):
    v1 = simulator.v1
    account = v1.accounts.create({
        "country": "CA", "email": "a@shop.test", "business_type": "individual",
        "controller": {"fees": {"payer": "application"}, "stripe_dashboard": {"type": "express"}},
        "capabilities": {"transfers": {"requested": True}}, "metadata": {"did": "d1"},
    })
    assert isinstance(account, stripe.Account)
    same(account.controller.fees.payer, "application")
    same(account.capabilities.transfers, "inactive")
    same(account.metadata["did"], "d1")
    same(account.requirements.past_due[0], "external_account")
    simulator.hook("onboard", id=account.id)
    account = v1.accounts.retrieve(account.id)
    same((account.payouts_enabled, account.details_submitted), (True, True))
    capability = v1.accounts.capabilities.retrieve(account.id, "transfers")
    assert isinstance(capability, stripe.Capability)
    same(capability.status, "active")
    same([item.id for item in v1.accounts.capabilities.list(account.id)], ["transfers"])
    updated = v1.accounts.update(account.id, {"metadata": {"did": "d2", "x": "y"}, "email": "b@shop.test"})
    same((updated.metadata.to_dict(), updated.email), ({"did": "d2", "x": "y"}, "b@shop.test"))
    same(v1.accounts.update(account.id, {"metadata": ""}).metadata.to_dict(), {})
    assert account.id in [item.id for item in v1.accounts.list({"limit": 3})]
    simulator.hook("capability", id=account.id, name="transfers", status="inactive")
    same(v1.accounts.retrieve(account.id).capabilities.transfers, "inactive")
    same(v1.accounts.delete(account.id).deleted, True)
    raises(
        stripe.InvalidRequestError, lambda: v1.accounts.retrieve(account.id), code="resource_missing",
        http_status=404)


def check_links(simulator):
    v1, account = simulator.v1, simulator.seller()
    form = {
        "account": account, "type": "account_onboarding", "refresh_url": "https://s.test/r",
        "return_url": "https://s.test/d", "collection_options": {"fields": "eventually_due"},
    }
    first, second = v1.account_links.create(form), v1.account_links.create(form)
    assert isinstance(first, stripe.AccountLink)
    assert first.url != second.url and first.expires_at > first.created
    assert v1.accounts.login_links.create(account).url.startswith("https://")


def check_own_account(simulator):
    account = simulator.v1.accounts.retrieve_current()
    same((account.charges_enabled, account.default_currency), (True, "cad"))
