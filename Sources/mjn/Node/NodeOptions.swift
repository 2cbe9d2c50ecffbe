import ArgumentParser
import Foundation

/// What every command that touches the node's data takes.
struct NodeOptions: ParsableArguments {
    @Option(name: .customLong("data-dir"), help: "The node's keys and private Postgres (MJN_DATA_DIR).")
    var dataDirectoryOption: String?

    @Option(help: "The book's name.")
    var book = "main"

    /// The data directory as an absolute path.
    var dataDirectory: String {
        let path = dataDirectoryOption ?? ProcessInfo.processInfo.environment["MJN_DATA_DIR"] ?? ".mjn"
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    func validate() throws {
        guard book == BookNumbers.mainName else {
            throw ValidationError("there is one book, \(BookNumbers.mainName)")
        }
    }
}

/// The books of a node.
enum BookNumbers {
    static let main: Int64 = 1
    static let mainName = "main"
}
