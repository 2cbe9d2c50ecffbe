import Cryptography

/// A page of a peer's log.
package struct PeerPage: Sendable, Hashable {
    package let tokens: [String]
    /// Where to go on; nil when the log is read to its end.
    package let next: String?

    package init(tokens: [String], next: String?) {
        self.tokens = tokens
        self.next = next
    }

    /// What a peer answered to being asked for a page.
    package enum Answer: Sendable, Hashable {
        case page(PeerPage)
        /// The peer knows no such cursor: it was made anew, or a chain's served branch is another.
        case cursorUnknown
        /// The peer does not have the log.
        case unknown
        /// Anything else.
        case failed(String)
    }

    private static let limits = JSONLimits(depth: 64, members: 20_000, bytes: RelayLimits.peerAnswer)

    /// Reads an answer. `next` was called `cursor` before version 0.27, and relays of that age are about.
    package static func read(_ answer: RelayPeerAnswer) -> Answer {
        switch answer.status {
        case 200: break
        case 400: return .cursorUnknown
        case 404, 501: return .unknown
        default: return .failed("status \(answer.status)")
        }
        guard let document = try? JSONDocument(parsing: answer.body, limits: limits) else {
            return .failed("the answer is no JSON")
        }
        let root = document.root
        guard let entries = root["entries"], entries.kind == .array else { return .failed("no entries") }
        var tokens: [String] = []
        for entry in entries.elements {
            guard let token = entry["jwsToken"]?.string ?? entry.string else {
                return .failed("an entry without a token")
            }
            tokens.append(token)
        }
        let next = root["next"] ?? root["cursor"]
        let cursor = next?.string.flatMap { $0.isEmpty || $0.utf8.count > RelayLimits.queryValue ? nil : $0 }
        return .page(PeerPage(tokens: tokens, next: cursor))
    }
}
