/// How a part of a service answers where a protocol of its own fixes the shapes: refusals in its words, header fields
/// on every answer, `OPTIONS` on every path.
///
/// It holds for all paths under its prefixes, those without a route included.
public struct Dialect: Sendable {
    /// The paths that speak it: each prefix itself, and whatever follows it after a `/`. The longest prefix of all
    /// dialects wins.
    public let prefixes: [String]
    /// Header fields that every answer carries, refusals included.
    public let headers: [(name: String, value: String)]
    /// Whether `OPTIONS` is answered 204 on every path, whether or not a route stands there.
    public let answersOptions: Bool
    /// What a refusal's JSON body is, for the specification.
    public let errorSchema: Schema
    /// Turns a refusal into its answer.
    public let refuse: @Sendable (Problem, _ traceID: String) -> Reply

    /// Makes a dialect.
    public init(
        prefixes: [String], headers: [(name: String, value: String)] = [], answersOptions: Bool = false,
        errorSchema: Schema, refuse: @escaping @Sendable (Problem, _ traceID: String) -> Reply
    ) {
        self.prefixes = prefixes
        self.headers = headers
        self.answersOptions = answersOptions
        self.errorSchema = errorSchema
        self.refuse = refuse
    }
}

/// Finds the dialect of a path.
struct DialectTable: Sendable {
    let dialects: [Dialect]
    private let prefixes: [(bytes: [UInt8], dialect: Int)]

    init(_ dialects: [Dialect]) {
        self.dialects = dialects
        prefixes = dialects.enumerated()
            .flatMap { index, dialect in dialect.prefixes.map { (bytes: Array($0.utf8), dialect: index) } }
            .sorted { $0.bytes.count > $1.bytes.count }
    }

    /// The index of the dialect that a target's path speaks; nil: the service's own problem documents.
    func index(of target: String) -> Int? {
        guard !prefixes.isEmpty else { return nil }
        let path = target.utf8
        return prefixes.first { prefix in
            guard path.starts(with: prefix.bytes) else { return false }
            let rest = path.dropFirst(prefix.bytes.count)
            return rest.isEmpty || rest.first == UInt8(ascii: "/") || rest.first == UInt8(ascii: "?")
        }?.dialect
    }
}
