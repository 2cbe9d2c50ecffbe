public import Cryptography

/// Why a transaction did nothing but cost its fee, or would.
public enum SolanaTransactionFailure: Hashable, Sendable {
    /// The transaction as a whole, in the chain's own word: `BlockhashNotFound`, `AlreadyProcessed`.
    case whole(String)
    /// An instruction, in the runtime's own word.
    case instruction(index: Int, String)
    /// An instruction, by a number that means something only together with the program that was called.
    case custom(index: Int, code: Int64)

    /// Reads the member `err`; nil where it is null or nothing of the kind.
    public init?(_ value: JSONValue) {
        if let word = value.string {
            self = .whole(word)
        } else if let pair = value["InstructionError"].map({ Array($0.elements) }), pair.count == 2,
            let index = pair[0].int64, (0...255).contains(index)
        {
            if let word = pair[1].string {
                self = .instruction(index: Int(index), word)
            } else if let code = pair[1]["Custom"]?.int64 {
                self = .custom(index: Int(index), code: code)
            } else {
                self = .instruction(index: Int(index), pair[1].firstName ?? "Unknown")
            }
        } else if let name = value.firstName {
            self = .whole(name)
        } else {
            return nil
        }
    }

    /// Whether it is about time and not about what the transaction does.
    public var isAboutAge: Bool { self == .whole("BlockhashNotFound") || self == .whole("AlreadyProcessed") }
}

extension SolanaTransactionFailure: CustomStringConvertible {
    /// One line for the log.
    public var description: String {
        switch self {
        case .whole(let word): word
        case .instruction(let index, let word): "instruction \(index): \(word)"
        case .custom(let index, let code): "instruction \(index): custom \(code)"
        }
    }
}

extension JSONValue {
    /// The name of the first member.
    fileprivate var firstName: String? {
        guard kind == .object else { return nil }
        return members.first { _ in true }?.key
    }
}
