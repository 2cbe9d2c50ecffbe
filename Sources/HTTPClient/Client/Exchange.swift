/// One request on its way, and who waits for the answer.
struct Exchange: Sendable {
    typealias ID = UInt64
    typealias Answer = Result<HTTPResponse, HTTPError>

    let id: ID
    let request: PreparedRequest
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>
}
