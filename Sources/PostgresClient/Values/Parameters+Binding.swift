import CPostgres

extension Parameters {
    /// What libpq is given: all arrays have `count` elements, and live for the duration of the call.
    struct Binding {
        let count: Int32
        let types: UnsafePointer<UInt32>?
        let values: UnsafePointer<UnsafePointer<CChar>?>?
        let lengths: UnsafePointer<Int32>?
        let formats: UnsafePointer<Int32>?
    }

    /// Calls the body with the values' addresses.
    func withBinding<Result>(_ body: (Binding) -> Result) -> Result {
        guard count > 0 else {
            return body(Binding(count: 0, types: nil, values: nil, lengths: nil, formats: nil))
        }
        let formats = [Int32](repeating: 1, count: count)
        return storage.withUnsafeBytes { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = offsets.map { offset -> UnsafePointer<CChar>? in
                offset == Self.nullOffset ? nil : base.map { $0 + offset }
            }
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    types.withUnsafeBufferPointer { types in
                        formats.withUnsafeBufferPointer { formats in
                            body(
                                Binding(
                                    count: Int32(truncatingIfNeeded: count), types: types.baseAddress,
                                    values: values.baseAddress, lengths: lengths.baseAddress,
                                    formats: formats.baseAddress))
                        }
                    }
                }
            }
        }
    }
}
