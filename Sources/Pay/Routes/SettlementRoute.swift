import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var settlementRoute: Route {
        Route(
            .get, "/api/settlements/{id}", id: "getSettlement", summary: "A settlement and what was refunded of it.",
            description: "To anyone who may not see it, a settlement does not exist.", tag: "settlements",
            auth: .signed(scopes: ["read"], note: "the payer, a payee, the service that made it"),
            responses: [.json(200, "The settlement.", PaySchema.settlementState)],
            errors: [.settlementUnknown, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            let found = try await self.found(call.parameter("id"))
            guard let found, rules.maySee(found, caller) else { throw Self.unknown() }
            return .json(200, found.currentJSON)
        }
    }

    /// A settlement with its reply, read.
    func found(_ id: String) async throws -> FoundSettlement? {
        guard Self.isIdentifier(id) else { return nil }
        guard let stored = try await read({ () throws(LedgerFailure) in try await store.settlement(id) }) else {
            return nil
        }
        return try FoundSettlement(stored)
    }

    /// What is answered for a settlement that is not there, and for one that the caller may not see: the same.
    static func unknown() -> Problem { Problem(.settlementUnknown, "there is no such settlement for this caller") }

    /// Whether a text can be one of our identifiers; others are not looked up.
    static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
            }
    }
}

extension CallerRules {
    /// Its payer, its payees, the service that made it, and whoever reads all.
    func maySee(_ found: FoundSettlement, _ caller: DID) -> Bool {
        found.stored.payer == caller || found.stored.caller == caller.string || has(.read, caller)
            || found.reply["splits"]?.elements.contains { $0["did"]?.stringEquals(caller.string) == true } == true
    }
}

/// A stored settlement with its reply parsed.
struct FoundSettlement {
    let stored: StoredSettlement
    /// The reply's JSON.
    let reply: JSONValue

    /// What a stored reply can be: 10,000 lines of long roles through five manifests stay below it.
    private static let limits = JSONLimits(depth: 16, members: 1_000_000, bytes: 64 << 20)

    /// - Throws: `internal_error` when the stored reply is no JSON.
    init(_ stored: StoredSettlement) throws(Problem) {
        self.stored = stored
        do throws(JSONError) {
            reply = try JSONDocument(parsing: stored.reply, limits: Self.limits).root
        } catch {
            throw Problem(.internalError)
        }
    }

    /// The reply's members, its status as it is now, and the refunded total.
    var currentJSON: [UInt8] {
        let state = SettlementState(refunded: stored.refundedMinor, of: stored.grossMinor)
        var out = JSONWriter(reserving: stored.reply.count + 64)
        out.beginObject()
        for (key, value) in reply.members {
            if key == "status" {
                out.field(key, state.rawValue)
            } else {
                out.field(key, raw: value.rawBytes)
            }
        }
        out.field("refunded_total", stored.refundedMinor)
        out.endObject()
        return out.bytes
    }

    /// The lines that a refund takes back: fees first, then payees, as the reply lists them; nil when the stored reply
    /// is not one of a settlement, or its lines do not sum to the gross.
    var refundSources: [RefundSource]? {
        guard let fees = reply["fees"], let splits = reply["splits"] else { return nil }
        var sources: [RefundSource] = []
        for line in fees.elements {
            guard let kind = line["kind"]?.string, let fee = FeeLine.Kind(rawValue: kind),
                let source = Self.source(line, fee: fee, role: kind)
            else { return nil }
            sources.append(source)
        }
        for line in splits.elements {
            guard let role = line["role"]?.string, let source = Self.source(line, fee: nil, role: role) else {
                return nil
            }
            sources.append(source)
        }
        let sum = sources.reduce(Int128(0)) { $0 + Int128($1.amountMinor) }
        return sum == Int128(stored.grossMinor) ? sources : nil
    }

    /// What a refund takes back; nil as ``refundSources``.
    /// - Parameter amountMinor: minor units; nil: all that is left.
    func refundOrder(
        refundID: String, amountMinor: Int64?, reason: String, destination: RefundDestination
    ) -> RefundOrder? {
        guard let refundSources else { return nil }
        var order = RefundOrder(
            refundID: refundID, settlementID: stored.settlementID, payer: stored.payer, currency: stored.currency,
            grossMinor: stored.grossMinor, creditMinor: stored.creditMinor, sources: refundSources,
            amountMinor: amountMinor, reason: reason)
        order.destination = destination
        return order
    }

    /// The payment that funded it, and its rail; nil: the payer's balance.
    var payment: (id: String, rail: RailName)? {
        guard let funding = reply["funding"], let id = funding["reference"]?.string,
            let rail = funding["rail"]?.string.flatMap(RailName.init(rawValue:))
        else { return nil }
        return (id, rail)
    }

    /// What each payee got, merged per DID, in the order of first appearance, zeros left out.
    var payeeParts: [PayeePart] {
        var dids: [DID] = []
        var totals: [DID: Int64] = [:]
        for source in refundSources ?? [] where source.fee == nil && source.amountMinor > 0 {
            if totals[source.did] == nil { dids.append(source.did) }
            totals[source.did, default: 0] += source.amountMinor
        }
        return dids.map { PayeePart(did: $0, amountMinor: totals[$0] ?? 0) }
    }

    private static func source(_ line: JSONValue, fee: FeeLine.Kind?, role: String) -> RefundSource? {
        guard let did = line["did"].flatMap({ try? DID($0) }), let amount = line["amount"]?.int64 else { return nil }
        return RefundSource(fee: fee, did: did, role: role, amountMinor: amount)
    }
}
