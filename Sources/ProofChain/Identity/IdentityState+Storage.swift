import Cryptography

/// The stored form of a state: dag-cbor, one encoding for one state.
///
/// It is not a claim by anybody: store it where only this node writes. Reading it back checks its form and that its
/// parts agree, and verifies no signature.
extension IdentityState {
    /// The version of the form, the member `v`.
    private static let formVersion: Int64 = 1
    /// A stored state holds every key that a chain listed: larger than a request, and bounded by the chain.
    private static let limits = CBORLimits(depth: CBORLimits.depthCeiling, items: 1 << 26, bytes: 1 << 30)

    /// Returns the bytes to store.
    public func encoded() -> [UInt8] {
        DAGCBOR.encode([
            "v": .int(Self.formVersion),
            "did": .text(did.string),
            "genesis": .link(genesisCID),
            "head": .link(headCID),
            "created_at": .int(createdAt.millisecondsSinceEpoch),
            "last_at": .int(lastCreatedAt.millisecondsSinceEpoch),
            "deleted": .bool(isDeleted),
            "count": .int(Int64(operationCount)),
            "auth": Self.names(keys.auth),
            "assert": Self.names(keys.assert),
            "controller": Self.names(keys.controller),
            "genesis_controller": Self.names(genesisControllerKeys),
            "genesis_signer": .text(genesisSigner.id.string),
            "services": .array(services.map { .map($0.members) }),
            "keys": .array(history.records.map(Self.encode)),
            "deletions": .array(deletions.map { .array(Self.span($0.from, $0.until)) }),
        ])
    }

    /// Keys are written once, in the history; elsewhere by name.
    private static func names(_ keys: [Multikey]) -> CBORValue { .array(keys.map { .text($0.id.string) }) }

    private static func span(_ from: Timestamp, _ until: Timestamp?) -> [CBORValue] {
        [.int(from.millisecondsSinceEpoch), until.map { .int($0.millisecondsSinceEpoch) } ?? .null]
    }

    private static func encode(_ record: KeyRecord) -> CBORValue {
        .array([
            .text(record.key.id.string), .text(record.key.publicKeyMultibase),
            .array(record.periods.map { .array([.int(Int64($0.roles.rawValue))] + span($0.from, $0.until)) }),
        ])
    }

    /// Reads what ``encoded()`` wrote. Throws `stateMalformed`.
    public init(encoded bytes: [UInt8]) throws(ProofError) {
        guard let state = Self.decode(bytes) else { throw ProofError(.stateMalformed) }
        self = state
    }

    private static func decode(_ bytes: [UInt8]) -> IdentityState? {
        guard let value = try? DAGCBOR.decode(bytes, limits: limits) else { return nil }
        let stored = StoredValue(value)
        guard stored["v"]?.int == formVersion, let records = stored["keys"]?.array?.map(record),
            let history = KeyHistory(stored: records.compactMap { $0 }), history.records.count == records.count,
            let did = stored["did"]?.text.flatMap({ try? DFOSDID($0) }), let genesisCID = stored["genesis"]?.link,
            did == DFOSDID(genesis: genesisCID), let headCID = stored["head"]?.link,
            let createdAt = stored["created_at"]?.time, let lastCreatedAt = stored["last_at"]?.time,
            createdAt <= lastCreatedAt, let isDeleted = stored["deleted"]?.bool,
            let count = stored["count"]?.int, let operationCount = Int(exactly: count), operationCount > 0,
            let auth = keys(stored["auth"], history), let assert = keys(stored["assert"], history),
            let controller = keys(stored["controller"], history), !controller.isEmpty,
            let genesisControllerKeys = keys(stored["genesis_controller"], history), !genesisControllerKeys.isEmpty,
            let signer = stored["genesis_signer"]?.text.map({ KeyID($0) }),
            let genesisSigner = genesisControllerKeys.first(where: { $0.id == signer }),
            let services = stored["services"].flatMap({ try? ServiceEntry.read($0.value) }),
            let deletions = deletions(stored["deletions"]),
            isDeleted == (deletions.last.map { $0.until == nil } ?? false)
        else { return nil }
        return IdentityState(
            did: did, genesisCID: genesisCID, createdAt: createdAt, isDeleted: isDeleted,
            keys: KeySet(auth: auth, assert: assert, controller: controller), services: services, headCID: headCID,
            lastCreatedAt: lastCreatedAt, operationCount: operationCount,
            genesisControllerKeys: genesisControllerKeys, genesisSigner: genesisSigner, history: history,
            deletions: deletions)
    }

    private static func record(_ stored: StoredValue) -> KeyRecord? {
        guard let parts = stored.array, parts.count == 3, let id = parts[0].text, let material = parts[1].text,
            let periods = parts[2].array?.map(period)
        else { return nil }
        let read = periods.compactMap { $0 }
        guard read.count == periods.count else { return nil }
        return KeyRecord(key: Multikey(id: KeyID(id), publicKeyMultibase: material), periods: read)
    }

    private static func period(_ stored: StoredValue) -> KeyRecord.Period? {
        guard let parts = stored.array, parts.count == 3, let bits = parts[0].int, (1...7).contains(bits),
            let from = parts[1].time, let until = parts[2].optionalTime
        else { return nil }
        return KeyRecord.Period(roles: KeyRoles(rawValue: UInt8(bits)), from: from, until: until)
    }

    private static func keys(_ stored: StoredValue?, _ history: KeyHistory) -> [Multikey]? {
        guard let names = stored?.array else { return nil }
        let keys = names.compactMap { $0.text.flatMap { history[KeyID($0)]?.key } }
        return keys.count == names.count ? keys : nil
    }

    private static func deletions(_ stored: StoredValue?) -> [Deletion]? {
        guard let list = stored?.array else { return nil }
        let deletions = list.compactMap { entry -> Deletion? in
            guard let parts = entry.array, parts.count == 2, let from = parts[0].time,
                let until = parts[1].optionalTime
            else { return nil }
            return Deletion(from: from, until: until)
        }
        let areEnded = deletions.dropLast().allSatisfy { $0.until != nil }
        return deletions.count == list.count && areEnded ? deletions : nil
    }
}
