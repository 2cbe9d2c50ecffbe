/// SQL is one readable literal, and its parameters are bound: no value is ever written into a statement.
enum BoundParameters {
    static let folders = Project.productFolders

    /// Literals that interpolate something which is no value. Each with its reason.
    static let exceptions: [String: String] = [
        "Sources/PostgresClient/Cluster/ClusterServer.swift":
            "CREATE DATABASE takes no parameter; the name is a constant of the cluster",
        "Sources/PostgresClient/Connection/Connection+Notifications.swift":
            "LISTEN and UNLISTEN take no parameter; the channel is quoted as an identifier",
        "Sources/PostgresClient/Migrations/Migrator.swift":
            "a schema's name is no parameter; it is checked to be a plain identifier before anything runs",
    ]

    static func check(_ files: [TextFile]) -> [Finding] {
        files.filter { $0.isSwift && $0.isUnder(folders) && exceptions[$0.path] == nil }.flatMap { file -> [Finding] in
            SwiftText(file).literals.filter { $0.isInterpolated && isStatement($0.text) }.map {
                Finding(path: file.path, line: $0.line, message: "SQL with an interpolation in it: bind the value")
            }
        }
    }

    /// Whether a literal reads as SQL: a statement's keywords in capitals, or in small letters at its very beginning.
    static func isStatement(_ text: String) -> Bool {
        if text.contains(capitals) { return true }
        return text.prefixMatch(of: beginning) != nil
    }

    // A Regex is a value that nothing changes; it is only not marked Sendable.
    private nonisolated(unsafe) static let capitals =
        #/
        \b(
            SELECT\b[\s\S]*\bFROM | INSERT\s+INTO | UPDATE\b[\s\S]*\bSET | DELETE\s+FROM | TRUNCATE | UNLISTEN
            | COPY\b[\s\S]*\b(FROM|TO) | (CREATE|ALTER|DROP)\s+[A-Z]+ | SET\s+(LOCAL|SESSION) | LISTEN | NOTIFY
            | LOCK\s+TABLE
        )\b
        /#
    private nonisolated(unsafe) static let beginning =
        #/
        \s*(
            select\s[\s\S]*\sfrom\s | insert\s+into\s | update\s+\S+\s+set\s | delete\s+from\s | truncate\s
            | listen\s | notify\s
        )
        /#
}
