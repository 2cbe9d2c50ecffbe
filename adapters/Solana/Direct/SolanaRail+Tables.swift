import Cryptography
import Kernel
import Settlement

/// Lookup tables of direct payments with more payees than a message without one has room for. The node makes one for
/// the payment when it is opened, at its own cost and within the daily budget, and closes it when the payment is over:
/// its rent comes back.
///
/// Every transaction of it is a step that is claimed, stored, sent and followed like the making of a payee's account.
/// The table itself is an opening without bytes, unfinished until the table is closed.
extension SolanaRail {
    /// What a table's own opening is called: this and the payment.
    static let tablePurpose = "lookup table"
    /// Addresses that one transaction adds.
    private static let addressesPerStep = 20
    /// What a step of the lookup table program takes at most, with room.
    private static let tableUnits: UInt32 = 40_000
    /// Slots after which a table that is out of use may be closed.
    static let coolingSlots: UInt64 = 513

    private var tableFee: SolanaFee {
        SolanaFee(computeLimit: Self.tableUnits, computePriceMicroLamports: settings.computePriceMicroLamports)
    }

    /// Makes what a payment's table lacks.
    /// - Returns: done when all of it is confirmed.
    func makeTable(_ request: SolanaRequest, of paymentID: String, _ openings: SolanaOpenings) async throws -> Step {
        let addresses = request.tableAddresses
        let stepCount = (addresses.count + Self.addressesPerStep - 1) / Self.addressesPerStep
        var table: SolanaAddress?
        var last: Step = .waits("the payment needs no lookup table")
        for number in 0..<stepCount {
            let part = Array(addresses.dropFirst(number * Self.addressesPerStep).prefix(Self.addressesPerStep))
            last = try await step("\(Self.tablePurpose) \(number)", of: paymentID, openings) { () async throws in
                guard let table else {
                    return try await create(part, of: paymentID, count: addresses.count, openings)
                }
                let extend = SolanaInstruction.extendLookupTable(
                    table: table, authority: address, payer: address, addresses: part)
                return ([extend], tableFee.lamports(signatures: 1) ?? .max)
            }
            guard case .done(let transaction) = last else { return last }
            table = table ?? transaction.createdTable
        }
        return last
    }

    /// The instructions that make a table, and all that it will cost.
    private func create(
        _ part: [SolanaAddress], of paymentID: String, count: Int, _ openings: SolanaOpenings
    ) async throws -> ([SolanaInstruction], Int64) {
        let slot = UInt64(clamping: try await client.point(.finalized).slot)
        guard let table = SolanaInstruction.lookupTableAddress(authority: address, recentSlot: slot) else {
            throw SolanaRPCError(.answerMalformed, "no table can be made of slot \(slot)")
        }
        // Claimed first, so that the table is followed whatever happens to its making.
        let nowMs = timing.nowMs()
        _ = try await openings.store.claimOpenings(
            at: name, owners: [paymentID], bearers: [""], token: "\(Self.tablePurpose) \(table.address)",
            reference: "\(table.address)/\(paymentID)", prepared: [], cost: 0, budget: .max, sinceMs: nowMs,
            nowMs: nowMs)
        let rent = try await client.rentMinimum(
            byteCount: SolanaLookupTable.headerByteCount + count * SolanaAddress.byteCount)
        return (
            [
                .createLookupTable(
                    table: table.address, bump: table.bump, authority: address, payer: address, recentSlot: slot),
                .extendLookupTable(table: table.address, authority: address, payer: address, addresses: part),
            ], rent + (tableFee.lamports(signatures: 1) ?? .max / 2)
        )
    }

    /// One step, made at most once.
    private func step(
        _ purpose: String, of paymentID: String, _ openings: SolanaOpenings,
        _ instructions: () async throws -> (list: [SolanaInstruction], lamports: Int64)
    ) async throws -> Step {
        let tries = try await openings.store.openings(at: name, owners: [paymentID], token: purpose)
        if let made = tries.first(where: { $0.standing == .made }), let prepared = SolanaPrepared(bytes: made.prepared)
        {
            return .done(prepared.transaction)
        }
        if let running = tries.first(where: { $0.standing == nil }) { return await carryOn(running) }
        let (list, lamports) = try await instructions()
        return try await begin(
            list, tableFee, for: [paymentID], bearers: [""], purpose, lamportsEach: lamports, openings)
    }

    /// A payment's table as it stands on the chain; nil: there is none that holds everything yet.
    func table(_ request: SolanaRequest, of paymentID: String) async throws -> SolanaLookupTable? {
        guard let store = openings else { return nil }
        let tries = try await store.openings(at: name, owners: [paymentID], token: "\(Self.tablePurpose) 0")
        guard let made = tries.last(where: { $0.standing == nil || $0.standing == .made }),
            let address = SolanaPrepared(bytes: made.prepared)?.transaction.createdTable,
            let account = try await client.accounts([address])[0], account.owner == SolanaProgram.lookupTable,
            let table = SolanaLookupTable(address: address, accountData: account.data),
            table.authority == self.address, Set(table.addresses).isSuperset(of: request.tableAddresses)
        else { return nil }
        return table
    }
}

extension SolanaRail {
    /// Takes a table out of use and closes it, a step with each call, once its payment is over.
    /// - Returns: whether it is gone.
    func closeTable(_ opening: RailOpening) async throws -> Bool {
        guard let openings = settings.openings,
            let table = opening.reference.split(separator: "/").first.flatMap({ SolanaAddress(String($0)) })
        else { return false }
        // Two payments that begin in one slot draw the same address: the table is the one's whose transaction made it.
        let tries = try await openings.store.openings(
            at: name, owners: [opening.owner], token: "\(Self.tablePurpose) 0")
        let own = tries.filter { SolanaPrepared(bytes: $0.prepared)?.transaction.createdTable == table }
        guard own.allSatisfy({ $0.standing != nil }) else { return false }
        guard own.contains(where: { $0.standing == .made }) else { return true }
        guard let account = try await client.accounts([table], .finalized)[0],
            account.owner == SolanaProgram.lookupTable
        else {
            return true
        }
        // A former treasury's table is closed by its key alone.
        guard account.data.address(at: 22) == address else { return false }
        let purpose: String
        let instruction: SolanaInstruction
        if SolanaLookupTable(address: table, accountData: account.data) != nil {
            purpose = "\(table) off"
            instruction = .deactivateLookupTable(table: table, authority: address)
        } else {
            let slot = UInt64(clamping: try await client.point(.finalized).slot)
            guard let off = account.data.number(at: 4, as: UInt64.self), slot > off,
                slot - off > Self.coolingSlots
            else { return false }
            purpose = "\(table) closed"
            instruction = .closeLookupTable(table: table, authority: address, recipient: address)
        }
        // What comes back is not held up by a budget.
        let unlimited = SolanaOpenings(budgetLamports: .max, store: openings.store)
        _ = try await step(purpose, of: opening.owner, unlimited) { () async throws in
            ([instruction], tableFee.lamports(signatures: 1) ?? .max)
        }
        return false
    }
}

extension SolanaTransaction {
    /// The lookup table that it makes; nil: none.
    var createdTable: SolanaAddress? {
        for call in message.calls
        where message.accounts[Int(call.program)] == SolanaProgram.lookupTable
            && call.data.number(at: 0, as: UInt32.self) == 0
        {
            return call.accounts.first.map { message.accounts[Int($0)] }
        }
        return nil
    }
}
