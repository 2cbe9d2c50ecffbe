import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// Senders that a recipient may name on either list.
    static let standingsMax = 1000
    /// The largest personal limit that means anything.
    private static let perDayMax: Int64 = 1_000_000

    var gasPreferencesRoute: Route {
        Route(
            .put, "/api/gas/preferences", id: "putGasPreferences",
            summary: "What the caller says about who reaches it.",
            description: """
                Replaces the caller's earlier preferences. Who is on the blacklist does not get through, whatever is \
                paid; who is on the whitelist gets through without charge or limit. `per_day_max` bounds the \
                messages that the caller takes of one sender within a day; null lifts the bound.
                """,
            tag: "gas", auth: .signed(note: "the recipient"), request: PaySchema.gasPreferences,
            responses: [.json(200, "The preferences.", PaySchema.gasPreferences)],
            errors: [.fieldInvalid, .databaseUnavailable]
        ) { call in
            let recipient = try call.requireCaller().did
            let fields = try Body(try call.json().root)
            let whitelist = try Self.senders("whitelist", fields)
            let blacklist = try Self.senders("blacklist", fields)
            guard Set(whitelist).isDisjoint(with: blacklist) else {
                throw Body.invalid("blacklist", "and whitelist name the same sender")
            }
            let perDay = fields["per_day_max"] == nil ? nil : try fields.integer("per_day_max", in: 0...Self.perDayMax)
            var standings: [DID: GasRule.Standing] = [:]
            for sender in whitelist { standings[sender] = .whitelisted }
            for sender in blacklist { standings[sender] = .blacklisted }
            let stated = standings
            try await claim(call, "gas/preferences", fields)
            try await read { () throws(LedgerFailure) in
                try await dependencies.rules.setGasPreferences(recipient, stated, perDay.map { Int32($0) })
            }
            return .json { out in
                out.beginObject()
                out.field("whitelist", whitelist.map(\.string))
                out.field("blacklist", blacklist.map(\.string))
                out.field("per_day_max", perDay)
                out.endObject()
            }
        }
    }

    /// Remembers in the book that this request was seen, before it changes anything beside the book: a copy of it must
    /// not bring back what was changed since, whichever process it reaches.
    ///
    /// A recording of no manifests is the command for it: the book changes nothing, and keeps caller, key and answer
    /// for good, as with every command that is done. Preferences are no money and have no command of their own.
    /// - Throws: `signature_replayed` for a copy.
    private func claim(_ call: Call, _ target: String, _ fields: Body) async throws {
        let caller = try call.requireCaller()
        let command = Command(
            caller: caller.did.string, key: Self.nonceKey(caller), requestHash: RequestHash.of(target, fields.root),
            action: .recordManifests([]))
        try Self.refuseReplay(of: call, try await submit(command.traced(call.traceID)))
    }

    private static func senders(_ name: String, _ fields: Body) throws(Problem) -> [DID] {
        guard let value = fields[name] else { return [] }
        guard value.kind == .array, value.count <= standingsMax else {
            throw Body.invalid(name, "is a list of up to \(standingsMax) DIDs")
        }
        var senders: [DID] = []
        for element in value.elements {
            guard let sender = try? DID(element) else { throw Body.invalid(name, "names something that is not a DID") }
            if !senders.contains(sender) { senders.append(sender) }
        }
        return senders
    }

    var gasClusterRoute: Route {
        Route(
            .put, "/api/gas/cluster", id: "putGasCluster", summary: "Declares the calling business's founding DID.",
            description: """
                Businesses that share a founding DID share one curve. `statement` is a compact JWS (EdDSA) by the \
                founder over `{"type":"gas.cluster","business":…,"founder":…}`, so that nobody joins a cluster \
                unasked.
                """,
            tag: "gas", auth: .signed(note: "the business"), request: PaySchema.gasCluster,
            responses: [.json(200, "The declaration.", PaySchema.gasClusterReply)],
            errors: [.fieldInvalid, .callerNotAllowed, .identityUnavailable, .databaseUnavailable]
        ) { call in
            let business = try call.requireCaller().did
            let fields = try Body(try call.json().root)
            let founder = try fields.did("founder_did")
            guard let statement = fields["statement"]?.string else {
                throw Body.invalid("statement", "is a compact JWS by the founder")
            }
            try await checkStatement(statement, by: founder, about: business)
            try await claim(call, "gas/cluster", fields)
            try await read { () throws(LedgerFailure) in
                try await dependencies.rules.setGasCluster(business, founder)
            }
            return .json { out in
                out.beginObject()
                out.field("business_did", business)
                out.field("founder_did", founder)
                out.endObject()
            }
        }
    }

    /// - Throws: `caller_not_allowed` for a statement that is not the founder's about this business;
    ///   `identity_unavailable`.
    private func checkStatement(_ compact: String, by founder: DID, about business: DID) async throws(Problem) {
        guard let token = try? JWS.parse(compact),
            let payload = try? JSONDocument(
                parsing: token.payload, limits: JSONLimits(depth: 4, members: 64, bytes: 8192))
        else { throw Body.invalid("statement", "is a compact JWS with EdDSA over JSON") }
        let root = payload.root
        guard root["type"]?.stringEquals("gas.cluster") == true,
            root["business"]?.stringEquals(business.string) == true,
            root["founder"]?.stringEquals(founder.string) == true
        else { throw Problem(.callerNotAllowed, "the statement is about another business or founder") }
        guard try await rules.signer.verdict(on: token, by: founder) == .valid else {
            throw Problem(.callerNotAllowed, "the statement is not signed by the founder")
        }
    }
}
