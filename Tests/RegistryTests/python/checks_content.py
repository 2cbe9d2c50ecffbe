"""Content chains, batches, and operations that come before what they depend on."""

from dfos import Clock, Content, Identity, cbor, cid, read
from relay import check


def head_of(relay, content):
    answer = relay.get(f"/proof/v1/content/{content.id}")
    assert answer.status == 200, answer
    return answer.json


def log_of(relay, content):
    return relay.walk(f"/proof/v1/content/{content.id}/log", "entries", limit=100)


@check("a content chain is created and served")
def create(relay):
    creator = relay.identity()
    content = relay.content(creator)
    body = head_of(relay, content)
    assert body["contentId"] == content.id and body["genesisCID"] == body["headCID"] == content.genesis
    assert body["state"] == {
        "contentId": content.id, "genesisCID": content.genesis, "headCID": content.genesis, "isDeleted": False,
        "currentDocumentCID": cid(content.document), "length": 1, "creatorDID": creator.did,
    }


@check("content of an identity that nobody knows is refused, and waits")
def unknown_identity(relay):
    stranger = Identity()
    result = relay.refuse(Content(stranger).token, "unknown identity")
    assert result["dependencyMissing"] is True
    assert relay.get("/proof/v1/content/" + "2" * 31).status == 404


@check("content is deleted by its creator, and takes nothing after that")
def delete(relay):
    content = relay.content(relay.identity())
    token, name = content.delete(content.genesis)
    relay.take(token)
    state = head_of(relay, content)["state"]
    assert state["isDeleted"] is True and state["currentDocumentCID"] is None and state["headCID"] == name
    relay.refuse(content.update(name, {"title": "late"})[0])


@check("two operations after one are both taken")
def fork(relay):
    content = relay.content(relay.identity())
    relay.take(content.update(content.genesis, {"title": "one"})[0])
    relay.take(content.update(content.genesis, {"title": "two"})[0])


@check("a fork's branches are all in the chain's log")
def fork_log(relay):
    content = relay.content(relay.identity())
    one, two = content.update(content.genesis, {"title": "one"}), content.update(content.genesis, {"title": "two"})
    relay.take(one[0], two[0])
    assert {entry["cid"] for entry in log_of(relay, content)} == {content.genesis, one[1], two[1]}


@check("of two branches the later is the head, whichever came first")
def fork_head(relay):
    for order in (False, True):
        content = relay.content(relay.identity())
        early, late = content.update(content.genesis, {"t": 1}), content.update(content.genesis, {"t": 2})
        for token, _ in (late, early) if order else (early, late):
            relay.take(token)
        body = head_of(relay, content)
        assert body["headCID"] == late[1] and body["state"]["length"] == 2
        assert body["state"]["currentDocumentCID"] == cid({"t": 2})


@check("of two branches of one time the greater CID is the head")
def fork_tie(relay):
    content = relay.content(relay.identity())
    at = Clock.text()
    forks = [content.update(content.genesis, {"t": index}, createdAt=at) for index in range(4)]
    for token, _ in forks:
        relay.take(token)
    assert head_of(relay, content)["headCID"] == max(name for _, name in forks)


@check("an operation is found by its CID, another is 404")
def operation(relay):
    creator = relay.identity()
    content = relay.content(creator)
    answer = relay.get(f"/proof/v1/operations/{content.genesis}")
    assert answer.status == 200 and answer.json == {
        "cid": content.genesis, "jwsToken": content.token, "chainType": "content", "chainId": content.id}
    assert relay.get(f"/proof/v1/operations/{creator.genesis}").json["chainType"] == "identity"
    assert relay.get("/proof/v1/operations/bafyreinothing").status == 404


@check("content from more than a day ahead is refused, from less it is taken")
def future(relay):
    creator = relay.identity()
    relay.refuse(Content(creator, createdAt=Clock.text(25 * 3600)).token, "future")
    content = relay.content(creator)
    relay.refuse(content.update(content.genesis, {"t": 1}, createdAt=Clock.text(25 * 3600))[0], "future")
    assert head_of(relay, content)["headCID"] == content.genesis
    relay.take(content.update(content.genesis, {"t": 1}, createdAt=Clock.text(23 * 3600))[0])


