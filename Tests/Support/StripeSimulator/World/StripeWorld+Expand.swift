/// `expand`: ids become the objects they name.
extension StripeWorld {
    /// How deep a path may go.
    private static let expandDepthMax = 4

    func expand(_ body: StripeValue, _ paths: [StripeValue], owner: String) throws(StripeFailure) -> StripeValue {
        var body = body
        for path in paths {
            let names = (path.string ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard names.count <= Self.expandDepthMax else { throw cannot(names) }
            body = try expand(body, names[...], names, owner)
        }
        return body
    }

    private func expand(_ value: StripeValue, _ rest: ArraySlice<String>, _ path: [String], _ owner: String)
        throws(StripeFailure) -> StripeValue
    {
        guard let name = rest.first else { return value }
        guard var fields = value.fields else { throw cannot(path) }
        if name == "data", let items = fields["data"]?.items {
            var expanded: [StripeValue] = []
            for item in items { expanded.append(try expand(item, rest.dropFirst(), path, owner)) }
            fields["data"] = .array(expanded)
            return .object(fields)
        }
        if name == "refunds", fields["object"] == "charge" {
            fields["refunds"] = refunds(ofCharge: fields["id"]?.string ?? "")
            return .object(fields)
        }
        switch fields[name] {
        case .null: return value
        case .object(let inner): fields[name] = try expand(.object(inner), rest.dropFirst(), path, owner)
        case .string(let id):
            guard let record = objects[id], record.owner == owner || record.kind == "account" else {
                throw cannot(path)
            }
            fields[name] = try expand(.object(record.fields), rest.dropFirst(), path, owner)
        default: throw cannot(path)
        }
        return .object(fields)
    }

    private func cannot(_ path: [String]) -> StripeFailure {
        .malformed("This property cannot be expanded", path.joined(separator: "."))
    }

    private func refunds(ofCharge charge: String) -> StripeValue {
        let refunds = (idsByKind["refund"] ?? []).reversed().filter { objects[$0]?.string("charge") == charge }
        return [
            "object": "list", "has_more": false, "url": .string("/v1/charges/\(charge)/refunds"),
            "data": .array(refunds.map { show($0) }),
        ]
    }
}
