"""Queries over what the relay holds."""

import json
import time

from dfos import Identity, cid, read
from relay import check

POST = "https://schemas.dfos.com/post/v1"
PROFILE = "https://schemas.dfos.com/profile/v1"


def rows(relay, family, **query):
    relay.needs("index")
    return relay.walk("/index/v0/" + family, family, query, limit=1000)


def bad(relay, path, error=None):
    relay.needs("index")
    answer = relay.get("/index/v0/" + path)
    assert answer.status == 400 and isinstance(answer.json["error"], str), answer
    assert error is None or answer.json["error"] == error, answer


@check("an identity is in the index with its counts and times")
def identities(relay):
    made = relay.identity()
    relay.take(made.update())
    row = rows(relay, "identities", did=made.did)[0]
    assert row["did"] == made.did and row["headCID"] == made.head and row["opCount"] == 2
    assert row["genesisAt"] == made.genesis_payload["createdAt"] < row["headAt"]
    assert row["isDeleted"] is False and row["profile"] is None
    assert made.did in [row["did"] for row in rows(relay, "identities")]


@check("content is in the index with its counts, times and document")
def content(relay):
    creator = relay.identity()
    chain = relay.content(creator)
    row = rows(relay, "content", contentId=chain.id)[0]
    assert row["genesisCID"] == row["headCID"] == chain.genesis and row["creatorDID"] == creator.did
    assert row["opCount"] == 1 and row["currentDocumentCID"] == cid(chain.document)
    assert row["genesisAt"] == row["headAt"] == read(chain.token)[1]["createdAt"]
    assert (row["isDeleted"], row["publicRead"], row["docSchema"], row["title"]) == (False, False, None, None)


@check("content is found by its creator, and nobody else's is")
def by_creator(relay):
    creator, other = relay.identity(), relay.identity()
    mine, _ = relay.content(creator), relay.content(other)
    assert [row["contentId"] for row in rows(relay, "content", creator=creator.did)] == [mine.id]


@check("content is found by its document's schema and by its document")
def by_document(relay):
    creator = relay.identity()
    schema = "urn:check:" + creator.did
    one = relay.stored(creator, {"$schema": schema, "title": "matching"})
    two = relay.stored(creator, {"$schema": schema + "/other", "title": "other"})
    assert [row["contentId"] for row in rows(relay, "content", docSchema=schema)] == [one.id]
    found = rows(relay, "content", documentCID=cid(two.document))
    assert [row["contentId"] for row in found] == [two.id] and found[0]["docSchema"] == schema + "/other"


@check("content is found by whether anyone may read it, which ends with the revocation's answer")
def by_public(relay):
    creator = relay.identity()
    one, two = relay.stored(creator, {"title": "public"}), relay.stored(creator, {"title": "private"})
    credential = creator.credential("*", one.resource, "read")
    relay.take(credential)

    def found(flag):
        return [row["contentId"] for row in rows(relay, "content", creator=creator.did, publicRead=flag)]

    assert found("true") == [one.id] and found("false") == [two.id]
    relay.take(creator.revocation(credential))
    assert found("true") == [] and sorted(found("false")) == sorted([one.id, two.id])


@check("content is found by whether it is deleted")
def by_deleted(relay):
    creator = relay.identity()
    one, two = relay.content(creator), relay.content(creator, {"title": "two"})
    relay.take(one.delete(one.genesis)[0])
    assert [r["contentId"] for r in rows(relay, "content", creator=creator.did, isDeleted="true")] == [one.id]
    assert [r["contentId"] for r in rows(relay, "content", creator=creator.did, isDeleted="false")] == [two.id]


