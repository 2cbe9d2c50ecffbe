import Foundation
import Testing

/// An identity in files, made with the program itself: keys `NAME.jwk`, and the chain.
struct Identity {
    var work: Work
    let chain: String

    /// Begins a chain with the key `me`, and makes the other keys.
    init(keys: [String] = [], _ arguments: [String] = []) throws {
        work = try Work(keys: ["me"] + keys)
        chain = work.folder("me.chain.json")
        let keyArguments = arguments.map { argument in keys.contains(argument) ? work.key(argument) : argument }
        let run = try Program.run(["chain", "create", "--key", work.key("me"), "--out", chain] + keyArguments)
        try #require(run.status == 0, "\(run.err)")
    }

    /// Runs a command on the chain; an argument that is a key's name becomes its file.
    func run(_ command: String, _ arguments: [String], signedBy key: String = "me") throws -> Program.Run {
        let expanded = arguments.map { work.dids[$0] == nil ? $0 : work.key($0) }
        return try Program.run(["chain", command, chain, "--key", work.key(key)] + expanded)
    }

    /// Runs a command that must succeed.
    @discardableResult
    func change(_ command: String, _ arguments: [String] = [], signedBy key: String = "me") throws -> [String: Any] {
        let run = try run(command, arguments, signedBy: key)
        try #require(run.status == 0, "\(command): \(run.err)")
        return try run.object()
    }

    /// The chain's text.
    func text() throws -> String { try String(contentsOfFile: chain, encoding: .utf8) }

    /// The chain's tokens.
    func tokens() throws -> [String] {
        try #require(try JSONSerialization.jsonObject(with: Data(try text().utf8)) as? [String])
    }

    /// What `mjn chain show` says.
    func shown() throws -> [String: Any] {
        let run = try Program.run(["chain", "show", chain, "--format", "json"])
        try #require(run.status == 0, "\(run.err)")
        return try run.object()
    }

    /// The identity's DID.
    func did() throws -> String { try #require(try shown()["did"] as? String) }

    /// The chain's name of a key of ours.
    func keyID(_ key: String) throws -> String {
        let history = try #require(try shown()["key_history"] as? [[String: Any]])
        let record = history.first { $0["did"] as? String == work.dids[key] }
        return try #require(record?["id"] as? String, "\(key) is not in the history")
    }

    /// The header's `kid` of what a key of ours signs.
    func kid(_ key: String) throws -> String { try did() + "#" + keyID(key) }
}
