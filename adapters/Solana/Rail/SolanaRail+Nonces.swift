import Kernel
public import Settlement

/// Durable nonces of the treasury's: accounts of its own, which the node makes when they are first wanted.
public struct SolanaNonces: Sendable {
    let count: Int
    let store: any RailNonceStore

    /// More than these no node has use for.
    public static let countMax = 64

    /// - Parameter count: transactions that may be under way with one at a time; what is past it has a blockhash.
    public init(count: Int, store: any RailNonceStore) {
        self.count = min(max(count, 0), Self.countMax)
        self.store = store
    }
}

/// What makes a transaction of the node's own valid, and for how long.
struct SolanaValidity {
    let blockhash: SolanaBlockhash
    let lastValidBlockHeight: Int64
    let slot: Int64
    /// The nonce's account, where it is one.
    var nonce: SolanaAddress?
    /// The payout that claims it.
    var holder = ""
}

extension SolanaRail {
    private static let nonceSeed = "mjn nonce "
    /// What an opening is called that makes one.
    static let noncePurpose = "durable nonce"

    /// The validity of the next transaction: a nonce's, where one is free, else a blockhash's.
    /// - Parameter payout: the first that the transaction pays.
    func validity(for payout: String) async throws -> SolanaValidity {
        if let nonces = settings.nonces, nonces.count > 0, let nonce = try await freeNonce(nonces, payout) {
            return nonce
        }
        let blockhash = try await client.signingBlockhash()
        return SolanaValidity(
            blockhash: blockhash.hash, lastValidBlockHeight: blockhash.lastValidBlockHeight, slot: blockhash.slot)
    }

    private func freeNonce(_ nonces: SolanaNonces, _ payout: String) async throws -> SolanaValidity? {
        let addresses = seeds(nonces).map(nonceAccount)
        // Final: what was signed with another value is over for good.
        let (found, slot) = try await client.accountsAtSlot(addresses, .finalized)
        for (account, found) in zip(addresses, found) {
            guard let nonce = SolanaNonce(account, found, authority: address) else { continue }
            let validity = SolanaValidity(
                blockhash: nonce.value, lastValidBlockHeight: SolanaClient.heightMax, slot: slot, nonce: account,
                holder: payout)
            if try await hold(validity, for: payout) { return validity }
        }
        return nil
    }

    func seeds(_ nonces: SolanaNonces) -> [String] {
        (0..<nonces.count).map { "\(Self.nonceSeed)\($0 + 1)" }
    }

    func nonceAccount(_ seed: String) -> SolanaAddress {
        SolanaInstruction.addressWithSeed(seed, of: address, owner: SolanaProgram.system)
    }

    /// Claims a nonce for a transaction whose first payout is another than before, or for the first time.
    /// - Returns: whether it is free; what is no nonce always is.
    func hold(_ validity: SolanaValidity, for payout: String) async throws(LedgerFailure) -> Bool {
        guard let nonces = settings.nonces, let account = validity.nonce else { return true }
        return try await nonces.store.claimNonce(
            at: name, account: account.description, value: validity.blockhash.description, for: payout,
            insteadOf: validity.holder, nowMs: timing.nowMs())
    }

    /// Uses a transaction's nonce up by itself, so that what nodes would not pass on never lands.
    /// - Returns: what came of it, for people.
    func spend(_ transaction: SolanaTransaction) async -> String {
        guard let nonce = transaction.nonce, let openings = settings.openings else { return "nothing can be done" }
        guard transaction.message.feePayer == address else {
            return "its nonce can only be used up by \(transaction.message.feePayer): run the node with that key again"
        }
        // What is to be over is not held up by a budget.
        let unlimited = SolanaOpenings(budgetLamports: .max, store: openings.store)
        let purpose = "\(Self.noncePurpose) \(nonce.value)"
        do {
            let tries = try await openings.store.openings(
                at: name, owners: [nonce.account.description], token: purpose)
            let step: Step =
                if let running = tries.first(where: { $0.standing == nil }) {
                    await carryOn(running, rounds: 1)
                } else {
                    try await begin(
                        [.advanceNonce(account: nonce.account, authority: address)], nonceFee,
                        for: [nonce.account.description], bearers: [""], purpose,
                        lamportsEach: nonceFee.lamports(signatures: 1) ?? .max, rounds: 1, unlimited)
                }
            return switch step {
            case .done: "its nonce is used up"
            case .waits(let reason): "its nonce is to be used up: \(reason)"
            case .overBudget: "its nonce is to be used up"
            }
        } catch {
            return "its nonce is to be used up, with the next look: \(error)"
        }
    }

    var nonceFee: SolanaFee {
        SolanaFee(computeLimit: Self.nonceUnits, computePriceMicroLamports: settings.computePriceMicroLamports)
    }

    /// What making or advancing one takes at most, with room.
    private static let nonceUnits: UInt32 = 10_000
}