@check("credentials show resource and action of each permission, and nothing else")
def attenuations(relay):
    issuer = relay.identity()
    chain = relay.content(issuer)
    att = [
        {"resource": chain.resource, "action": "read", "extra": {"deep": 1}},
        {"resource": "chain:*", "action": "read"}]
    token = issuer.credential("*", att=att)
    relay.take(token)
    row = rows(relay, "credentials", issuer=issuer.did)[0]
    assert row["att"] == [{"resource": chain.resource, "action": "read"}, {"resource": "chain:*", "action": "read"}]
    assert row["cid"] == read(token)[0]["cid"] and row["jwsToken"] == token and row["aud"] == "*"
    assert row["exp"] == read(token)[1]["exp"] and row["issuerDID"] == issuer.did


@check("credentials are found by issuer, by resource with those for all chains, and by action")
def credentials(relay):
    issuer, other = relay.identity(), relay.identity()
    chain = relay.content(issuer)
    exact = issuer.credential("*", chain.resource, "read")
    wild = other.credential("*", "chain:*", "read")
    foreign = other.credential("*", chain.resource, "write")
    relay.take(exact, wild, foreign)
    names = {read(token)[0]["cid"] for token in (exact, wild, foreign)}

    def found(**query):
        return {row["cid"] for row in rows(relay, "credentials", **query)} & names

    exact, wild, foreign = (read(token)[0]["cid"] for token in (exact, wild, foreign))
    assert found(issuer=issuer.did) == {exact}
    assert found(resource=chain.resource) == {exact, wild, foreign}
    assert found(resource="chain:*") == {wild}
    assert found(issuer=issuer.did, resource=chain.resource) == {exact}
    assert found(resource=chain.resource, action="write") == {foreign}


@check("lists are walked one row at a time by their key, and the last page is empty")
def keyset(relay):
    issuer = relay.identity()
    relay.needs("index")
    chains = [relay.content(issuer, {"n": index}) for index in range(3)]
    tokens = [issuer.credential("*", chain.resource, "read") for chain in chains]
    relay.take(*tokens)
    for family, key, want, query in (
        ("content", "contentId", [chain.id for chain in chains], {"creator": issuer.did}),
        ("credentials", "cid", [read(token)[0]["cid"] for token in tokens], {"issuer": issuer.did}),
    ):
        seen, after = [], None
        while True:
            page = relay.get("/index/v0/" + family, dict(query, limit=1, **({"after": after} if after else {}))).json
            if page["next"] is None:
                assert page[family] == []
                break
            assert len(page[family]) == 1 and page["next"] == page[family][0][key]
            seen.append(page[family][0][key])
            after = page["next"]
        assert seen == sorted(want)
        beyond = relay.get("/index/v0/" + family, dict(query, after=seen[0] + "a")).json[family]
        assert [row[key] for row in beyond] == seen[1:]
    walked = [row["did"] for row in relay.walk("/index/v0/identities", "identities", limit=7)]
    assert walked == sorted(set(walked)) and issuer.did in walked


@check("what cannot be a filter is 400, with the reason")
def bad_requests(relay):
    for path in (
        "content?creator=not-a-did", "content?signer=not-a-did", "countersignatures",
        "countersignatures?witness=not-a-did", "credentials?issuer=not-a-did", "artifacts?signer=not-a-did",
    ):
        bad(relay, path, "invalid DID")
    for path in (
        "content?publicRead=", "content?publicRead=yes", "identities?hasPublicProfile=1", "content?isDeleted=T",
    ):
        bad(relay, path, "invalid boolean")
    for path in (
        "content?order=bogus", "content?order=", "identities?order=createdAt.desc", "operations?order=headAt.desc",
        "content?order=genesisAt.desc&after=not-a-cursor", "identities?order=headAt.desc&after=AAAA",
        "operations?after=not-a-cursor", "credits?after=not-a-cursor", "operations?kind=bogus",
        "artifacts?order=ingestedAt.desc&after=x",
    ):
        bad(relay, path)
    bad(relay, "content?titleContains=a&publicRead=false", "invalid filter combination")


