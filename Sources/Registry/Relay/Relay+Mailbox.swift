import Cryptography
import ProofChain
import Service

/// Carrying sign requests to their subjects and answers back. Nothing here enters the log.
extension Relay {
    /// What a requester brings.
    struct Deposit {
        let request: String
        let credential: String
        /// Identity operations of those whom this relay may not know.
        let chain: [String]
    }

    /// Verifies a deposit and puts the request into its subject's mailbox.
    ///
    /// - Throws: 400 for a request that does not hold, 404 for a subject who is not here, 403 for a credential that
    ///   does not permit it, 409, 429.
    func deposit(_ deposit: Deposit) async throws(Problem) -> (request: SignRequest, isNew: Bool) {
        let nowMs = clock()
        let bundle = try Self.bundle(deposit.chain)
        var facts = try await facts(ofCredential: deposit.credential)
        let parties = Self.parties(of: deposit.request)
        facts.fill(from: try await self.facts(of: parties))
        let local = facts.identities
        // What is here is believed, whatever the depositor says of it.
        for (did, state) in bundle where facts.identities[did] == nil { facts.identities[did] = state }
        let request: SignRequest
        do throws(ProofError) {
            request = try SignRequest(verifying: deposit.request, at: nowMs, identities: facts)
        } catch {
            throw Problem(.fieldInvalid, "invalid sign request: \(error.reason)")
        }
        guard let subject = try? DFOSDID(request.subject), let state = local[subject], !state.isDeleted else {
            throw Problem(.notFound, "subject identity not found")
        }
        try authorize(deposit.credential, into: subject, by: request.requester, facts, nowMs / 1000)
        let result = try await stored { () throws(RelayFailure) in
            try await store.deposit(request, token: deposit.request, nowMs: nowMs)
        }
        switch result {
        case .stored: return (request, true)
        case .same: return (request, false)
        case .full: throw Problem(.rateLimited, "too many requests wait already")
        case .conflict, .unknown: throw Problem(.relayConflict, "another request has this CID")
        }
    }

    private func authorize(
        _ token: String, into subject: DFOSDID, by requester: DFOSDID, _ facts: RelayFacts, _ now: Int64
    ) throws(Problem) {
        do throws(ProofError) {
            let credential = try Credential(verifyingToken: token, at: now, identities: facts)
            try credential.authorizeDeposit(into: subject, by: requester, at: now, identities: facts) { issuer, cid in
                facts.revoked.contains(RelayFacts.Revoked(issuerDID: issuer.string, credentialCID: cid))
            }
        } catch {
            throw Problem(.relayForbidden, "deposit credential rejected: \(error.reason)")
        }
    }

    /// The identities that a request names, unverified.
    private static func parties(of token: String) -> Set<String> {
        guard token.utf8.count <= SignRequest.tokenBytes, let operation = try? SignedOperation(token: token) else {
            return []
        }
        var parties: Set<String> = []
        if let signer = operation.signer { parties.insert(signer.string) }
        if let subject = operation.payload.root["subject"]?.string, (try? DFOSDID(subject)) != nil {
            parties.insert(subject)
        }
        return parties
    }

    /// The identities that a deposit brings, each verified whole, for this deposit alone.
    private static func bundle(_ tokens: [String]) throws(Problem) -> [DFOSDID: IdentityState] {
        var logs: [DFOSDID: [SignedOperation]] = [:]
        do throws(ProofError) {
            for token in tokens {
                let operation = try SignedOperation(token: token)
                guard let did = operation.author else { throw ProofError(.signerNotURL) }
                logs[did, default: []].append(operation)
            }
            var states: [DFOSDID: IdentityState] = [:]
            for (did, log) in logs {
                let state = try IdentityState(verifying: log)
                guard state.did == did else { throw ProofError(.identityMismatch, did.string) }
                states[did] = state
            }
            return states
        } catch {
            throw Problem(.fieldInvalid, "invalid identity chain bundle: \(error.reason)")
        }
    }

    /// Verifies an answer and stores it; the first one stays.
    ///
    /// - Throws: 404 for a request that is unknown or over, 400 for what is not its answer, 409 for a second answer.
    func respond(to cid: String, with token: String) async throws(Problem) -> Bool {
        let nowMs = clock()
        guard let request = try await signRequest(cid), let subject = try? DFOSDID(request.subjectDID) else {
            throw Problem(.notFound, "sign request not found")
        }
        let signer = SignResponse.keyNeeded(by: token)
        let facts = try await facts(of: [request.subjectDID], keys: Set(signer.map { [$0] } ?? []))
        do throws(ProofError) {
            try SignResponse(subject: subject, payloadType: request.payloadType, payload: request.payload)
                .check(token, identities: facts)
        } catch {
            throw Problem(.fieldInvalid, "invalid response: \(error.reason)")
        }
        let result = try await stored { () throws(RelayFailure) in
            try await store.respond(to: cid, with: token, nowMs: nowMs)
        }
        switch result {
        case .stored: return true
        case .same: return false
        case .conflict, .full: throw Problem(.relayConflict, "response already exists")
        case .unknown: throw Problem(.notFound, "sign request not found")
        }
    }

    /// A request that is in time.
    func signRequest(_ cid: String) async throws(Problem) -> OpenRequest? {
        guard RelayKey.isStorable(cid) else { return nil }
        let nowMs = clock()
        return try await stored { () throws(RelayFailure) in try await store.signRequest(cid, nowMs: nowMs) }
    }

    func stored<T: Sendable>(_ body: () async throws(RelayFailure) -> T) async throws(Problem) -> T {
        do throws(RelayFailure) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }
}
