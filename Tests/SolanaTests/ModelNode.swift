import Cryptography
import HTTPClient
import LedgerDouble
import Solana
import Synchronization

/// A node of a chain that exists as far as detection reads it: blocks, what names an address, what a transaction
/// changed. It answers JSON-RPC in this process, and as badly as it is told to.
final class ModelNode: HTTPExchanging {
    /// A transaction in a block.
    struct Landed {
        let transaction: SolanaTransaction
        let slot: Int64
        let hasFailed: Bool
        /// Base units by wallet, of one token; negative for who paid.
        let changes: [(wallet: SolanaAddress, amountMinor: Int64)]
        let token: SolanaToken
        /// On a branch that is dropped before it becomes final.
        let isForked: Bool
    }

    enum Oddity {
        /// No node has them.
        case missing
        /// They cannot be understood.
        case garbled
        /// Somebody's own token moved beside it, by more than a signed number holds.
        case junkToken
    }

    struct State {
        var random: TestRandom
        var slot: Int64 = 1_000
        var landed: [Landed] = []
        var balances: [SolanaAddress: Int64] = [:]
        var mints: [SolanaAddress: UInt8] = [:]
        /// How often, in a thousand, an answer is bad.
        var badness = 0
        /// What nodes cannot tell apart at once: slots that the answering node is behind, at most.
        var lagMax = 0
        /// What it says of how far it has come; nil: the truth.
        var claimedSlot: Int64?
        /// Its history begins here.
        var firstSlot: Int64 = 0
        /// Signatures in a page at most, whatever is asked for.
        var pageMax = 1_000
        /// Whether it gives the same page whatever comes before.
        var ignoresBefore = false
        /// Transactions of whose details the node has another idea.
        var oddities: [SolanaSignature: Oddity] = [:]
    }

    let state: Mutex<State>
    static let finalSlots: Int64 = 32

    init(seed: UInt64) { state = Mutex(State(random: TestRandom(seed: seed))) }

    /// When a slot's block was made, seconds since 1970.
    static func time(_ slot: Int64) -> Int64 { 1_700_000_000 + (slot - 1_000) * 2 / 5 }

    /// Puts a transaction into the next block; what it changes is what `transfers` say.
    @discardableResult
    func land(
        _ transaction: SolanaTransaction, token: SolanaToken, from payer: SolanaAddress,
        _ transfers: [(wallet: SolanaAddress, amountMinor: Int64)], fails: Bool = false, isForked: Bool = false
    ) -> SolanaSignature {
        state.withLock { state in
            state.slot += 1
            let changes =
                fails
                ? [] : transfers + [(payer, -transfers.reduce(0) { $0 + $1.amountMinor })]
            state.landed.append(
                Landed(
                    transaction: transaction, slot: state.slot, hasFailed: fails, changes: changes, token: token,
                    isForked: isForked))
            if !isForked {
                for change in changes {
                    state.balances[token.account(of: change.wallet), default: 0] += change.amountMinor
                }
            }
            return transaction.id
        }
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let body = request.body
        let answer = state.withLock { $0.answer(body) }
        guard let answer else { throw HTTPError(.connectFailed, .unknown, "lost") }
        return answer
    }
}

extension ModelNode.State {
    /// What is in the chain as an answering node sees it at a commitment, oldest first.
    private func visible(_ commitment: String, at slot: Int64) -> [ModelNode.Landed] {
        let newest = commitment == "finalized" ? slot - ModelNode.finalSlots : slot
        return landed.filter { entry in
            guard entry.slot <= newest else { return false }
            guard entry.slot >= firstSlot else { return false }
            // A branch is seen for as long as it is not decided.
            return !entry.isForked || (commitment != "finalized" && slot - entry.slot < ModelNode.finalSlots)
        }
    }