@check("limits of the index are clamped as all limits are")
def limits(relay):
    relay.needs("index")
    made = [Identity() for _ in range(101)]
    relay.take(*[one.token for one in made[:100]])
    relay.take(made[100].token)
    for text in ("0", "-5", "abc", "1.5", "", "100", "101", "99999"):
        answer = relay.get("/index/v0/identities?limit=" + text)
        assert answer.status == 200
        count = len(answer.json["identities"])
        assert 101 <= count <= 1000 if text == "99999" else count == (101 if text == "101" else 100), (text, count)


@check("content is ordered by its beginning and by its last change, newest first, in any page size")
def orders(relay):
    creator = relay.identity()
    chains = [relay.content(creator, {"n": index}) for index in range(4)]
    relay.take(chains[0].update(chains[0].genesis, {"n": "later"})[0])
    ids = [chain.id for chain in chains]
    for order, want in (("genesisAt.desc", ids[::-1]), ("headAt.desc", [ids[0], ids[3], ids[2], ids[1]])):
        for limit in (1, 2, 1000):
            query = {"creator": creator.did, "order": order}
            walked = relay.walk("/index/v0/content", "content", query, limit=limit)
            assert [row["contentId"] for row in walked] == want, (order, limit)


@check("identities are ordered by time as well")
def identity_orders(relay):
    made = [relay.identity() for _ in range(3)]
    relay.take(made[0].update())
    dids = [one.did for one in made]
    for order, want in (("genesisAt.desc", dids[::-1]), ("headAt.desc", [dids[0], dids[2], dids[1]])):
        for limit in (7, 50):
            found = relay.walk("/index/v0/identities", "identities", {"order": order}, limit=limit)
            assert [row["did"] for row in found if row["did"] in dids] == want, order
            times = [row[order.removesuffix(".desc")] for row in found]
            assert times == sorted(times, reverse=True)


@check("content is found by whoever signed in it")
def by_signer(relay):
    creator, delegate = relay.identity(), relay.identity()
    chain = relay.stored(creator, {"$schema": POST, "title": "conformance post"})
    writing = creator.credential(delegate, chain.resource, "write")
    document = {"$schema": POST, "title": "delegate update"}
    token, name = chain.update(chain.genesis, document, signer=delegate, authorization=writing)
    relay.take(token)
    assert relay.put_blob(chain.id, name, delegate, json.dumps(document).encode()).status == 200
    relay.take(creator.credential("*", chain.resource, "read"))
    query = {"signer": delegate.did, "creator": creator.did, "docSchema": POST, "publicRead": "true"}
    found = rows(relay, "content", **query)
    assert [row["contentId"] for row in found] == [chain.id] and found[0]["title"] == "delegate update"
    assert chain.id in [row["contentId"] for row in rows(relay, "content", signer=creator.did)]


@check("a post's title is shown while anyone may read it, another document's never")
def titles(relay):
    creator = relay.identity()
    post = relay.stored(creator, {"$schema": POST, "title": "A Title of Its Own " + creator.did[-6:]})
    other = relay.stored(creator, {"$schema": "https://example.com/x", "title": "not shown"})
    titles = {row["contentId"]: row["title"] for row in rows(relay, "content", creator=creator.did)}
    assert titles == {post.id: None, other.id: None}
    relay.take(creator.credential("*", "chain:*", "read"))
    titles = {row["contentId"]: row["title"] for row in rows(relay, "content", creator=creator.did)}
    assert titles == {post.id: post.document["title"], other.id: None}
    needle = "TITLE OF ITS OWN " + creator.did[-6:]
    assert [row["contentId"] for row in rows(relay, "content", titleContains=needle)] == [post.id]


def with_profile(relay, name, public=True):
    creator = relay.identity()
    chain = relay.stored(creator, {"$schema": PROFILE, "name": name})
    anchor = {"id": "profile", "type": "ContentAnchor", "label": "Profile", "anchor": chain.id}
    relay.take(creator.update(services=[anchor]))
    credential = creator.credential("*", chain.resource, "read")
    if public:
        relay.take(credential)
    return creator, chain, credential


