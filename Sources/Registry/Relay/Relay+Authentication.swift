import ProofChain
import Service

/// Who asks, and what a credential lets them do.
extension Relay {
    /// The identity that a request's auth token proves; nil without a token.
    ///
    /// - Throws: 401 for a token that does not hold.
    func caller(of call: Call) async throws(Problem) -> DFOSDID? {
        guard let header = call.header("authorization") else { return nil }
        let scheme = "bearer "
        guard header.utf8.count > scheme.utf8.count,
            String(decoding: Array(header.utf8.prefix(scheme.utf8.count)), as: UTF8.self).lowercased() == scheme
        else { throw Problem(.relayUnauthenticated, "authentication required") }
        let token = String(decoding: Array(header.utf8.dropFirst(scheme.utf8.count)), as: UTF8.self)
        guard let did = AuthToken.identityNeeded(by: token) else {
            throw Problem(.relayUnauthenticated, "invalid auth token")
        }
        let facts = try await facts(of: [did.string])
        do throws(ProofError) {
            let proof = try AuthToken(
                verifying: token, audience: self.did, at: clock() / 1000, identities: facts,
                lifetimeSecondsMax: RelayLimits.authTokenSeconds)
            return proof.issuer
        } catch {
            throw Problem(.relayUnauthenticated, "invalid auth token: \(error.reason)")
        }
    }

    /// The identity that asks.
    /// - Throws: 401 without a token that holds.
    func requireCaller(of call: Call) async throws(Problem) -> DFOSDID {
        guard let caller = try await caller(of: call) else {
            throw Problem(.relayUnauthenticated, "authentication required")
        }
        return caller
    }

    /// The states of identities, and which of these credentials are revoked.
    /// - Parameter keys: keys that an identity may list no longer, for what stays good after a rotation.
    func facts(
        of dids: Set<String>, keys: Set<KeyReference> = [], revoked: Set<RelayFacts.Revoked> = []
    ) async throws(Problem) -> RelayFacts {
        do throws(RelayFailure) {
            return try await store.read { connection in
                var facts = RelayFacts()
                try RelayStore.readIdentities(dids, keys: keys, into: &facts, connection)
                try RelayStore.readRevocations(revoked, into: &facts, connection)
                return facts
            }
        } catch {
            throw Problem(error)
        }
    }

    /// Everything that verifying a credential with its delegations asks for.
    func facts(ofCredential token: String) async throws(Problem) -> RelayFacts {
        let links = CredentialLinks.read(token)
        return try await facts(
            of: Set(links.map(\.issuerDID)),
            keys: Set((try? SignedOperation(token: token))?.keysNeeded ?? []),
            revoked: Set(links.map { RelayFacts.Revoked(issuerDID: $0.issuerDID, credentialCID: $0.credentialCID) }))
    }
}
