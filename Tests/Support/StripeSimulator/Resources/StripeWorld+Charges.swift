/// `/v1/charges`, and searching.
extension StripeWorld {
    mutating func charges(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "GET /v1/charges":
            return try list("charge", call) { charge in
                ["payment_intent", "transfer_group", "customer"].allSatisfy { name in
                    call.string(name).map { charge.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/charges/search": return try search("charge", call)
        case "GET /v1/charges/{charge}":
            return .object(try find("charge", call.id, owner: call.owner).fields)
        case "POST /v1/charges/{charge}":
            _ = try find("charge", call.id, owner: call.owner)
            try mergeMetadata(of: call.id, call)
            for name in ["description", "transfer_group", "receipt_email"] {
                if let value = call.parameters[name] { change(call.id, [name: value]) }
            }
            emit("charge.updated", id: call.id, nowMs: call.nowMs)
            return show(call.id)
        default: return nil
        }
    }

    /// Searches by clauses joined with AND: `metadata['key']:'value'`, `status:'succeeded'`, `amount:100`. Objects that
    /// are younger than `configuration.searchDelayMs` are not found yet.
    func search(_ kind: String, _ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let limit = call.int("limit") ?? 10
        guard (1...100).contains(limit) else { throw .malformed("Invalid limit, must be 1 to 100", "limit") }
        var clauses: [(path: [String], value: String)] = []
        for clause in (call.string("query") ?? "").split(separator: " AND ") { clauses.append(try Self.clause(clause)) }
        guard !clauses.isEmpty else { throw .malformed("The query says nothing", "query") }
        let found = (idsByKind[kind] ?? []).reversed().filter { id in
            guard let record = objects[id], record.owner == call.owner,
                record.createdMs + configuration.searchDelayMs <= call.nowMs
            else { return false }
            return clauses.allSatisfy { clause in
                let value = clause.path.reduce(StripeValue.object(record.fields) as StripeValue?) { $0?[$1] }
                return value?.string == clause.value || value?.int.map { String($0) } == clause.value
            }
        }
        let start = call.string("page").map { Int($0) ?? found.count } ?? 0
        let page = found.dropFirst(start).prefix(Int(limit))
        let end = start + page.count
        return [
            "object": "search_result", "url": .string(call.path), "data": .array(page.map { show($0) }),
            "has_more": .bool(end < found.count), "next_page": end < found.count ? .string(String(end)) : .null,
        ]
    }

    private static func clause(_ text: Substring) throws(StripeFailure) -> (path: [String], value: String) {
        // The name ends at the first colon that is in no quotation marks: values may have colons, keys too.
        var quote: Character?
        guard
            let colon = text.firstIndex(where: { character in
                if let open = quote {
                    if character == open { quote = nil }
                    return false
                }
                if character == "'" || character == "\"" { quote = character }
                return character == ":"
            })
        else { throw .malformed("The clause is not simulated", String(text)) }
        let name = String(text[..<colon])
        let value = unquoted(String(text[text.index(after: colon)...]))
        let known = ["amount", "currency", "customer", "status"]
        if known.contains(name) { return ([name], value) }
        guard name.hasPrefix("metadata["), name.hasSuffix("]") else {
            throw .malformed("The field is not simulated", name)
        }
        return (["metadata", unquoted(String(name.dropFirst(9).dropLast()))], value)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == text.last, first == "'" || first == "\"" else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }
}
