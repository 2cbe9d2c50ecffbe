"""Documents: who may put them, who may read them."""

import json

from dfos import Identity, Key, cid
from relay import check, denied, not_ok


@check("a document is put by its creator and comes back byte for byte")
def upload(relay):
    relay.needs("content")
    creator = relay.identity()
    content = relay.content(creator)
    answer = relay.put_blob(content.id, content.genesis, creator, content.bytes)
    assert answer.status == 200, answer
    assert answer.json == {
        "status": "stored", "contentId": content.id, "documentCID": cid(content.document),
        "operationCID": content.genesis}
    answer = relay.get_blob(content.id, creator)
    assert answer.status == 200 and answer.body == content.bytes
    assert answer.headers["x-document-cid"] == cid(content.document)
    assert answer.headers["content-type"] == "application/octet-stream"


@check("bytes that hash to another document are refused")
def mismatch(relay):
    creator = relay.identity()
    content = relay.content(creator)
    for body in (b'{"other":1}', b"not json", b"", b'{"a":0.5}', b'{"a":1,"a":1}'):
        assert relay.put_blob(content.id, content.genesis, creator, body).status == 400


@check("without an auth token nothing is put")
def requires_auth(relay):
    content = relay.content(relay.identity())
    assert relay.put_blob(content.id, content.genesis, None, content.bytes).status == 401


