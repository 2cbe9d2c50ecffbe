"""The signing mailbox."""

import json
import time

from dfos import Identity, Key, base64url, jws
from relay import check

CLAIM = "did:dfos:credit-claim"


class Asked:
    """A requester, a subject, a request and a credential that lets it be put."""

    def __init__(self, relay, payload_type=CLAIM, payload=None, **fields):
        relay.needs("signing")
        self.requester, self.subject = relay.identity(), relay.identity()
        self.payload = payload or json.dumps({"claim": time.time_ns()}).encode()
        self.payload_type = payload_type
        expires = fields.pop("expires", 300)
        self.request, self.cid, self.expires = self.requester.sign_request(
            self.subject.did, payload_type, self.payload, expires, **fields)
        self.credential = self.permit()

    @property
    def mailbox(self):
        return "mailbox:" + self.subject.did.removeprefix("did:dfos:")

    def permit(self, issuer=None, audience=None, resource=None, action="deposit"):
        issuer = issuer or self.subject
        return issuer.credential(audience or self.requester, resource or self.mailbox, action, ttl=600)

    def put(self, relay, **fields):
        body = {"request": self.request, "credential": self.credential}
        body.update(fields)
        return relay.post_json("/signing/v0/requests", body)

    def answer(self, key=None, typ=None, payload=None):
        key = key or self.subject.auth
        header = {"alg": "EdDSA", "typ": typ or self.payload_type, "kid": self.subject.kid(key)}
        return jws(header, None, key, payload_bytes=payload or self.payload)

    def respond(self, relay, token):
        return relay.post_json(f"/signing/v0/requests/{self.cid}/response", {"response": token})

    def state(self, relay):
        return relay.get(f"/signing/v0/requests/{self.cid}/response")

    def poll(self, relay, **query):
        return relay.get("/signing/v0/requests", query, relay.bearer(self.subject))


@check("a request is put, polled, answered once, and the answer fetched")
def happy(relay):
    asked = Asked(relay)
    first = asked.put(relay)
    assert first.status == 201 and first.json == {"cid": asked.cid, "expiresAt": asked.expires}, first
    again = asked.put(relay)
    assert again.status == 200 and again.json == first.json
    page = asked.poll(relay)
    assert page.status == 200 and set(page.json) == {"requests", "next"} and page.json["next"] is None
    row = page.json["requests"][0]
    assert len(page.json["requests"]) == 1 and row["cid"] == asked.cid and row["request"] == asked.request
    assert row["declined"] is False and row["depositedAt"]
    assert asked.state(relay).json == {"status": "pending"}
    token = asked.answer()
    assert asked.respond(relay, token).status == 201
    assert asked.respond(relay, token).status == 200
    assert asked.state(relay).json == {"status": "responded", "response": token}
    assert asked.poll(relay).json["requests"] == []


@check("a credential of another, for another, for every mailbox, or to do something else permits no deposit")
def deposit_rejections(relay):
    asked, third = Asked(relay), relay.identity()
    for credential in (
        asked.permit(issuer=third), asked.permit(audience=third), asked.permit(resource="mailbox:*"),
        asked.permit(action="collect"), asked.permit(resource="chain:*"), "nonsense",
    ):
        assert asked.put(relay, credential=credential).status == 403
    assert asked.put(relay, credential=asked.permit(audience="*")).status == 201


@check("a revoked credential permits no deposit")
def deposit_revoked(relay):
    asked = Asked(relay)
    relay.take(asked.subject.revocation(asked.credential))
    assert asked.put(relay).status == 403


@check("a subject who is not here has no mailbox, even when the deposit brings its identity")
def deposit_unknown_subject(relay):
    relay.needs("signing")
    requester, stranger = relay.identity(), Identity()
    request, _, _ = requester.sign_request(stranger.did, CLAIM, b"x", 60)
    mailbox = "mailbox:" + stranger.did.removeprefix("did:dfos:")
    body = {
        "request": request, "credential": stranger.credential(requester, mailbox, "deposit"),
        "chain": [stranger.token]}
    assert relay.post_json("/signing/v0/requests", body).status == 404


@check("a requester who is not here brings its identity, which is not kept")
def deposit_bundle(relay):
    asked = Asked(relay)
    stranger = Identity()
    update, _ = stranger.rotate()
    asked.requester = stranger
    asked.request, asked.cid, asked.expires = stranger.sign_request(asked.subject.did, CLAIM, asked.payload, 60)
    asked.credential = asked.permit()
    assert asked.put(relay).status == 400
    assert asked.put(relay, chain=[stranger.token, "x"]).status == 400
    assert asked.put(relay, chain=[stranger.token, update]).status == 201
    assert relay.get(f"/proof/v1/identities/{stranger.did}").status == 404


