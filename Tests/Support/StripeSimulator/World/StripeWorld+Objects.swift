/// The objects of the world: made, found, changed, listed.
extension StripeWorld {
    /// How many random characters an id has after its prefix.
    private static let idCharacters = 24

    mutating func newID(_ prefix: String) -> String { prefix + "_" + random.letters(Self.idCharacters) }

    /// Makes an object of a kind; members that may be null and are not given are null. Answers its id.
    @discardableResult
    mutating func create(
        _ kind: String, id: String, owner: String, nowMs: Int64, _ fields: StripeFields, hidden: StripeFields = [:]
    ) -> String {
        var all = StripeSpecification.shared.blank(kind)
        all["id"] = .string(id)
        all["object"] = .string(kind)
        all["created"] = .int(nowMs / 1000)
        all.merge(fields) { $1 }
        objects[id] = StripeRecord(kind: kind, owner: owner, createdMs: nowMs, fields: all, hidden: hidden)
        idsByKind[kind, default: []].append(id)
        return id
    }

    /// An object that an account sees. `param` names the parameter that holds the id; nil: the path does.
    func find(_ kind: String, _ id: String, owner: String, param: String? = nil) throws(StripeFailure)
        -> StripeRecord
    {
        guard let record = objects[id], record.kind == kind, record.owner == owner else {
            throw .missing(kind, id, param: param)
        }
        return record
    }

    /// Changes members of an object.
    mutating func change(_ id: String, _ fields: StripeFields) {
        objects[id]?.fields.merge(fields) { $1 }
    }

    /// Keeps something with an object that the API does not show.
    mutating func hide(_ id: String, _ fields: StripeFields) {
        objects[id]?.hidden.merge(fields) { $1 }
    }

    /// The object as the API shows it; null where there is none.
    func show(_ id: String) -> StripeValue { objects[id].map { .object($0.fields) } ?? .null }

    /// Merges `metadata` into an object's: an empty text unsets a key, an empty text for all of it every key.
    mutating func mergeMetadata(of id: String, _ call: StripeCall) throws(StripeFailure) {
        guard let given = call.parameters["metadata"] else { return }
        change(id, ["metadata": try Self.metadata(given, into: objects[id]?.fields["metadata"])])
    }

    /// Metadata after a change, within Stripe's limits: 50 keys of 40 characters, values of 500.
    static func metadata(_ given: StripeValue?, into old: StripeValue? = nil) throws(StripeFailure) -> StripeValue {
        guard let given, given != "" else { return given == nil ? old ?? [:] : [:] }
        var merged = old?.fields ?? [:]
        for (key, value) in given.fields ?? [:] {
            guard key.count <= 40, !key.isEmpty, (value.string ?? "").count <= 500 else {
                throw .malformed("metadata keys have 1 to 40 characters and values up to 500", "metadata[\(key)]")
            }
            // Not by assigning nil, which is a value of Stripe's JSON as well.
            if value == "" { merged.removeValue(forKey: key) } else { merged[key] = value }
        }
        guard merged.count <= 50 else { throw .malformed("metadata has at most 50 keys", "metadata") }
        return .object(merged)
    }

    /// A page of the objects of a kind that an account sees, latest first.
    func list(_ kind: String, _ call: StripeCall, where matches: (StripeRecord) -> Bool = { _ in true })
        throws(StripeFailure) -> StripeValue
    {
        let limit = call.int("limit") ?? 10
        guard (1...100).contains(limit) else {
            throw .malformed("Invalid limit, must be 1 to 100", "limit", code: "parameter_invalid_integer")
        }
        guard call.parameters["starting_after"] == nil || call.parameters["ending_before"] == nil else {
            throw .malformed("only one of both may be given", "starting_after and ending_before")
        }
        let created = call.parameters["created"]
        func fits(_ record: StripeRecord) -> Bool {
            record.owner == call.owner && Self.fits(record.int("created"), created) && matches(record)
        }
        let ids = idsByKind[kind] ?? []
        let isBackwards = call.string("ending_before") != nil
        var candidates: [String]
        if let cursor = call.string("starting_after") ?? call.string("ending_before") {
            guard let place = ids.lastIndex(of: cursor), objects[cursor]?.owner == call.owner else {
                throw .missing(kind, cursor, param: isBackwards ? "ending_before" : "starting_after")
            }
            candidates = isBackwards ? Array(ids[(place + 1)...]) : ids[..<place].reversed()
        } else {
            candidates = ids.reversed()
        }
        var page: [StripeValue] = []
        var hasMore = false
        for id in candidates {
            guard let record = objects[id], fits(record) else { continue }
            guard page.count < limit else {
                hasMore = true
                break
            }
            page.append(.object(record.fields))
        }
        if isBackwards { page.reverse() }
        return ["object": "list", "url": .string(call.path), "has_more": .bool(hasMore), "data": .array(page)]
    }

    /// Whether a time in seconds is within `created`: a time, or `gt`, `gte`, `lt`, `lte`.
    private static func fits(_ seconds: Int64, _ range: StripeValue?) -> Bool {
        guard let range else { return true }
        if let exact = range.int { return seconds == exact }
        return (range["gt"]?.int).map { seconds > $0 } ?? true && (range["gte"]?.int).map { seconds >= $0 } ?? true
            && (range["lt"]?.int).map { seconds < $0 } ?? true && (range["lte"]?.int).map { seconds <= $0 } ?? true
    }
}
