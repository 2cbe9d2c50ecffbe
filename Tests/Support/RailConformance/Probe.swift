import Kernel
import Settlement

extension RailConformance {
    /// One run of one promise.
    struct Probe {
        let bench: any RailBench
        var failures: [String] = []

        var rail: any Rail { bench.rail }

        mutating func expect(_ isTrue: Bool, _ what: String) {
            if !isTrue { failures.append(what) }
        }

        func collect(_ amountMinor: Int64, _ name: String = "pay_1") -> RailInstruction {
            .collect(
                CollectInstruction(
                    reference: "\(name)-1", paymentID: name, amountMinor: amountMinor, currency: bench.currency,
                    description: "two tickets", successURL: "https://shop.example/done",
                    cancelURL: "https://shop.example/back", expiresAtMs: bench.nowMs() + 3_600_000,
                    beganAtMs: bench.nowMs()))
        }

        func payOut(
            _ amountMinor: Int64, _ name: String = "po_1", attempt: Int = 1, to destination: String? = nil
        ) -> RailInstruction {
            .payOut(
                PayOutInstruction(
                    reference: "\(name)-\(attempt)", payoutID: name, amountMinor: amountMinor, currency: bench.currency,
                    destination: destination ?? bench.destination, payee: "did:imajin:payee", drawnOn: nil,
                    beganAtMs: bench.nowMs()))
        }

        func refund(_ amountMinor: Int64, _ name: String, of payment: RailFacts) -> RailInstruction {
            .refund(
                RefundInstruction(
                    reference: "\(name)-1", refundID: name, paymentID: "pay_1", paymentReference: payment.reference,
                    amountMinor: amountMinor, currency: bench.currency, beganAtMs: bench.nowMs()))
        }

        /// The bytes to store, or nothing and a failure.
        mutating func prepare(_ instruction: RailInstruction) async -> [UInt8]? {
            let preparation = await rail.prepare(instruction, nowMs: bench.nowMs())
            if case .ready(let bytes) = preparation { return bytes }
            failures.append("\(instruction.reference) was not prepared: \(preparation)")
            return nil
        }

        func carryOut(_ instruction: RailInstruction, _ prepared: [UInt8]) async -> RailOutcome {
            await rail.carryOut(instruction, prepared: prepared, nowMs: bench.nowMs())
        }

        func fetch(_ instruction: RailInstruction, _ prepared: [UInt8], reference: String = "") async -> RailAnswer {
            await rail.fetch(instruction, prepared: prepared, reference: reference, nowMs: bench.nowMs())
        }

        /// Prepares and carries out; the facts, or nothing and a failure.
        mutating func perform(_ instruction: RailInstruction) async -> RailFacts? {
            guard let prepared = await prepare(instruction) else { return nil }
            let outcome = await carryOut(instruction, prepared)
            switch outcome {
            case .done(let facts), .pending(let facts): return facts
            case .failed, .refused, .lapsed, .unknown:
                failures.append("\(instruction.reference) came to \(outcome)")
                return nil
            }
        }

        /// Opens a payment and has it paid; its facts, or nothing and a failure.
        mutating func paid(_ amountMinor: Int64, _ name: String = "pay_1") async throws -> RailFacts? {
            let instruction = collect(amountMinor, name)
            guard let prepared = await prepare(instruction) else { return nil }
            guard case .pending(let opened) = await carryOut(instruction, prepared) else {
                failures.append("\(name) was not opened")
                return nil
            }
            try await bench.pay(reference: opened.reference)
            guard case .found(let facts) = await fetch(instruction, prepared), facts.standing == .done else {
                failures.append("\(name) was paid, and is not done")
                return nil
            }
            return facts
        }

        /// How a promise that money moves once was kept.
        mutating func expectOnce(_ instruction: RailInstruction) async {
            let count = await bench.count(instruction)
            expect(count == 1, "\(instruction.reference) is there \(count) times")
        }
    }
}
