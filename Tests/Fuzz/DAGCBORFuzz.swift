import Cryptography
import ProofChain

/// Any bytes as dag-cbor, as JSON and as a stored state: nothing traps; what is read is written back to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzValue(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    if let value = try? DAGCBOR.decode(bytes) {
        precondition(DAGCBOR.encode(value) == bytes, "one value has one encoding")
        throughJSON(value, bytes)
    }
    if let document = try? JSONDocument(parsing: bytes) {
        let straight = try? DAGCBOR.encode(json: document.root)
        let tree = try? DAGCBOR.encode(DAGCBOR.fromJSON(document.root))
        precondition(straight == tree)
        if let straight {
            precondition((try? DAGCBOR.decode(straight)).map { DAGCBOR.encode($0) } == straight)
        }
    }
    if let state = try? IdentityState(encoded: bytes) {
        precondition(state.encoded() == bytes, "one state has one encoding")
    }
    return 0
}

/// A value that JSON can hold comes back from it, unless an integer of it is unsafe there.
private func throughJSON(_ value: CBORValue, _ bytes: [UInt8]) {
    guard isJSON(value) else { return }
    var writer = JSONWriter()
    writer.value(value)
    guard let document = try? JSONDocument(parsing: writer.bytes) else {
        preconditionFailure("what the writer writes is JSON")
    }
    if let encoded = try? DAGCBOR.encode(json: document.root) { precondition(encoded == bytes) }
}

private func isJSON(_ value: CBORValue) -> Bool {
    switch value {
    case .null, .bool, .int, .text: true
    case .array(let values): values.allSatisfy(isJSON)
    case .map(let map): map.members.allSatisfy { isJSON($0.value) }
    case .bytes, .link: false
    }
}
