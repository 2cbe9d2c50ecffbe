"""Credentials, delegations, public grants and revocations."""

import json
import time

from dfos import Identity, sign, read
from relay import check, denied, not_ok


def read_att(resource):
    return [{"resource": resource, "action": "read"}]


@check("a revocation is taken")
def revocation(relay):
    issuer = relay.identity()
    credential = issuer.credential("did:dfos:somereader0000000000000", "chain:x", "read")
    token = issuer.revocation(credential)
    result = relay.take(token)[0]
    assert result["kind"] == "revocation" and result["chainId"] == issuer.did
    assert relay.get("/proof/v1/operations/" + result["cid"]).json == {
        "cid": result["cid"], "jwsToken": token, "chainType": "revocation", "chainId": issuer.did}
    assert relay.post(token)[0]["status"] == "duplicate"


@check("a revoked credential reads nothing more")
def revoked(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    assert relay.get_blob(content.id, reader, credential=credential).status == 200
    relay.take(creator.revocation(credential))
    denied(relay.get_blob(content.id, reader, credential=credential))


@check("a revocation by somebody else ends nothing")
def foreign_revocation(relay):
    creator, reader, stranger = relay.identity(), relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    relay.take(stranger.revocation(credential))
    assert relay.get_blob(content.id, reader, credential=credential).status == 200


@check("a public credential is taken, and again is a duplicate")
def public(relay):
    issuer = relay.identity()
    token = issuer.credential("*", relay.content(issuer).resource, "read")
    result = relay.take(token)[0]
    assert result["kind"] == "credential" and result["chainId"] == issuer.did
    assert relay.post(token)[0]["status"] == "duplicate"


@check("a public credential signed before its key was replaced is taken")
def public_after_rotation(relay):
    issuer = relay.identity()
    content = relay.content(issuer)
    token = issuer.credential("*", content.resource, "read")
    rotation, _ = issuer.rotate()
    relay.take(rotation)
    relay.take(token)


@check("a credential outlives its key")
def after_rotation(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    rotation, _ = creator.rotate()
    relay.take(rotation)
    assert relay.get_blob(content.id, reader, credential=credential).status == 200


@check("a public credential opens a chain to whoever asks, until it is revoked")
def standing(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    assert relay.get_blob(content.id).status == 401
    credential = creator.credential("*", content.resource, "read")
    relay.take(credential)
    for who in (None, reader):
        answer = relay.get_blob(content.id, who)
        assert answer.status == 200 and answer.body == content.bytes
    relay.take(creator.revocation(credential))
    assert relay.get_blob(content.id).status == 401
    assert relay.get_blob(content.id, reader).status == 403


@check("a public credential that comes before the content it opens opens it")
def standing_early(relay):
    creator = relay.identity()
    relay.take(creator.credential("*", "chain:*", "read"))
    content = relay.stored(creator)
    assert relay.get_blob(content.id).status == 200


@check("a public credential opens what the chain says now, not what it said before")
def head_only(relay):
    creator, stranger = relay.identity(), relay.identity()
    content = relay.stored(creator)
    document = {"title": "current head"}
    token, head = content.update(content.genesis, document)
    relay.take(token)
    assert relay.put_blob(content.id, head, creator, json.dumps(document).encode()).status == 200
    credential = creator.credential("*", content.resource, "read")
    relay.take(credential)
    assert relay.get_blob(content.id).body == json.dumps(document).encode()
    assert relay.get_blob(content.id, ref=head).status == 200
    assert relay.get_blob(content.id, ref=content.genesis).status == 401
    assert relay.get_blob(content.id, creator, ref=content.genesis).body == content.bytes
    assert relay.get_blob(content.id, stranger, ref=content.genesis).status == 403
    assert relay.get_blob(content.id, stranger, ref=content.genesis, credential=credential).status == 403
    named = creator.credential(stranger, content.resource, "read")
    assert relay.get_blob(content.id, stranger, ref=content.genesis, credential=named).status == 200


@check("a public credential goes with the head: what was open is closed when the chain goes on or ends")
def head_moves(relay):
    for everything in (False, True):
        creator, stranger = relay.identity(), relay.identity()
        content = relay.stored(creator)
        relay.take(creator.credential("*", "chain:*" if everything else content.resource, "read"))
        assert relay.get_blob(content.id, ref=content.genesis).body == content.bytes
        document = {"title": "what it says now"}
        token, head = content.update(content.genesis, document)
        relay.take(token)
        not_ok(relay.get_blob(content.id))
        assert relay.put_blob(content.id, head, creator, json.dumps(document).encode()).status == 200
        for ref in (None, "head", head):
            assert relay.get_blob(content.id, ref=ref).body == json.dumps(document).encode()
        assert relay.get_blob(content.id, ref=content.genesis).status == 401
        assert relay.get_blob(content.id, stranger, ref=content.genesis).status == 403
        relay.take(content.delete(head)[0])
        for ref in (None, "head", head, content.genesis):
            not_ok(relay.get_blob(content.id, ref=ref))
        assert relay.get_blob(content.id, creator, ref=content.genesis).body == content.bytes


@check("chain:* opens every chain of its issuer, and of nobody else, until it is revoked")
def wildcard(relay):
    creator, reader, other = relay.identity(), relay.identity(), relay.identity()
    one, foreign = relay.stored(creator), relay.stored(other)
    credential = creator.credential("*", "chain:*", "read")
    relay.take(credential)
    two = relay.stored(creator, {"title": "later"})
    for content in (one, two):
        assert relay.get_blob(content.id, reader).status == 200
    assert relay.get_blob(foreign.id).status == 401
    relay.take(creator.revocation(credential))
    denied(relay.get_blob(one.id, reader))


@check("chain:* for one reader reads any chain of its issuer")
def wildcard_reader(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, "chain:*", "read")
    assert relay.get_blob(content.id, reader, credential=credential).status == 200


@check("a credential for somebody else is no use")
def audience(relay):
    creator, reader, interloper = relay.identity(), relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    not_ok(relay.get_blob(content.id, interloper, credential=credential))


@check("three delegations in a row read, and none of them once the first is revoked")
def delegations(relay):
    creator, first, second, reader = (relay.identity() for _ in range(4))
    content = relay.stored(creator)
    root = creator.credential(first, content.resource, "read", ttl=300)
    middle = first.credential(second, content.resource, "read", parent=root, ttl=250)
    leaf = second.credential(reader, content.resource, "read", parent=middle, ttl=200)
    assert relay.get_blob(content.id, reader, credential=leaf).body == content.bytes
    relay.take(creator.revocation(root))
    not_ok(relay.get_blob(content.id, reader, credential=leaf))


@check("a delegation that lasts longer, permits more, has a gap or another root is refused")
def bad_delegations(relay):
    creator, delegate, outsider, reader = (relay.identity() for _ in range(4))
    content, other = relay.stored(creator), relay.stored(creator, {"title": "second"})
    root = creator.credential(delegate, content.resource, "read", ttl=60)
    writing = creator.credential(delegate, content.resource, "write", ttl=300)
    wide = {"parent": root, "ttl": 30}
    for chain, credential in (
        (content, delegate.credential(reader, content.resource, "read", parent=root, ttl=300)),
        (other, delegate.credential(reader, other.resource, "read", **wide)),
        (content, delegate.credential(reader, content.resource, "read,write", **wide)),
        (content, delegate.credential(reader, "chain:*", "read", **wide)),
        (content, delegate.credential(reader, content.resource, "read", parent=writing, ttl=30)),
        (content, outsider.credential(reader, content.resource, "read", **wide)),
        (content, outsider.credential(reader, content.resource, "read")),
    ):
        not_ok(relay.get_blob(chain.id, reader, credential=credential))
    fine = delegate.credential(reader, content.resource, "read", **wide)
    assert relay.get_blob(content.id, reader, credential=fine).status == 200


@check("delegations that begin with somebody else read nothing, however well they hold together")
def foreign_root(relay):
    creator, outsider, delegate, reader = (relay.identity() for _ in range(4))
    content = relay.stored(creator)
    for root, readable in ((outsider, False), (creator, True)):
        first = root.credential(delegate, content.resource, "read", ttl=300)
        leaf = delegate.credential(reader, content.resource, "read", parent=first, ttl=200)
        assert (relay.get_blob(content.id, reader, credential=leaf).status == 200) == readable


@check("16 credentials in a chain open a chain to anyone, 17 do not")
def depth(relay):
    people = [relay.identity() for _ in range(17)]
    for count in (16, 17):
        content, credential = relay.stored(people[0]), None
        for index in range(count):
            audience = people[index + 1] if index < count - 1 else "*"
            credential = people[index].credential(
                audience, content.resource, "read", parent=credential, ttl=600 - index)
        status = relay.post(credential)[0]["status"]
        opened = relay.get_blob(content.id).status == 200
        assert (status, opened) == (("new", True) if count == 16 else ("rejected", False)), (count, status, opened)


@check("a credential of another version, with two parents, or with 33 permissions is refused")
def bad_credentials(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    root = creator.credential(creator, content.resource, "read")
    many = read_att(content.resource) * 33
    for credential in (
        creator.credential(reader, content.resource, "read", version=2),
        creator.credential(reader, content.resource, "read", prf=[root, root]),
        creator.credential(reader, att=many),
        creator.credential(reader, att=[{"resource": content.resource}]),
    ):
        not_ok(relay.get_blob(content.id, reader, credential=credential))
    assert relay.get_blob(content.id, reader, credential=creator.credential(reader, att=many[:32])).status == 200


@check("a public credential that is over opens nothing")
def expired_standing(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    credential = creator.credential("*", content.resource, "read", ttl=2)
    relay.take(credential)
    assert relay.get_blob(content.id).status == 200
    expires = read(credential)[1]["exp"]
    while time.time() <= expires + 1:
        time.sleep(0.1)
    denied(relay.get_blob(content.id))


@check("a public credential of somebody who did not begin the chain opens nothing")
def foreign_standing(relay):
    creator, stranger = relay.identity(), relay.identity()
    content = relay.stored(creator)
    relay.take(stranger.credential("*", content.resource, "read"))
    denied(relay.get_blob(content.id))


@check("a public credential of a deleted issuer opens nothing until the issuer is restored")
def deleted_standing(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    relay.take(creator.credential("*", content.resource, "read"))
    assert relay.get_blob(content.id).status == 200
    relay.take(creator.step("delete"))
    denied(relay.get_blob(content.id))
    relay.take(creator.step("restore"))
    assert relay.get_blob(content.id).status == 200


@check("a public credential to write opens nothing to readers")
def write_standing(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    relay.take(creator.credential("*", content.resource, "write"))
    denied(relay.get_blob(content.id))


@check("a delegated public credential opens a chain, also when its delegate is heard of later")
def delegated_standing(relay):
    creator, delegate = relay.identity(), Identity()
    content = relay.stored(creator)
    root = creator.credential(delegate, content.resource, "read", ttl=300)
    leaf = delegate.credential("*", content.resource, "read", parent=root, ttl=200)
    relay.refuse(leaf, "unknown identity")
    denied(relay.get_blob(content.id))
    relay.take(delegate.token)
    assert relay.get_blob(content.id).status == 200
    relay.take(creator.revocation(root))
    denied(relay.get_blob(content.id))


@check("a public credential whose root is heard of later opens a chain then")
def late_root(relay):
    creator, delegate = Identity(), relay.identity()
    resource = "chain:*"
    root = creator.credential(delegate, resource, "read", ttl=300)
    leaf = delegate.credential("*", resource, "read", parent=root, ttl=200)
    assert relay.post(leaf)[0]["status"] == "new"
    relay.take(creator.token)
    content = relay.stored(creator)
    assert relay.get_blob(content.id).status == 200


@check("a credential carries further members")
def extra_members(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read", note="kept")
    assert relay.get_blob(content.id, reader, credential=credential).status == 200