@check("requests that do not hold are 400")
def bad_requests(relay):
    asked = Asked(relay)
    requester, subject = asked.requester, asked.subject.did
    for request in (
        requester.sign_request(subject, CLAIM, b"x", -1, created=-60)[0],
        requester.sign_request(subject, CLAIM, b"x", 8 * 86_400)[0],
        requester.sign_request(subject, CLAIM, b"x", 60, created=120)[0],
        requester.sign_request(subject, CLAIM, b"", 60)[0],
        requester.sign_request(subject, CLAIM, b"x" * 4097, 60)[0],
        requester.sign_request(subject, "", b"x", 60)[0],
        requester.sign_request("nobody", CLAIM, b"x", 60)[0],
        requester.sign_request(subject, CLAIM, b"x", 60, key=Key())[0],
        requester.artifact()[0], "nonsense",
    ):
        assert asked.put(relay, request=request).status == 400, request
    for body in ({}, {"request": asked.request}, {"request": 1, "credential": "x"}, []):
        assert relay.post_json("/signing/v0/requests", body).status == 400


@check("a deposit over 512 KiB is 413")
def deposit_size(relay):
    relay.needs("signing")
    answer = relay.post_json("/signing/v0/requests", {"request": "x" * 600_000, "credential": "y"})
    assert answer.status == 413 and answer.json["error"]


@check("only the subject polls, with a token for this relay")
def poll_auth(relay):
    asked = Asked(relay)
    assert asked.put(relay).status == 201
    assert relay.get("/signing/v0/requests").status == 401
    elsewhere = {"Authorization": "Bearer " + asked.subject.auth_token("did:dfos:" + "2" * 31)}
    assert relay.get("/signing/v0/requests", headers=elsewhere).status == 401
    assert relay.get("/signing/v0/requests", headers=relay.bearer(asked.requester)).json["requests"] == []


@check("requests are polled oldest first, page by page; a cursor of somebody's making is 400")
def poll_pages(relay):
    asked = Asked(relay)
    assert asked.put(relay).status == 201
    names = [asked.cid]
    for index in range(2):
        asked.request, name, _ = asked.requester.sign_request(asked.subject.did, CLAIM, b"n%d" % index, 300)
        assert asked.put(relay).status == 201
        names.append(name)
    walked, after = [], None
    while True:
        page = asked.poll(relay, limit=1, **({"after": after} if after else {})).json
        walked += [row["cid"] for row in page["requests"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert walked == names
    assert asked.poll(relay, after="not-a-cursor").status == 400


@check("a declined request says so, and may be answered nevertheless")
def decline(relay):
    asked = Asked(relay)
    assert asked.put(relay).status == 201
    path = f"/signing/v0/requests/{asked.cid}/decline"
    for _ in range(2):
        assert relay.request("POST", path).status == 204
    assert asked.state(relay).json == {"status": "declined"}
    assert asked.poll(relay).json["requests"][0]["declined"] is True
    assert relay.request("POST", path, b"{}").status == 400
    assert asked.respond(relay, asked.answer()).status == 201
    assert relay.request("POST", path).status == 409


@check("an answer of another type, over other bytes, by another, or badly signed is 400")
def bad_answers(relay):
    asked, other = Asked(relay), relay.identity()
    assert asked.put(relay).status == 201
    header = {"alg": "EdDSA", "typ": CLAIM, "kid": other.kid()}
    foreign = jws(header, None, other.auth, payload_bytes=asked.payload)
    for token in (
        asked.answer(typ="did:dfos:credential"), asked.answer(payload=b"other"), foreign, asked.answer(key=Key()),
        asked.answer()[:-4] + "AAAA", asked.answer() + "=", "nonsense", "x" * 9000,
    ):
        answer = asked.respond(relay, token)
        assert answer.status in (400, 413) and list(answer.json) == ["error"] and answer.json["error"], answer
    assert asked.state(relay).json == {"status": "pending"}


@check("a second, different answer is 409, and the first stays")
def first_answer(relay):
    asked = Asked(relay)
    assert asked.put(relay).status == 201
    first, second = asked.answer(), asked.answer(key=asked.subject.controller)
    assert asked.respond(relay, first).status == 201
    assert asked.respond(relay, second).status == 409
    assert asked.state(relay).json["response"] == first


@check("requests that nobody made are 404")
def unknown(relay):
    relay.needs("signing")
    for method, path in (("GET", "response"), ("POST", "response"), ("POST", "decline")):
        answer = relay.request(method, f"/signing/v0/requests/bafyrei{'a' * 52}/{path}")
        assert answer.status == 404, answer


@check("a request is gone when its time is over")
def over(relay):
    asked = Asked(relay, expires=2)
    assert asked.put(relay).status == 201
    deadline = time.time() + 10
    while asked.state(relay).status != 404:
        assert time.time() < deadline
        time.sleep(0.1)
    assert asked.poll(relay).json["requests"] == []
    assert asked.respond(relay, asked.answer()).status == 404


@check("a sign-in challenge goes through the mailbox octet for octet")
def sign_in(relay):
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    challenge = json.dumps({"domain": "example.test", "nonce": "n-1", "timestamp": now}, indent=1).encode()
    asked = Asked(relay, payload_type="did:dfos:siwd", payload=challenge)
    assert asked.put(relay).status == 201
    assert asked.poll(relay).json["requests"][0]["request"] == asked.request
    wrong = asked.respond(relay, asked.answer(typ="did:dfos:credential"))
    assert wrong.status == 400 and list(wrong.json) == ["error"]
    token = asked.answer()
    assert token.split(".")[1] == base64url(challenge)
    assert asked.respond(relay, token).status == 201
    assert asked.state(relay).json == {"status": "responded", "response": token}
