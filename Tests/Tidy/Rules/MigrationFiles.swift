import Foundation

/// Migrations are append-only: numbered without gaps, named for what they do, each known to the binary.
enum MigrationFiles {
    /// A set of migrations is a folder with `.sql` files in it, wherever it stands in the product.
    static func check(_ files: [TextFile]) -> [Finding] {
        let scripts = files.filter { $0.path.hasSuffix(".sql") && $0.isUnder(Project.productFolders) }
        let folders = Dictionary(grouping: scripts) { String($0.path.dropLast($0.name.count + 1)) }
        return folders.sorted { $0.key < $1.key }.flatMap { folder, scripts in
            checkNames(scripts) + checkNumbers(scripts, folder: folder) + checkRegistered(scripts, in: files)
        }
    }

    private static func checkNames(_ scripts: [TextFile]) -> [Finding] {
        scripts.flatMap { script -> [Finding] in
            var findings: [Finding] = []
            if script.name.wholeMatch(of: #/\d{3}-[a-z0-9]+(-[a-z0-9]+)+\.sql/#) == nil {
                findings.append(Finding(path: script.path, line: 0, message: "a migration is named NNN-verb-noun.sql"))
            }
            if script.bytes.starts(with: Array("-- ".utf8)) == false {
                let message = "a migration begins with a comment: what it changes, and why"
                findings.append(Finding(path: script.path, line: 1, message: message))
            }
            return findings
        }
    }

    private static func checkNumbers(_ scripts: [TextFile], folder: String) -> [Finding] {
        let numbers = scripts.compactMap { Int($0.name.prefix(3)) }.sorted()
        guard numbers != Array(1...max(1, scripts.count)) else { return [] }
        let message = "migrations are numbered \(numbers), not 1 to \(scripts.count)"
        return [Finding(path: folder, line: 0, message: message)]
    }

    /// A file that no Swift source names would not be applied. It is named by its stem in a literal, by its name
    /// after the number, or by the identifier that SwiftPM makes of an embedded file (`_001_create_books_sql`).
    private static func checkRegistered(_ scripts: [TextFile], in files: [TextFile]) -> [Finding] {
        let sources = files.filter { $0.isSwift && $0.isUnder(Project.productFolders) }
        let mentions = sources.flatMap { source -> [String] in
            let text = SwiftText(source)
            let identifiers = text.words.map(\.text).filter { $0.hasSuffix("_sql") }
            return identifiers + text.literals.map(\.text).filter { $0.count < 100 }
        }
        let known = Set(mentions)
        return scripts.compactMap { script in
            let stem = String(script.name.dropLast(4))
            let identifier = stem.replacing("-", with: "_")
            let isNamed =
                known.contains(String(stem.dropFirst(4)))
                || known.contains { $0.contains(stem) || $0.contains(identifier) }
            if isNamed { return nil }
            return Finding(path: script.path, line: 0, message: "no Swift source names this migration: register it")
        }
    }
}