@check("a document put twice is there once")
def idempotent(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    assert relay.put_blob(content.id, content.genesis, creator, content.bytes).status == 200
    assert relay.get_blob(content.id, creator).body == content.bytes


@check("a reader reads with a credential of the creator")
def with_credential(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    answer = relay.get_blob(content.id, reader, credential=credential)
    assert answer.status == 200 and answer.body == content.bytes


@check("a reader without a credential, or with a stranger's, is refused")
def without_credential(relay):
    creator, reader, stranger = relay.identity(), relay.identity(), relay.identity()
    content = relay.stored(creator)
    assert relay.get_blob(content.id, reader).status == 403
    forged = stranger.credential(reader, content.resource, "read")
    assert relay.get_blob(content.id, reader, credential=forged).status == 403
    assert relay.get_blob(content.id, reader, credential="nonsense").status == 403


@check("a credential that is over, for another chain, or to write, reads nothing")
def useless_credentials(relay):
    creator, reader = relay.identity(), relay.identity()
    content, other = relay.stored(creator), relay.content(creator, {"title": "other"})
    for credential in (
        creator.credential(reader, content.resource, "read", iat=1_700_000_000, exp=1_700_000_100),
        creator.credential(reader, content.resource, "read", iat=4_000_000_000, exp=4_000_000_100),
        creator.credential(reader, other.resource, "read"),
        creator.credential(reader, content.resource, "write"),
    ):
        assert relay.get_blob(content.id, reader, credential=credential).status == 403


@check("a credential lists its actions by commas")
def several_actions(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "write, read")
    assert relay.get_blob(content.id, reader, credential=credential).status == 200


@check("a credential of a deleted issuer reads nothing, and reads again when the issuer is restored")
def deleted_issuer(relay):
    creator, reader = relay.identity(), relay.identity()
    content = relay.stored(creator)
    credential = creator.credential(reader, content.resource, "read")
    relay.take(creator.step("delete"))
    denied(relay.get_blob(content.id, reader, credential=credential))
    relay.take(creator.step("restore"))
    assert relay.get_blob(content.id, reader, credential=credential).status == 200


@check("a delegate puts the document of its own operation")
def delegated_upload(relay):
    creator, delegate = relay.identity(), relay.identity()
    content = relay.content(creator)
    document = {"title": "delegate with blob"}
    writing = creator.credential(delegate, content.resource, "write")
    token, name = content.update(content.genesis, document, signer=delegate, authorization=writing)
    relay.take(token)
    assert relay.put_blob(content.id, name, delegate, json.dumps(document).encode()).status == 200


@check("nobody else puts a document")
def not_signer(relay):
    content = relay.content(relay.identity())
    assert relay.put_blob(content.id, content.genesis, relay.identity(), content.bytes).status == 403


@check("an auth token for another relay, over, too long-lived, or under a replaced key is 401")
def auth_tokens(relay):
    creator = relay.identity()
    content = relay.content(creator)

    def put(token):
        headers = {"Authorization": "Bearer " + token}
        return relay.request("PUT", f"/content/{content.id}/blob/{content.genesis}", content.bytes, headers).status

    did = relay.did
    assert put(creator.auth_token("did:dfos:" + "2" * 31)) == 401
    assert put(creator.auth_token(did, ttl=-3600)) == 401
    assert put(creator.auth_token(did, issued=-7200, ttl=3600)) == 401
    assert put(creator.auth_token(did, issued=600)) == 401
    assert put(creator.auth_token(did, ttl=86_400 + 60)) == 401
    assert put(Identity().auth_token(did)) == 401
    assert put("nonsense") == 401
    rotation, old = creator.rotate()
    relay.take(rotation)
    assert put(creator.auth_token(did, key=old)) == 401
    assert put(creator.auth_token(did)) == 200


@check("an auth token that puts nothing reads nothing")
def auth_tokens_read(relay):
    creator = relay.identity()
    content = relay.stored(creator)

    def read(token):
        return relay.get(f"/content/{content.id}/blob", headers={"Authorization": "Bearer " + token}).status

    did = relay.did
    assert read(creator.auth_token(did)) == 200
    for token in (
        creator.auth_token("did:dfos:" + "2" * 31), creator.auth_token(did, ttl=-3600),
        creator.auth_token(did, issued=-7200, ttl=3600), creator.auth_token(did, issued=600),
        creator.auth_token(did, ttl=86_400 + 60), creator.auth_token(did, key=Key()), Identity().auth_token(did),
        "nonsense",
    ):
        assert read(token) == 401, token
    rotation, old = creator.rotate()
    relay.take(rotation)
    assert read(creator.auth_token(did, key=old)) == 401
    assert read(creator.auth_token(did)) == 200


@check("a deleted identity authenticates no more")
def deleted_auth(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    relay.take(creator.step("delete"))
    assert relay.get_blob(content.id, creator).status == 401


@check("a document is read at an operation, at the head and by the word head")
def refs(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    for ref in (None, "head", content.genesis):
        answer = relay.get_blob(content.id, creator, ref=ref)
        assert answer.status == 200 and answer.body == content.bytes
    assert relay.get_blob(content.id, creator, ref="bafyreinothing").status == 404


@check("each version of a document is kept")
def versions(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    documents, head = [], content.genesis
    for index in range(2):
        document = json.dumps({"version": index}).encode()
        token, head = content.update(head, {"version": index})
        relay.take(token)
        assert relay.put_blob(content.id, head, creator, document).status == 200
        documents.append((head, document))
    for ref, document in documents:
        assert relay.get_blob(content.id, creator, ref=ref).body == document
    assert relay.get_blob(content.id, creator).body == documents[-1][1]
    assert relay.get_blob(content.id, creator, ref=content.genesis).body == content.bytes


@check("a deleted chain has no document at its head, nor has one that was never put")
def missing(relay):
    creator = relay.identity()
    content = relay.stored(creator)
    relay.take(content.delete(content.genesis)[0])
    assert relay.get_blob(content.id, creator).status == 404
    bare = relay.content(creator, {"title": "never put"})
    assert relay.get_blob(bare.id, creator).status == 404


@check("chains that do not exist have no documents")
def no_chain(relay):
    creator = relay.identity()
    assert relay.get_blob("nonexistent_content_id", creator).status == 404
    not_ok(relay.put_blob("nonexistent_content_id", "bafyrei" + "a" * 52, creator, b"test"))


@check("documents that two chains of a creator share are put once")
def shared(relay):
    creator = relay.identity()
    one, two = relay.stored(creator), relay.content(creator)
    answer = relay.get_blob(two.id, creator)
    assert answer.status == 200 and answer.body == one.bytes


@check("a document larger than a request of other services is stored")
def large(relay):
    creator = relay.identity()
    content = relay.stored(creator, {"text": "a" * (3 << 20)})
    assert relay.get_blob(content.id, creator).body == content.bytes


@check("a delegate who names a document of another chain reads nothing of it, until somebody puts it here")
def other_chains_document(relay):
    creator, delegate = relay.identity(), relay.identity()
    secret = {"$schema": "https://schemas.dfos.com/post/v1", "title": "private", "credits": [{"did": creator.did}]}
    private, opened = relay.stored(creator, secret), relay.stored(creator, {"title": "opened"})
    writing = creator.credential(delegate, opened.resource, "write")
    reading = creator.credential(delegate, opened.resource, "read")
    token, name = opened.update(opened.genesis, secret, signer=delegate, authorization=writing)
    relay.take(token)
    for ref in (None, "head", name):
        assert relay.get_blob(opened.id, delegate, ref=ref, credential=reading).status == 404
    assert relay.get_blob(opened.id, delegate, ref=opened.genesis, credential=reading).status == 200
    relay.take(creator.credential("*", opened.resource, "read"))
    assert relay.get_blob(opened.id).status == 404
    row = relay.get("/index/v0/content", {"contentId": opened.id}).json["content"][0]
    assert "private" not in json.dumps(row) and not row.get("docSchema"), row
    assert relay.get("/index/v0/credits", {"contentId": opened.id}).json["credits"] == []
    assert relay.get_blob(private.id, creator).body == private.bytes
    # Whoever puts the bytes has them.
    assert relay.put_blob(opened.id, name, delegate, private.bytes).status == 200
    assert relay.get_blob(opened.id).body == private.bytes
    assert len(relay.get("/index/v0/credits", {"contentId": opened.id}).json["credits"]) == 1
