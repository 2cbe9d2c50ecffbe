/// Bytes that lie side by side in memory, so that they can be read without a copy.
///
/// Arrays and array slices of bytes, raw buffers and a string's UTF-8 conform.
public protocol ByteSource {
    /// Calls `body` with the bytes. The pointer is valid only until `body` returns, and may be null when empty.
    func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension Array: ByteSource where Element == UInt8 {
    /// Calls `body` with the array's bytes.
    @inlinable
    public func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(body)
    }
}

extension ArraySlice: ByteSource where Element == UInt8 {
    /// Calls `body` with the slice's bytes.
    @inlinable
    public func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(body)
    }
}

extension UnsafeRawBufferPointer: ByteSource {
    /// Calls `body` with the buffer itself.
    @inlinable
    public func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(self)
    }
}

extension String.UTF8View: ByteSource {
    /// Calls `body` with the string's UTF-8 bytes.
    @inlinable
    public func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        return Array(self).withUnsafeBytes(body)
    }
}

extension Substring.UTF8View: ByteSource {
    /// Calls `body` with the substring's UTF-8 bytes.
    @inlinable
    public func withByteBuffer<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        return Array(self).withUnsafeBytes(body)
    }
}
