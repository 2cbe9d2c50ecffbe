import Kernel
import PostgresClient

/// Loads what a batch needs: one pipeline, one round trip, each fact by its key.
struct PosterLoader {
    let bookID: Int64

    func load(_ asked: Requirements, nowMs: Int64, on connection: Connection) throws -> LoadedFacts {
        var readers: [(Rows, inout LoadedFacts) throws -> Void] = []
        let results = try connection.pipeline { pipe in
            if !asked.outcomes.isEmpty {
                try pipe.send(Self.outcomes, pairs(asked.outcomes) { ($0.caller, $0.key) })
                readers.append(readOutcomes)
            }
            if !asked.owners.isEmpty {
                try pipe.send(Self.accounts, pairs(asked.owners) { ($0.owner, $0.currency) })
                readers.append(readAccounts)
            }
            if !asked.restrictions.isEmpty {
                try pipe.send(Self.restrictions, names(asked.restrictions))
                readers.append(readRestrictions)
                try pipe.send(Self.heldBack, names(asked.restrictions))
                readers.append(readHeldBack)
            }
            if !asked.manifestIDs.isEmpty {
                try pipe.send(Self.manifestOwners, names(asked.manifestIDs.map(\.text)))
                readers.append { rows, facts in
                    for row in rows { facts.manifestOwners[ByteText(try row.text(0))] = try row.text(1) }
                }
            }
            if !asked.customers.isEmpty {
                try pipe.send(Self.customers, pairs(asked.customers) { ($0.payer, $0.service) })
                readers.append { rows, facts in
                    for row in rows {
                        facts.customers.insert(CustomerKey(payer: try row.text(0), service: try row.text(1)))
                    }
                }
            }
            try sendRare(asked, nowMs: nowMs, &pipe, &readers)
        }
        var facts = LoadedFacts()
        for (rows, read) in zip(results, readers) { try read(rows, &facts) }
        return facts
    }

    private func sendRare(
        _ asked: Requirements, nowMs: Int64, _ pipe: inout Pipeline,
        _ readers: inout [(Rows, inout LoadedFacts) throws -> Void]
    ) throws {
        if !asked.allowances.isEmpty {
            let keys = Array(asked.allowances)
            var parameters = pairs(keys) { ($0.payer, $0.service) }
            parameters.texts(keys.map(\.currency))
            try pipe.send(Self.allowances, parameters)
            readers.append(readAllowances)
        }
        if !asked.authorizations.isEmpty {
            try pipe.send(Self.authorizations, pairs(asked.authorizations) { ($0.payer, $0.nonce) })
            readers.append { rows, facts in
                for row in rows {
                    facts.authorizations.insert(AuthorizationKey(payer: try row.text(0), nonce: try row.text(1)))
                }
            }
        }
        if !asked.settlements.isEmpty {
            try pipe.send(Self.refundedTotals, names(asked.settlements))
            readers.append { rows, facts in
                for row in rows { facts.refundedTotals[try row.text(0)] = try row.int8(1) }
            }
        }
        if !asked.holds.isEmpty {
            try pipe.send(Self.holds, names(asked.holds))
            readers.append { rows, facts in
                for row in rows { facts.holds.append(try HoldRow(row)) }
            }
        }
        if !asked.lifecycles.isEmpty {
            try pipe.send(Self.lifecycles, names(asked.lifecycles))
            readers.append { rows, facts in
                for row in rows { facts.lifecycles.append(try LifecycleRow(row)) }
            }
        }
        if !asked.gas.isEmpty {
            var times = pairs(asked.gas) { ($0.cluster, $0.recipient) }
            times.int8(nowMs - GasWindow.ms)
            try pipe.send(Self.gasTimes, times)
            readers.append { rows, facts in
                for row in rows {
                    let key = GasKey(cluster: try row.text(0), recipient: try row.text(1))
                    facts.gasTimes[key, default: []].append(try row.int8(2))
                }
            }
            try pipe.send(Self.gasRules, pairs(asked.gas) { ($0.cluster, $0.recipient) })
            readers.append { rows, facts in
                for row in rows {
                    let key = GasKey(cluster: try row.text(0), recipient: try row.text(1))
                    facts.gasRules[key] = try GasRule(row, standing: 2, perDayMax: 3)
                }
            }
        }
    }

    // MARK: Parameters

    private func pairs<Keys: Collection>(_ keys: Keys, _ parts: (Keys.Element) -> (String, String)) -> Parameters {
        var parameters = Parameters()
        parameters.int8(bookID)
        let split = keys.map(parts)
        parameters.texts(split.map(\.0))
        parameters.texts(split.map(\.1))
        return parameters
    }

    private func names(_ names: some Collection<String>) -> Parameters {
        var parameters = Parameters()
        parameters.int8(bookID)
        parameters.texts(Array(names))
        return parameters
    }

    // MARK: Rows

    private func readOutcomes(_ rows: Rows, _ facts: inout LoadedFacts) throws {
        for row in rows {
            facts.outcomes.append(
                OutcomeRow(
                    identity: CommandIdentity(caller: try row.text(0), key: try row.text(1)),
                    requestHash: try row.bytea(2),
                    outcome: Outcome(
                        status: Int(try row.int2(3)), code: try row.textOrNil(4), body: try row.bytea(6),
                        reference: try row.textOrNil(5)),
                    timeMs: try row.int8(7)))
        }
    }

    private func readAccounts(_ rows: Rows, _ facts: inout LoadedFacts) throws {
        facts.accounts.reserveCapacity(rows.count)
        for row in rows { facts.accounts.append(try AccountState(row)) }
    }

    private func readRestrictions(_ rows: Rows, _ facts: inout LoadedFacts) throws {
        for row in rows { facts.restrictions[try row.text(0), default: Restriction()].isFrozen = try row.bool(1) }
    }

    private func readHeldBack(_ rows: Rows, _ facts: inout LoadedFacts) throws {
        for row in rows {
            let did = try row.text(0)
            facts.restrictions[did, default: Restriction()].heldBackMinor[try row.text(1)] = try row.int8(2)
        }
    }

    private func readAllowances(_ rows: Rows, _ facts: inout LoadedFacts) throws {
        for row in rows {
            facts.allowances.append(
                AllowanceRow(
                    key: AllowanceKey(
                        payer: try row.text(0), service: try row.text(1), currency: try row.text(2)),
                    maxAmountMinor: try row.int8(3), perDayMinor: try row.int8(4), notAfterMs: try row.int8(5),
                    spentDay: try row.int8(6), spentMinor: try row.int8(7)))
        }
    }
}

/// The gas window in the ledger's unit of time.
enum GasWindow {
    static let ms = Int64(Gas.windowSeconds) * 1000
}
