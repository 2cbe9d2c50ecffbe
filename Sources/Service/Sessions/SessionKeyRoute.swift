import Cryptography

extension SessionKeyStore {
    /// `POST /api/session-keys`: a caller exchanges one request, signed with its own key, for a session key.
    ///
    /// A session key cannot ask for another: 403 `caller_not_allowed`.
    public var route: Route {
        let reply = Schema.object([
            .required("key_id", .string("`keyid` of the requests it signs.")),
            .required("secret", .string("The HMAC key: 32 bytes in base64url without padding.")),
            .required("expires_at", .dateTime),
        ])
        return Route(
            .post, "/api/session-keys", id: "createSessionKey", summary: "Gives a key to sign requests cheaply.",
            description: "Requests signed with it carry `alg=\"hmac-sha256\"` and `keyid` = `key_id`.",
            tag: "session keys", auth: .signed(note: "with the caller's own Ed25519 key"),
            responses: [.json(201, "The key. It is shown this once.", reply)],
            errors: [.callerNotAllowed, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller()
            let key = try await self.issue(for: caller, nowMilliseconds: call.receivedAt)
            let reply = Reply.json(201) { writer in
                writer.beginObject()
                writer.text("key_id", key.keyID)
                writer.text("secret", Base64URL.encode(key.secret))
                writer.text("expires_at", Timestamp.text(ofMilliseconds: key.expiresAt))
                writer.endObject()
            }
            return reply.header("cache-control", "no-store")
        }
    }
}
