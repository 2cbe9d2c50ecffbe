import Cryptography
import ProofChain

/// Lines as a log, either as tokens (first byte `T`) or as payloads that are signed here (`S`): nothing traps, and
/// whatever verifies is the identity of its own genesis.
///
/// Mutation does not find signatures; so that it reaches what lies behind them, a line of the second kind is the digit
/// of a key and a payload in which `$P` stands for the operation before and `$D` for the identity.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChain(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard let mode = bytes.first, bytes.count > 1 else { return 0 }
    // 256 lines: a long log is many short ones to whoever reads it one operation at a time.
    let lines = bytes.dropFirst().split(separator: 0x0a, maxSplits: 256)
    switch mode {
    case UInt8(ascii: "T"): check(lines.map { String(decoding: $0, as: UTF8.self) })
    case UInt8(ascii: "S"): check(sign(lines))
    default: break
    }
    return 0
}

private func check(_ tokens: [String]) {
    let operations = tokens.map { try? SignedOperation(token: $0) }
    let whole = try? IdentityState(verifyingTokens: tokens)
    if let whole {
        precondition(!operations.contains { $0 == nil })
        precondition(operations.first??.cid == whole.genesisCID)
        precondition(whole.did == DFOSDID(genesis: whole.genesisCID), "a log is its genesis's identity")
        precondition(whole.operationCount == tokens.count && operations.last??.cid == whole.headCID)
        precondition((try? IdentityState(encoded: whole.encoded())) == whole)
        precondition(!whole.keys.controller.isEmpty)
    }
    // One at a time, from what was stored in between, comes to the same.
    var state = operations.first.flatMap { $0 }.flatMap { try? IdentityState(genesis: $0) }
    for operation in operations.dropFirst() {
        guard let before = state, let stored = try? IdentityState(encoded: before.encoded()) else { break }
        state = operation.flatMap { try? stored.extended(by: $0) }
    }
    precondition(state == whole)
    let table = IdentityTable([whole].compactMap { $0 })
    for operation in operations.compactMap({ $0 }) { readStatement(operation, table) }
}

private func readStatement(_ operation: SignedOperation, _ table: IdentityTable) {
    _ = try? Artifact(verifying: operation, identities: table, keys: .historical)
    _ = try? Countersignature(verifying: operation, identities: table, keys: .current)
    _ = try? Revocation(verifying: operation, identities: table)
    _ = try? ContentState(genesis: operation, identities: table, keys: .historical)
    if let credential = try? Credential(verifying: operation, at: 1_800_000_000, identities: table) {
        try? credential.verifyDelegation(root: credential.issuer, at: 1_800_000_000, identities: table) { _, _ in
            false
        }
    }
}

private let keys = (0..<4).compactMap { try? Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0 + 1), count: 32)) }

private func sign(_ lines: [ArraySlice<UInt8>]) -> [String] {
    var tokens: [String] = []
    var did: DFOSDID?
    var previous: CID?
    for line in lines {
        guard let digit = line.first else { continue }
        let key = keys[Int(digit & 3)]
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
            .replacing("$P", with: previous?.string ?? "").replacing("$D", with: did?.string ?? "")
        let name = Multikey(key.publicKey).id.string
        let cid = (try? JSONDocument(parsing: text)).flatMap { try? DAGCBOR.encode(json: $0.root) }
            .map { CID(codec: .dagCBOR, hashing: $0) }
        let header = [
            ("typ", kind(of: digit).typ), ("kid", did.map { $0.string + "#" + name } ?? name),
            ("cid", cid?.string ?? ""),
        ]
        tokens.append(JWS.sign(payload: text.utf8, header: header, key: key))
        if did == nil { did = cid.map { DFOSDID(genesis: $0) } }
        previous = cid
    }
    return tokens
}

/// `0` to `3` are steps of an identity by the keys 0 to 3, `4` to `7` steps of a content chain, and so on.
private func kind(of digit: UInt8) -> OperationKind {
    let kinds = OperationKind.allCases
    return kinds[Int(digit &- UInt8(ascii: "0")) / keys.count % kinds.count]
}
