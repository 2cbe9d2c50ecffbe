/// Why an operation, a chain or a token was refused.
///
/// `code` is stable and for programs; `reason` is prose, in the protocol's own words where other relays compare them.
public struct ProofError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong.
    public let code: Code
    /// What the code is about: an identifier, a member's name, a size. Empty when there is nothing to add.
    public let detail: String
    /// What was being done, such as `failed to resolve artifact key`; empty at the top.
    public private(set) var context = ""
    /// The position in the log of the operation that was refused, from 0; nil outside a log.
    public private(set) var index: Int?

    /// Makes an error.
    public init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }

    /// Whether what is missing may still arrive: the same operation can be tried again later. Every other refusal is
    /// for good.
    public var isDependencyMissing: Bool {
        switch code {
        case .identityUnknown, .keyUnknown, .previousOperationUnknown, .targetUnknown: true
        default: false
        }
    }

    /// The reason in words, with its position in the log and its context before it.
    public var reason: String {
        let prefix = index.map { "log[\($0)]: " } ?? ""
        return prefix + (context.isEmpty ? "" : context + ": ") + code.prose(detail)
    }

    /// The code and the reason.
    public var description: String { "\(code.rawValue): \(reason)" }

    /// The same error, found while doing something.
    func within(_ context: String) -> ProofError {
        var error = self
        error.context = self.context.isEmpty ? context : context + ": " + self.context
        return error
    }

    /// The same error, found at a position of a log.
    func at(_ index: Int) -> ProofError {
        var error = self
        error.index = index
        return error
    }
}