    mutating func answer(_ body: [UInt8]) -> HTTPResponse? {
        guard let root = try? JSONDocument(parsing: body).root, let method = root["method"]?.string,
            let id = root["id"]?.int64
        else { return HTTPResponse(status: 400, body: []) }
        if random.chance(perMille: badness) {
            switch random.below(3) {
            case 0: return nil
            case 1: return HTTPResponse(status: 429, body: Array("{}".utf8))
            default: return HTTPResponse(status: 503, body: Array("{}".utf8))
            }
        }
        let at = slot - (lagMax > 0 ? Int64(random.below(lagMax + 1)) : 0)
        var parameters: [JSONValue] = []
        root["params"]?.elements.forEach { parameters.append($0) }
        var out = JSONWriter()
        out.beginObject()
        out.field("jsonrpc", "2.0")
        out.field("id", id)
        if let least = parameters.last?["minContextSlot"]?.int64, at - ModelNode.finalSlots < least {
            out.key("error")
            out.beginObject()
            out.field("code", -32_016)
            out.field("message", "the node has not come so far")
            out.endObject()
            out.endObject()
            return HTTPResponse(status: 200, body: out.bytes)
        }
        out.key("result")
        switch method {
        case "getSignaturesForAddress": signatures(parameters, at, &out)
        case "getTransaction": transaction(parameters, at, &out)
        case "getMultipleAccounts": accounts(parameters, &out)
        case "getMinimumBalanceForRentExemption": out.int(Int64(890_880))
        case "getFirstAvailableBlock": out.int(firstSlot)
        case "getSlot": out.int(claimedSlot ?? at - ModelNode.finalSlots)
        default:
            out.beginObject()
            out.key("value")
            out.beginObject()
            out.field("blockhash", Base58.encode(SHA256.hash(Array("\(at)".utf8))))
            out.field("lastValidBlockHeight", at + 150)
            out.endObject()
            out.key("context")
            out.beginObject()
            out.field("slot", at)
            out.endObject()
            out.endObject()
        }
        out.endObject()
        return HTTPResponse(status: 200, body: out.bytes)
    }

    private func signatures(_ parameters: [JSONValue], _ at: Int64, _ out: inout JSONWriter) {
        let (address, options) = (parameters[0].string ?? "", parameters[1])
        let commitment = options["commitment"]?.string ?? "finalized"
        var found = visible(commitment, at: at).filter { entry in
            entry.transaction.message.accounts.contains { $0.description == address }
        }
        found.reverse()
        if let before = options["before"]?.string, !ignoresBefore {
            let index = found.firstIndex { $0.transaction.id.description == before }
            found = index.map { Array(found[($0 + 1)...]) } ?? []
        }
        // A node that does not know it gives all.
        if let until = options["until"]?.string,
            let index = found.firstIndex(where: { $0.transaction.id.description == until })
        {
            found = Array(found[..<index])
        }
        out.beginArray()
        for entry in found.prefix(min(Int(options["limit"]?.int64 ?? 1_000), pageMax)) {
            out.beginObject()
            out.field("signature", entry.transaction.id.description)
            out.field("slot", entry.slot)
            out.field("blockTime", ModelNode.time(entry.slot))
            out.key("err")
            error(entry, &out)
            out.endObject()
        }
        out.endArray()
    }

    private func error(_ entry: ModelNode.Landed, _ out: inout JSONWriter) {
        if entry.hasFailed { out.string("InsufficientFundsForFee") } else { out.null() }
    }

    private func transaction(_ parameters: [JSONValue], _ at: Int64, _ out: inout JSONWriter) {
        let commitment = parameters[1]["commitment"]?.string ?? "finalized"
        // The copy that counts, where it was dropped and landed once more.
        let found = visible(commitment, at: at).last { $0.transaction.id.description == parameters[0].string }
        guard let found else { return out.null() }
        let oddity = oddities[found.transaction.id]
        if oddity == .missing { return out.null() }
        if oddity == .garbled { return out.string("what?") }
        out.beginObject()
        out.field("slot", found.slot)
        out.key("transaction")
        out.beginArray()
        out.string(Base64.encode(found.transaction.bytes))
        out.string("base64")
        out.endArray()
        out.key("meta")
        out.beginObject()
        out.key("err")
        error(found, &out)
        out.field("fee", 5_000)
        for (name, isAfter) in [("preTokenBalances", false), ("postTokenBalances", true)] {
            out.key(name)
            out.beginArray()
            for change in found.changes { balance(change, of: found, isAfter: isAfter, &out) }
            if oddity == .junkToken { junk(isAfter ? "\(UInt64.max)" : "0", &out) }
            out.endArray()
        }
        out.endObject()
        out.endObject()
    }
}

/// Everybody in the model.
enum ModelWallets {
    static let payer = SplitBench.key("payer")
    static let treasury = SplitBench.key("treasury")
    static let payees = (0..<6).map { SplitBench.key("payee \($0)") }
    static let all = ([payer, treasury] + payees).map { SolanaAddress($0.publicKey) }
}
