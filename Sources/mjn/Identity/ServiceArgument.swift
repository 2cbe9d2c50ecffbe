import Cryptography
import ProofChain

/// One `--service` of the command line.
enum ServiceArgument {
    /// Reads `name=value` pairs with commas between them, or a JSON object for what has no place in that.
    /// - Throws: exit code 64 with what is missing.
    static func entry(_ text: String) throws(CLIFailure) -> ServiceEntry {
        do {
            return try ServiceEntry(members: try members(text))
        } catch {
            let reason = (error as? ProofError)?.reason ?? (error as? CBORError)?.code ?? "\(error)"
            throw CLIFailure(
                "--service \(text): \(reason)",
                fix: "give --service id=relay,type=DfosRelay,endpoint=https://…, or a JSON object",
                exitCode: ExitStatus.usage)
        }
    }

    private static func members(_ text: String) throws -> CBORMap {
        if text.hasPrefix("{") {
            let value = try DAGCBOR.fromJSON(try JSONDocument(parsing: Array(text.utf8)).root)
            guard case .map(let members) = value else { throw ProofError(.serviceInvalid) }
            return members
        }
        var pairs: [(String, CBORValue)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let mark = part.firstIndex(of: "=") else {
                // A comma inside a value: addresses may have some.
                guard let last = pairs.popLast(), case .text(let value) = last.1 else {
                    throw ProofError(.serviceInvalid, String(part))
                }
                pairs.append((last.0, .text(value + "," + part)))
                continue
            }
            pairs.append((String(part[..<mark]), .text(String(part[part.index(after: mark)...]))))
        }
        return try CBORMap(pairs)
    }

    /// For people: `id  type  endpoint`, other members as `name=value`.
    static func shown(_ entry: ServiceEntry) -> String {
        let known: Set = ["id", "type"]
        let rest = entry.members.members.filter { !known.contains($0.key) }.map { member in
            if case .text(let text) = member.value { return member.key == "endpoint" ? text : "\(member.key)=\(text)" }
            var json = JSONWriter()
            json.value(member.value)
            return "\(member.key)=\(String(decoding: json.bytes, as: UTF8.self))"
        }
        return ([entry.id, entry.type] + rest).joined(separator: "  ")
    }
}
