import Cryptography
import ProofChain
import Testing
import TestMaterial

/// The reference keys and the identities of the published examples.
enum Vectors {
    static func key(_ number: Int) throws -> Ed25519PrivateKey {
        let keys = try #require(try Fixture.json("dfos/keys.json")["keys"]).elements.map { $0 }
        return try Ed25519PrivateKey(seed: keys[number - 1].hex("privateKeyHex"))
    }

    static func published(_ name: String) throws -> JSONValue {
        try Fixture.json("dfos/published/\(name).json")
    }

    static func log(_ value: JSONValue?) throws -> [String] {
        try #require(value).elements.map { try #require($0.string) }
    }

    /// The identity that the published content and credentials are signed by: a genesis, then keys replaced.
    static func creator() throws -> IdentityState {
        try IdentityState(verifyingTokens: log(published("identity-rotation")["chain"]))
    }

    /// Genesis operations with signatures that satisfy the equation and that a strict verifier refuses, and why.
    static func strict() throws -> [(name: String, code: String, token: String)] {
        let cases = try #require(try Fixture.json("dfos/strictness.json")["cases"])
        return cases.elements.map { ($0.text("name"), $0.text("code"), $0.text("token")) }
    }
}

extension ProofError {
    /// The error that a call throws; nil when it throws nothing.
    static func thrown(by body: () throws -> Void) -> ProofError? {
        do {
            try body()
            return nil
        } catch {
            return error as? ProofError
        }
    }
}

extension ProofError.Code {
    /// The code that a call throws; nil when it throws nothing.
    static func thrown(by body: () throws -> Void) -> ProofError.Code? { ProofError.thrown(by: body)?.code }
}