@check("unknown members of content operations are kept")
def unknown_member(relay):
    content = Content(relay.identity(), note="kept")
    relay.take(content.token)
    assert read(relay.get(f"/proof/v1/operations/{content.genesis}").json["jwsToken"])[1]["note"] == "kept"


@check("content goes on under a new key")
def after_rotation(relay):
    creator = relay.identity()
    content = relay.content(creator)
    token, _ = creator.rotate()
    relay.take(token)
    relay.take(content.update(content.genesis, {"title": "new key"})[0])


@check("a delegate writes with a credential, not without, not with one to read")
def delegated(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    relay.refuse(content.update(content.genesis, {"t": 0}, signer=delegate)[0])
    reading = creator.credential(delegate, content.resource, "read")
    relay.refuse(content.update(content.genesis, {"t": 1}, signer=delegate, authorization=reading)[0])
    writing = creator.credential(delegate, content.resource, "write")
    relay.take(content.update(content.genesis, {"t": 2}, signer=delegate, authorization=writing)[0])


@check("a delegate deletes with a credential")
def delegated_delete(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    writing = creator.credential(delegate, content.resource, "write")
    relay.take(content.delete(content.genesis, signer=delegate, authorization=writing)[0])
    assert head_of(relay, content)["state"]["isDeleted"] is True


@check("a credential that was revoked writes nothing more, whatever time the operation claims")
def revoked_writes(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    writing = creator.credential(delegate, content.resource, "write", iat=1_700_000_000)
    backdated = Clock.text()
    relay.take(creator.revocation(writing))
    token, _ = content.update(content.genesis, {"t": 1}, signer=delegate, authorization=writing, createdAt=backdated)
    relay.refuse(token, "revoked")


@check("a write's credential must hold at the operation's own time")
def expired_writes(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    expired = creator.credential(delegate, content.resource, "write", iat=1_700_000_000, exp=1_700_000_100)
    relay.refuse(content.update(content.genesis, {"t": 1}, signer=delegate, authorization=expired)[0], "expired")


@check("a delegate writes nothing once the creator is deleted")
def deleted_creator(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    writing = creator.credential(delegate, content.resource, "write")
    relay.take(creator.step("delete"))
    relay.refuse(content.update(content.genesis, {"t": 1}, signer=delegate, authorization=writing)[0])


@check("chains of one creator do not touch each other")
def independent(relay):
    creator = relay.identity()
    one, two = relay.content(creator), relay.content(creator, {"title": "second"})
    relay.take(one.update(one.genesis, {"t": 1})[0])
    assert head_of(relay, two)["headCID"] == two.genesis and len(log_of(relay, two)) == 1


@check("a chain grows to six operations")
def long_chain(relay):
    content = relay.content(relay.identity())
    head = content.genesis
    for index in range(5):
        token, head = content.update(head, {"seq": index})
        relay.take(token)
    assert head_of(relay, content)["headCID"] == head and head_of(relay, content)["state"]["length"] == 6


@check("content before its identity in one batch: both are new, results in the order sent")
def batch_sort(relay):
    creator = Identity()
    results = relay.post(Content(creator).token, creator.token)
    assert [(r["status"], r["kind"]) for r in results] == [("new", "content-op"), ("new", "identity-op")], results


@check("one batch carries several chains")
def batch_chains(relay):
    one, two = Identity(), Identity()
    content = Content(one)
    relay.take(one.token, two.token, content.token)
    assert relay.get(f"/proof/v1/identities/{one.did}").json["headCID"] == one.genesis
    assert relay.get(f"/proof/v1/identities/{two.did}").json["headCID"] == two.genesis
    assert head_of(relay, content)["state"]["creatorDID"] == one.did


@check("a bad operation does not harm its neighbours")
def batch_mixed(relay):
    one, two = Identity(), Identity()
    tampered = two.token[:-6] + ("AAAAAA" if not two.token.endswith("AAAAAA") else "BBBBBB")
    results = relay.post(one.token, tampered, "not.a.token")
    assert [result["status"] for result in results] == ["new", "rejected", "rejected"], results
    assert results[2]["cid"] == "" and results[1]["cid"] == two.genesis


@check("content sent before its identity is taken when the identity comes")
def cross_batch_identity(relay):
    creator = Identity()
    content = Content(creator)
    assert relay.refuse(content.token)["dependencyMissing"] is True
    assert relay.get(f"/proof/v1/content/{content.id}").status == 404
    relay.take(creator.token)
    assert head_of(relay, content)["headCID"] == content.genesis
    assert relay.post(content.token)[0]["status"] == "duplicate"


@check("an extension sent before its genesis is taken when that comes")
def cross_batch_genesis(relay):
    creator = relay.identity()
    content = Content(creator)
    token, name = content.update(content.genesis, {"t": 1})
    assert relay.refuse(token)["dependencyMissing"] is True
    relay.take(content.token)
    assert head_of(relay, content)["headCID"] == name and len(log_of(relay, content)) == 2


@check("a fork sent before its ancestor is taken when that comes, and all branches are there")
def cross_batch_fork(relay):
    creator = relay.identity()
    content = relay.content(creator)
    branch, name = content.update(content.genesis, {"t": 1})
    forked, _ = content.update(name, {"t": 2})
    other, _ = content.update(content.genesis, {"t": 3})
    assert relay.refuse(forked)["dependencyMissing"] is True
    relay.take(other)
    relay.take(branch)
    assert len(log_of(relay, content)) == 4


@check("a whole history in reverse, one operation a request, comes out whole")
def reversed_history(relay):
    creator = Identity()
    content = Content(creator)
    steps, head = [], content.genesis
    for index in range(6):
        token, head = content.update(head, {"seq": index})
        steps.append(token)
    pending = relay.well_known["stats"]["pendingOps"]
    for token in reversed(steps + []):
        relay.refuse(token)
    relay.refuse(content.token)
    assert relay.well_known["stats"]["pendingOps"] == pending + 7
    relay.take(creator.token)
    assert head_of(relay, content)["headCID"] == head and len(log_of(relay, content)) == 7
    assert relay.well_known["stats"]["pendingOps"] == pending


@check("an operation over 64 KiB is refused, one of 60 KB is taken")
def size_cap(relay):
    creator = relay.identity()
    relay.refuse(Content(creator, padding="a" * 66_000).token)
    relay.take(Content(creator, padding="a" * 60_000).token)


@check("65,536 bytes of a content operation are taken, one more is not, and its credential does not count")
def size_edge(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    writing = creator.credential(delegate, content.resource, "write")
    for signer, credential in ((creator, None), (delegate, writing)):
        for size, status in ((65_537, "rejected"), (65_536, "new")):
            fields = {"signer": signer, "authorization": credential, "createdAt": Clock.text()}
            payload = read(content.update(content.genesis, {"t": 1}, padding="a" * 60_000, **fields)[0])[1]
            payload.pop("authorization", None)
            padding = "a" * (size - len(cbor(payload)) + 60_000)
            result = relay.post(content.update(content.genesis, {"t": 1}, padding=padding, **fields)[0])[0]
            assert result["status"] == status, (size, result)


@check("16 credentials in a chain permit a write, 17 do not")
def delegation_depth(relay):
    creator = relay.identity()
    for count, status in ((16, "new"), (17, "rejected")):
        content = relay.content(creator)
        people = [creator] + [Identity() for _ in range(count)]
        relay.take(*[one.token for one in people[1:]])
        credential = None
        for index in range(count):
            credential = people[index].credential(
                people[index + 1], content.resource, "write", parent=credential, ttl=600 - index)
        token, _ = content.update(content.genesis, {"t": count}, signer=people[count], authorization=credential)
        result = relay.post(token)[0]
        assert result["status"] == status, (count, result)
