import HTTPClient
import Synchronization

/// Answers from a table, which may change, and remembers what it was asked.
final class FakeResolver: NameResolving {
    private let state: Mutex<(answers: [String: [String]], asked: [String])>
    /// Where there is one, no answer is given before it opens.
    private let gate: Gate?

    init(_ answers: [String: [String]], gate: Gate? = nil) {
        state = Mutex((answers, []))
        self.gate = gate
    }

    var answers: [String: [String]] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }

    var asked: [String] { state.withLock { $0.asked } }

    func lookUp(_ host: String, answer: @escaping @Sendable (Answer) -> Void) -> @Sendable () -> Void {
        let found = state.withLock { state in
            state.asked.append(host)
            return state.answers[host]
        }
        let result = found.map { Answer.success($0.compactMap { IPAddress($0) }) } ?? .failure(.unknown)
        if let gate { gate.whenOpen { answer(result) } } else { answer(result) }
        return {}
    }
}