@check("an identity's profile is what its anchored document says, while anyone may read it")
def profiles(relay):
    name = f"Åsa Öberg {time.time_ns()}"
    creator, chain, credential = with_profile(relay, name)
    row = rows(relay, "identities", did=creator.did)[0]
    assert row["profile"] == {"anchor": chain.id, "publicRead": True, "docSchema": PROFILE, "name": name}
    assert [r["did"] for r in rows(relay, "identities", nameContains=name.upper())] == [creator.did]
    assert creator.did in [r["did"] for r in rows(relay, "identities", hasPublicProfile="true")]
    assert creator.did not in [r["did"] for r in rows(relay, "identities", hasPublicProfile="false")]
    relay.take(creator.revocation(credential))
    row = rows(relay, "identities", did=creator.did)[0]
    assert row["profile"] == {"anchor": chain.id, "publicRead": False, "docSchema": PROFILE, "name": None}
    assert rows(relay, "identities", nameContains=name) == []


@check("a profile that nobody was let read has no name in the index, until somebody is")
def profile_gated(relay):
    name = f"Hidden {time.time_ns()}"
    creator, chain, credential = with_profile(relay, name, public=False)
    answer = relay.get("/index/v0/identities", {"did": creator.did})
    assert answer.json["identities"][0]["profile"] == {
        "anchor": chain.id, "publicRead": False, "docSchema": PROFILE, "name": None}
    assert name.encode() not in answer.body and rows(relay, "identities", nameContains=name) == []
    relay.take(credential)
    assert rows(relay, "identities", did=creator.did)[0]["profile"]["name"] == name
    assert [row["did"] for row in rows(relay, "identities", nameContains=name)] == [creator.did]


@check("identities with a public profile are those, and only those")
def public_profiles(relay):
    with_profile(relay, "shown")
    found = rows(relay, "identities", hasPublicProfile="true")
    assert found and all(row["profile"]["publicRead"] for row in found)
    assert all(row["profile"] is None or not row["profile"]["publicRead"]
               for row in rows(relay, "identities", hasPublicProfile="false"))


@check("a profile whose chain is not here says so")
def profile_unknown(relay):
    anchor = {"id": "p", "type": "ContentAnchor", "label": "profile", "anchor": "cv7n8vkvr64cctf3294h9k4eanhff8z"}
    made = relay.identity(services=[anchor])
    row = rows(relay, "identities", did=made.did)[0]
    assert row["profile"] == {
        "anchor": anchor["anchor"], "publicRead": False, "docSchema": None, "name": None}


@check("of several profile anchors the one of the least service id counts")
def profile_least(relay):
    made = relay.identity()
    one, two = relay.content(made), relay.content(made, {"n": 2})
    anchors = [
        {"id": "b", "type": "ContentAnchor", "label": "profile", "anchor": one.id},
        {"id": "a", "type": "ContentAnchor", "label": "PROFILE", "anchor": two.id},
    ]
    relay.take(made.update(services=anchors))
    assert rows(relay, "identities", did=made.did)[0]["profile"]["anchor"] == two.id


@check("a witness's countersignatures are listed, by relation and by time too")
def by_witness(relay):
    creator, witness = relay.identity(), relay.identity()
    names = []
    for relation in (None, "endorses", "holds"):
        chain = relay.content(creator, {"relation": relation})
        token, name = witness.countersign(chain.genesis, relation=relation)
        relay.take(token)
        names.append((name, chain.genesis, relation, token))
    answer = relay.get("/index/v0/countersignatures", {"witness": witness.did}).json
    assert answer["witness"] == witness.did and answer["next"] is None
    want = [{"cid": n, "targetCID": t, "relation": r, "jwsToken": j} for n, t, r, j in sorted(names)]
    assert answer["countersignatures"] == want
    assert relay.walk("/index/v0/countersignatures", "countersignatures", {"witness": witness.did}) == want
    found = rows(relay, "countersignatures", witness=witness.did, relation="endorses")
    assert [row["cid"] for row in found] == [names[1][0]]
    for order in ("createdAt.desc", "ingestedAt.desc"):
        query = {"witness": witness.did, "order": order}
        walked = relay.walk("/index/v0/countersignatures", "countersignatures", query)
        assert [row["cid"] for row in walked] == [name for name, *_ in names[::-1]]


