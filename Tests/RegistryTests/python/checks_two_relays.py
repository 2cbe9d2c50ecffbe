"""Two relays that were given the same operations, in other orders, answer alike.

suite.py URL --modules checks_two_relays --other URL
"""

import functools

from dfos import Content, Identity, read
from relay import check


@functools.cache
def corpus():
    """Operations of every kind in the order of what depends on what, and what to ask about them."""
    creator, witness, third = Identity(), Identity(), Identity()
    second = Identity(services=[{"id": "relay", "type": "DfosRelay", "endpoint": "https://relay.example.com"}])
    content = Content(creator)
    one, two = (content.update(content.genesis, {"title": title})[0] for title in ("one", "two"))
    artifact, artifact_name = creator.artifact()
    signed = [who.countersign(content.genesis)[0] for who in (witness, second)]
    credential = creator.credential("*", content.resource, "read")
    # Of one who signs nothing else: what a replaced key signed is not taken after the replacement.
    rotation, _ = third.rotate()
    tokens = [
        creator.token, witness.token, second.token, third.token, content.token, one, two, artifact, *signed,
        credential, creator.revocation(credential), rotation, third.step("delete"),
    ]
    return tokens, (creator, witness, second, third), content, artifact_name, credential


def both(relay):
    """Gives both relays the same, once: one operation at a time, and all in one batch in reverse."""
    tokens = corpus()[0]
    for token in tokens:
        assert relay.post(token)[0]["status"] in ("new", "duplicate")
    # What depends on the last of a batch comes first in it.
    for result in relay.other.post(*reversed(tokens)):
        assert result["status"] in ("new", "duplicate"), result
    return relay, relay.other


def alike(relay, *paths):
    for path in paths:
        here, there = (one.get(path) for one in both(relay))
        assert here.status == there.status == 200, (path, here, there)
        assert here.json == there.json, (path, here, there)


@check("identities, content and operations stand alike at two relays")
def state(relay):
    _, people, content, artifact, _ = corpus()
    alike(
        relay, *(f"/proof/v1/identities/{person.did}" for person in people),
        *(f"/proof/v1/identities/{person.did}/log" for person in people), f"/proof/v1/content/{content.id}",
        f"/proof/v1/operations/{artifact}")
    logs = [{entry["cid"] for entry in one.walk(f"/proof/v1/content/{content.id}/log", "entries")} for one in both(relay)]
    assert logs[0] == logs[1] and len(logs[0]) == 3


@check("the resolver gives the same documents at two relays")
def resolver(relay):
    alike(relay, *(f"/1.0/identifiers/{person.did}" for person in corpus()[1]))


@check("countersignatures are listed alike at two relays")
def countersignatures(relay):
    content = corpus()[2]
    alike(relay, *(f"/proof/v1/countersignatures/{content.genesis}?limit={limit}" for limit in (1, 100)))


@check("revocations are answered alike at two relays")
def revocations(relay):
    _, people, _, _, credential = corpus()
    name = read(credential)[0]["cid"]
    alike(relay, f"/revocations/v1/credential/{name}", f"/revocations/v1/issuer/{people[0].did}")
