/// Appends JSON to a byte array. Commas are put where they belong; nesting and names are up to the caller.
///
/// Strings are escaped as little as RFC 8785 does. Members come in the order in which they are written.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]

    private var needsComma = false

    /// Starts with nothing written and room for `capacity` bytes.
    public init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Opens an object.
    public mutating func beginObject() { open(0x7b) }

    /// Closes the innermost object.
    public mutating func endObject() { close(0x7d) }

    /// Opens an array.
    public mutating func beginArray() { open(0x5b) }

    /// Closes the innermost array.
    public mutating func endArray() { close(0x5d) }

    /// Writes a member's name; its value comes next.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(0x3a)
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ value: String) {
        separate()
        value.utf8.withByteBuffer {
            JSONText.appendQuoted($0.assumingMemoryBound(to: UInt8.self), to: &bytes)
        }
    }

    /// Writes an integer. There is none for floating point: nothing here is measured in it.
    public mutating func int(_ value: Int64) {
        separate()
        var text = (UInt64(0), UInt64(0), UInt32(0))
        withUnsafeMutableBytes(of: &text) { scratch in
            var index = scratch.count
            var rest = value.magnitude
            repeat {
                index &-= 1
                scratch[index] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 { bytes.append(0x2d) }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[index...]))
        }
    }

    /// Writes an integer.
    public mutating func int(_ value: Int) { int(Int64(value)) }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        raw((value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        raw("null".utf8)
    }

    /// Writes a value that is JSON already, as it is.
    public mutating func raw(_ json: some ByteSource) {
        separate()
        json.withByteBuffer { bytes.append(contentsOf: $0) }
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}
