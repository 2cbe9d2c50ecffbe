import Cryptography
import ProofChain

/// Any bytes as a token: nothing traps; what is read strictly has one text, and the protocol's own reading agrees.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzToken(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    let operation = try? SignedOperation(token: text)
    if let operation {
        // Straight from the text and through the values, where those are not too deep for the latter.
        if let document = try? JSONDocument(parsing: operation.payload.bytes),
            let tree = try? DAGCBOR.fromJSON(document.root)
        {
            precondition(CID(codec: .dagCBOR, hashing: DAGCBOR.encode(tree)) == operation.cid)
        }
        precondition((try? DAGCBOR.encode(json: operation.payload.root))?.count == operation.payloadByteCount)
        _ = operation.identitiesNeeded
        _ = operation.author
    }
    if let token = try? JWS.parse(text) {
        let parts = [token.headerBytes, token.payload, token.signature].map { Base64URL.encode($0) }
        precondition(parts.joined(separator: ".").utf8.elementsEqual(bytes), "a token has one text")
        if let operation {
            precondition(operation.payload.bytes == token.payload)
            precondition(operation.kid == token.keyID && operation.typ == token.type)
        }
    }
    _ = AuthToken.identityNeeded(by: text)
    return 0
}
