import Cryptography

extension LedgerState {
    func checkConsent(_ order: SettleOrder, nowMs: Int64) throws(Refusal) {
        switch order.consent {
        case .payer, .trustedService: return
        case .authorization(let nonce, let notAfterMs, _):
            guard notAfterMs >= nowMs else { throw .consentMissing("The payer's authorization is over.") }
            if authorizations[AuthorizationKey(payer: order.payer.string, nonce: nonce)] == true {
                throw .consentMissing("The payer's authorization was used before.")
            }
        case .allowance(let service):
            let key = AllowanceKey(payer: order.payer.string, service: service, currency: order.currency)
            guard let allowance = allowances[key] ?? nil, allowance.notAfterMs >= nowMs else {
                throw .consentMissing("The payer has set no allowance for this service in \(order.currency).")
            }
            guard order.grossMinor <= allowance.maxAmountMinor else {
                throw .consentMissing("The amount is above the payer's allowance of \(allowance.maxAmountMinor).")
            }
            let left = allowance.perDayMinor - allowance.spent(onDayOf: nowMs)
            guard order.grossMinor <= left else {
                throw .consentMissing("Only \(max(left, 0)) of the payer's daily allowance is left.")
            }
        }
    }

    mutating func useConsent(_ order: SettleOrder, nowMs: Int64) {
        switch order.consent {
        case .payer, .trustedService: return
        case .authorization(let nonce, let notAfterMs, let token):
            let key = AuthorizationKey(payer: order.payer.string, nonce: nonce)
            authorizations[key] = true
            writes.authorizations.append(
                AuthorizationRow(
                    key: key, notAfterMs: notAfterMs, settlementID: order.settlementID, token: token, timeMs: nowMs))
            undo?.append { state in
                state.authorizations[key] = false
                state.writes.authorizations.removeLast()
            }
        case .allowance(let service):
            let key = AllowanceKey(payer: order.payer.string, service: service, currency: order.currency)
            guard let before = allowances[key] ?? nil else { preconditionFailure("the allowance was checked") }
            var row = before
            row.spentMinor = before.spent(onDayOf: nowMs) + order.grossMinor
            row.spentDay = max(before.spentDay, CivilDate.day(ms: nowMs))
            keep(row, before: before)
        }
    }

    mutating func allow(_ order: AllowanceOrder) -> Outcome {
        let key = AllowanceKey(payer: order.payer.string, service: order.service.string, currency: order.currency)
        let before = allowances[key] ?? nil
        let row = AllowanceRow(
            key: key, maxAmountMinor: order.maxAmountMinor, perDayMinor: order.perDayMinor,
            notAfterMs: order.notAfterMs, spentDay: before?.spentDay ?? 0, spentMinor: before?.spentMinor ?? 0)
        keep(row, before: before)
        return Outcome(status: 200, body: SettlementReply.render(row))
    }

    private mutating func keep(_ row: AllowanceRow, before: AllowanceRow?) {
        allowances[row.key] = row
        writes.allowances.append(row)
        undo?.append { state in
            state.allowances[row.key] = .some(before)
            state.writes.allowances.removeLast()
        }
    }
}

extension AllowanceRow {
    /// What was spent on the UTC day of `nowMs`. A clock that went back a day still counts what was spent on the later
    /// one.
    func spent(onDayOf nowMs: Int64) -> Int64 { spentDay >= CivilDate.day(ms: nowMs) ? spentMinor : 0 }
}
