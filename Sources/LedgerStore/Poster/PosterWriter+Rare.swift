import Cryptography
import Foundation
import Kernel
import PostgresClient
import Settlement

extension PosterWriter {
    func sendConsent(_ writes: BatchWrites, _ pipe: inout Pipeline, _ parameters: inout Parameters) throws {
        if !writes.allowances.isEmpty {
            // One row per key, the last: a statement may not change a row twice.
            let rows = Dictionary(writes.allowances.map { ($0.key, $0) }, uniquingKeysWith: { $1 }).map(\.value)
            parameters.reset()
            parameters.int8(bookID)
            parameters.texts(rows.map(\.key.payer))
            parameters.texts(rows.map(\.key.service))
            parameters.texts(rows.map(\.key.currency))
            parameters.int8s(rows.map(\.maxAmountMinor))
            parameters.int8s(rows.map(\.perDayMinor))
            parameters.int8s(rows.map(\.notAfterMs))
            parameters.int8s(rows.map(\.spentDay))
            parameters.int8s(rows.map(\.spentMinor))
            try pipe.send(Self.upsertAllowances, parameters)
        }
        if !writes.authorizations.isEmpty {
            parameters.reset()
            parameters.int8(bookID)
            parameters.texts(writes.authorizations.map(\.key.payer))
            parameters.texts(writes.authorizations.map(\.key.nonce))
            parameters.int8s(writes.authorizations.map(\.notAfterMs))
            try pipe.send(Self.insertAuthorizations, parameters)
            try sendConsents(writes.authorizations.filter { $0.token != nil }, &pipe, &parameters)
        }
        if !writes.holds.isEmpty {
            let rows = Dictionary(writes.holds.map { ($0.holdID, $0) }, uniquingKeysWith: { $1 }).map(\.value)
            parameters.reset()
            parameters.int8(bookID)
            parameters.texts(rows.map(\.holdID))
            for account in [\HoldRow.from, \HoldRow.to] {
                parameters.texts(rows.map { $0[keyPath: account].owner })
                parameters.texts(rows.map { $0[keyPath: account].kind.rawValue })
                parameters.texts(rows.map { $0[keyPath: account].detail })
            }
            parameters.texts(rows.map(\.from.currency))
            parameters.int8s(rows.map(\.amountMinor))
            parameters.int8s(rows.map(\.expiresAtMs))
            parameters.texts(rows.map(\.status.rawValue))
            parameters.int8s(rows.map(\.postedMinor))
            parameters.int8s(rows.map(\.madeSeq))
            parameters.int8s(rows.map(\.endedSeq))
            try pipe.send(Self.upsertHolds, parameters)
        }
    }

    /// What payers signed, beside their settlements: only settlements by an authorization pay for it.
    private func sendConsents(
        _ rows: [AuthorizationRow], _ pipe: inout Pipeline, _ parameters: inout Parameters
    ) throws {
        guard !rows.isEmpty else { return }
        parameters.reset()
        parameters.int8(bookID)
        parameters.texts(rows.map(\.settlementID))
        parameters.texts(rows.map(\.key.payer))
        parameters.texts(rows.map { $0.token ?? "" })
        parameters.int8s(rows.map(\.timeMs))
        try pipe.send(Self.insertConsents, parameters)
    }

    func sendOperations(_ writes: BatchWrites, _ pipe: inout Pipeline, _ parameters: inout Parameters) throws {
        if !writes.gasMessages.isEmpty {
            let rows = writes.gasMessages
            parameters.reset()
            parameters.int8(bookID)
            parameters.texts(rows.map(\.key.cluster))
            parameters.texts(rows.map(\.key.recipient))
            parameters.int8s(rows.map(\.timeMs))
            parameters.texts(rows.map(\.chargeID))
            parameters.texts(rows.map(\.sender))
            parameters.int8s(rows.map(\.amountMinor))
            try pipe.send(Self.insertGasMessages, parameters)
        }
        // Restrictions are rare and each is an audit line: one statement each keeps their order.
        for row in writes.restrictions {
            let action: String
            switch row.order.change {
            case .freeze, .unfreeze:
                let isFrozen = row.order.change == .freeze
                action = isFrozen ? "freeze" : "unfreeze"
                try pipe.send(Self.upsertRestriction, [.int8(bookID), .text(row.order.did.string), .bool(isFrozen)])
            case .holdBack(let currency, let amount):
                action = "limit \(currency) \(amount)"
                try pipe.send(
                    Self.upsertHeldBack,
                    [.int8(bookID), .text(row.order.did.string), .text(currency), .int8(amount)])
            }
            try pipe.send(
                Self.insertAudit,
                [
                    .int8(bookID), .text(row.auditID), .int8(row.timeMs), .text(row.order.actor), .text(action),
                    .text(row.order.did.string), .text(row.order.reason),
                ])
        }
        for row in writes.audits {
            try pipe.send(
                Self.insertAudit,
                [
                    .int8(bookID), .text(row.auditID), .int8(row.timeMs), .text(row.note.actor), .text(row.action),
                    .text(row.subject), .text(row.note.reason),
                ])
        }
    }

    func sendIntents(_ commit: PosterCommit, _ pipe: inout Pipeline, _ parameters: inout Parameters) throws {
        guard !commit.intentAnswers.isEmpty else { return }
        let encoder = JSONEncoder()
        parameters.reset()
        parameters.int8(bookID)
        parameters.texts(commit.intentAnswers.map(\.intentID))
        parameters.byteas(try commit.intentAnswers.map { Array(try encoder.encode($0.decisions)) })
        try pipe.send(Self.insertIntentAnswers, parameters)
        parameters.reset()
        parameters.int8(bookID)
        parameters.texts(commit.intentAnswers.map(\.intentID))
        try pipe.send(Self.deleteIntents, parameters)
    }
}
