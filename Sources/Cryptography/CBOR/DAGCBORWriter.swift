/// Appends dag-cbor to a byte array, value by value, without a tree in between.
///
/// The caller gives counts that fit what follows, and map keys in dag-cbor's order (shorter first, then bytewise);
/// ``DAGCBOR/encode(_:)`` does both by itself.
public struct DAGCBORWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]

    /// Starts with nothing written and room for `capacity` bytes.
    public init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Opens an array; its `count` elements come next. `count` is not negative.
    public mutating func array(count: Int) { head(0x80, UInt64(count)) }

    /// Opens a map; its `count` keys, each with its value, come next. `count` is not negative.
    public mutating func map(count: Int) { head(0xa0, UInt64(count)) }

    /// Writes text, a map key too.
    public mutating func text(_ value: String) {
        value.utf8.withByteBuffer {
            head(0x60, UInt64($0.count))
            bytes.append(contentsOf: $0)
        }
    }

    /// Writes text given as its UTF-8 bytes.
    mutating func text(utf8: UnsafeBufferPointer<UInt8>) {
        head(0x60, UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// Writes an integer.
    public mutating func int(_ value: Int64) {
        // CBOR writes a negative number n as -1 - n, which is n's complement.
        if value >= 0 { head(0x00, UInt64(value)) } else { head(0x20, UInt64(~value)) }
    }

    /// Writes a byte string.
    public mutating func bytes(_ value: some ByteSource) {
        value.withByteBuffer {
            head(0x40, UInt64($0.count))
            bytes.append(contentsOf: $0)
        }
    }

    /// Writes a truth value.
    public mutating func bool(_ value: Bool) { bytes.append(value ? 0xf5 : 0xf4) }

    /// Writes null.
    public mutating func null() { bytes.append(0xf6) }

    /// Writes a link: tag 42 around a zero byte (the identity multibase) and the CID's binary form.
    public mutating func link(_ cid: CID) {
        head(0xc0, DAGCBOR.linkTag)
        bytes([DAGCBOR.identityMultibase] + cid.bytes)
    }

    /// Writes a value that is dag-cbor already, as it is.
    public mutating func raw(_ value: some ByteSource) {
        value.withByteBuffer { bytes.append(contentsOf: $0) }
    }

    /// Writes a value with all that it contains.
    public mutating func value(_ value: CBORValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): int(value)
        case .bytes(let value): bytes(value)
        case .text(let value): text(value)
        case .array(let values):
            array(count: values.count)
            for element in values { self.value(element) }
        case .map(let members):
            map(count: members.count)
            for member in members.members {
                text(member.key)
                self.value(member.value)
            }
        case .link(let cid): link(cid)
        }
    }

    /// Major type in the upper three bits of `major`, argument in the fewest bytes (RFC 8949 section 3).
    @inline(__always)
    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        switch argument {
        case 0..<24:
            bytes.append(major | UInt8(argument))
        case 24...0xff:
            bytes.append(major | 24)
            bytes.append(UInt8(argument))
        case 0x100...0xffff:
            bytes.append(major | 25)
            withUnsafeBytes(of: UInt16(argument).bigEndian) { bytes.append(contentsOf: $0) }
        case 0x1_0000...0xffff_ffff:
            bytes.append(major | 26)
            withUnsafeBytes(of: UInt32(argument).bigEndian) { bytes.append(contentsOf: $0) }
        default:
            bytes.append(major | 27)
            withUnsafeBytes(of: argument.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }
}
