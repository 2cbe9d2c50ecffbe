import Cryptography
import Kernel
import Settlement

/// Lookup tables of direct payments with more payees than a message without one has room for. The node makes one for
/// the payment when it is opened, at its own cost and within the daily budget, and closes it when the payment is over:
/// its rent comes back.
///
/// Every transaction of it is a step that is claimed, stored, sent and followed like the making of a payee's account.
/// That the table has to be closed is kept with the claim of the first.
extension SolanaRail {
    /// What steps are called, with a number; and by itself, that the table has to be closed.
    static let tablePurpose = "lookup table"
    private static let firstStep = "\(tablePurpose) 0"
    /// Addresses that one transaction adds.
    private static let addressesPerStep = 20
    /// What a step of the lookup table program takes at most, with room.
    private static let tableUnits: UInt32 = 40_000
    /// Slots after which a table that is out of use may be closed.
    /// It takes 512 blocks, and some slots have none.
    static let coolingSlots: UInt64 = 600

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
            if let made = table {
                let extend = SolanaInstruction.extendLookupTable(
                    table: made, authority: address, payer: address, addresses: part)
                last = try await step("\(Self.tablePurpose) \(number) \(made)", of: paymentID, openings) {
                    ([extend], tableFee.lamports(signatures: 1) ?? .max)
                }
            } else {
                last = try await step(Self.firstStep, of: paymentID, undo: Self.tablePurpose, openings) {
                    () async throws in try await create(part, count: addresses.count)
                }
            }
            guard case .done(let transaction) = last else { return last }
            table = table ?? transaction.createdTable
        }
        return last
    }

    /// The instructions that make a table, and all that it will cost.
    private func create(_ part: [SolanaAddress], count: Int) async throws -> ([SolanaInstruction], Int64) {
        let slot = UInt64(clamping: try await client.point(.finalized).slot)
        guard let table = SolanaInstruction.lookupTableAddress(authority: address, recentSlot: slot) else {
            throw SolanaRPCError(.answerMalformed, "no table can be made of slot \(slot)")
        }
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
        _ purpose: String, of paymentID: String, undo: String? = nil, rounds: Int = openingRounds,
        _ openings: SolanaOpenings, _ instructions: () async throws -> (list: [SolanaInstruction], lamports: Int64)
    ) async throws -> Step {
        let tries = try await openings.store.openings(at: name, owners: [paymentID], token: purpose)
        if let made = tries.first(where: { $0.standing == .made }), let prepared = SolanaPrepared(bytes: made.prepared)
        {
            return .done(prepared.transaction)
        }
        if let running = tries.first(where: { $0.standing == nil }) { return await carryOn(running, rounds: rounds) }
        let (list, lamports) = try await instructions()
        return try await begin(
            list, tableFee, for: [paymentID], bearers: [""], purpose, lamportsEach: lamports, undo: undo,
            rounds: rounds, openings)
    }

    /// A payment's table as it stands on the chain; nil: there is none that holds everything yet.
    func table(_ request: SolanaRequest, of paymentID: String) async throws -> SolanaLookupTable? {
        guard let store = openings else { return nil }
        let tries = try await store.openings(at: name, owners: [paymentID], token: Self.firstStep)
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
    /// Takes a payment's table out of use and closes it, a step with each call, once the payment is over.
    /// - Parameter paymentID: the payment that it was made for.
    /// - Returns: whether there is nothing left to do.
    func closeTable(of paymentID: String) async throws -> Bool {
        guard let openings = settings.openings else { return false }
        let tries = try await openings.store.openings(at: name, owners: [paymentID], token: Self.firstStep)
        guard tries.allSatisfy({ $0.standing != nil }) else { return false }
        guard let made = tries.first(where: { $0.standing == .made }),
            let table = SolanaPrepared(bytes: made.prepared)?.transaction.createdTable
        else { return true }
        let closing = "\(table) closed"
        let isClosed = try await openings.store.openings(at: name, owners: [paymentID], token: closing).contains {
            $0.standing == .made
        }
        if isClosed { return true }
        // That one node has no such account is no proof: the step that closes it is.
        guard let account = try await client.accounts([table], .finalized)[0],
            account.owner == SolanaProgram.lookupTable
        else { return false }
        // A former treasury's table is closed by its key alone.
        guard account.data.address(at: 22) == address else { return true }
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
            purpose = closing
            instruction = .closeLookupTable(table: table, authority: address, recipient: address)
        }
        // What comes back is not held up by a budget; and one look is enough, for there is another in a moment.
        let unlimited = SolanaOpenings(budgetLamports: .max, store: openings.store)
        _ = try await step(purpose, of: paymentID, rounds: 1, unlimited) {
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
