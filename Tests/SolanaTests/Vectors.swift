import Cryptography
import Foundation
import Solana

/// The vectors of Tests/Fixtures/solana, and the keys that they were made with.
struct Vectors {
    let root: JSONValue

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/solana")

    init(_ file: String = "vectors.json") throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: file)))
        root = try JSONDocument(parsing: bytes, limits: .batch).root
    }

    /// The elements of a list of the vectors.
    func list(_ name: String) -> [JSONValue] { root[name].map { Array($0.elements) } ?? [] }

    func keys() throws -> [String: Ed25519PrivateKey] {
        var keys: [String: Ed25519PrivateKey] = [:]
        for pair in list("keypairs") { keys[pair.text("name")] = try Ed25519PrivateKey(seed: pair.hex("seedHex")) }
        return keys
    }
}

extension JSONValue {
    func text(_ key: String) -> String { self[key]?.string ?? "" }
    func hex(_ key: String) -> [UInt8] { Hex.decode(text(key)) ?? [] }
    func number(_ key: String) -> Int { self[key]?.int64.map { Int($0) } ?? -1 }
    func address(_ key: String) throws -> SolanaAddress { try Self.address(self[key]?.string) }
    func texts(_ key: String) -> [String] { self[key]?.elements.compactMap(\.string) ?? [] }

    static func address(_ text: String?) throws -> SolanaAddress {
        guard let text, let address = SolanaAddress(text) else { throw NoAddress(text: text ?? "nothing") }
        return address
    }

    /// An instruction as the vectors write it.
    func instruction() throws -> SolanaInstruction {
        SolanaInstruction(
            program: try address("programId"),
            accounts: try (self["accounts"].map { Array($0.elements) } ?? []).map {
                SolanaInstruction.Account(
                    try $0.address("pubkey"), isSigner: $0["isSigner"]?.bool ?? false,
                    isWritable: $0["isWritable"]?.bool ?? false)
            }, data: hex("dataHex"))
    }
}

struct NoAddress: Error { let text: String }