@check("artifacts are listed by signer, schema and time")
def artifacts(relay):
    author = relay.identity()
    names = []
    for index in range(3):
        token, name = author.artifact({"$schema": f"urn:s:{index % 2}", "n": index})
        relay.take(token)
        names.append(name)
    found = rows(relay, "artifacts", signer=author.did)
    assert [row["cid"] for row in found] == sorted(names)
    assert all(set(row) == {"cid", "signerDID", "createdAt", "ingestedAt", "docSchema"} for row in found)
    assert [r["cid"] for r in rows(relay, "artifacts", signer=author.did, docSchema="urn:s:1")] == [names[1]]
    assert [r["cid"] for r in rows(relay, "artifacts", cid=names[0])] == [names[0]]
    for order in ("createdAt.desc", "ingestedAt.desc"):
        walked = relay.walk("/index/v0/artifacts", "artifacts", {"signer": author.did, "order": order})
        assert [row["cid"] for row in walked] == names[::-1]


@check("operations are listed newest first, by kind and chain")
def operations(relay):
    author = relay.identity()
    chain = relay.content(author)
    token, name = author.artifact()
    relay.take(token)
    newest = relay.get("/index/v0/operations", {"limit": 1}).json["operations"][0]
    assert newest["cid"] == name and set(newest) == {"cid", "kind", "chainId", "createdAt", "ingestedAt"}
    found = rows(relay, "operations", chainId=author.did)
    assert {row["cid"] for row in found} == {author.genesis, name}
    assert [row["cid"] for row in rows(relay, "operations", chainId=author.did, kind="artifact")] == [name]
    for order in ("createdAt.desc", "ingestedAt.desc"):
        walked = relay.walk("/index/v0/operations", "operations", {"chainId": author.did, "order": order})
        assert [row["cid"] for row in walked] == [name, author.genesis]
    assert [row["cid"] for row in rows(relay, "operations", chainId=chain.id)] == [chain.genesis]


@check("credits are those of public posts' heads, walked by an opaque cursor, gone when the chain is closed")
def credits(relay):
    creator, shared, other = relay.identity(), relay.identity(), relay.identity()
    first = {"$schema": POST, "credits": [
        {"did": shared.did, "role": "writing", "claim": "opaque", "name": "never shown"},
        {"did": 42, "role": "malformed"}, {"did": other.did}]}
    second = {"$schema": POST, "credits": [
        {"did": other.did, "role": "photography"}, {"did": shared.did, "role": "editing"}]}
    a, b = relay.stored(creator, first), relay.stored(creator, second)
    assert rows(relay, "credits", contentId=a.id) == []
    grant = creator.credential("*", a.resource, "read")
    relay.take(grant, creator.credential("*", b.resource, "read"))
    assert rows(relay, "credits", contentId=a.id) == [
        {"contentId": a.id, "did": shared.did, "role": "writing", "position": 0, "hasClaim": True},
        {"contentId": a.id, "did": other.did, "role": None, "position": 2, "hasClaim": False},
    ]
    by_did = rows(relay, "credits", did=shared.did)
    assert [row["contentId"] for row in by_did] == sorted([a.id, b.id])
    assert [row["contentId"] for row in rows(relay, "credits", did=shared.did, role="editing")] == [b.id]
    assert relay.walk("/index/v0/credits", "credits", {"did": shared.did}) == by_did
    page = relay.get("/index/v0/credits", {"did": shared.did, "limit": 1}).json
    assert page["credits"][0]["contentId"] not in page["next"]
    token, _ = b.update(b.genesis, {"$schema": POST, "credits": []})
    relay.take(token)
    assert rows(relay, "credits", contentId=b.id) == []
    relay.take(creator.revocation(grant))
    assert rows(relay, "credits", contentId=a.id) == []
