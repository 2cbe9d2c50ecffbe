import ArgumentParser
import Cryptography
import Pay
import Service

/// `mjn settle`.
struct SettleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Signs one settlement request, sends it, and prints the reply.",
        discussion: """
            FILE is the body of POST /api/settle. The key is the payer's own, or a service's that the node's operator \
            allowed. Where no answer comes, send it again with the same idempotency key: it is never paid twice.

            Example: mjn settle ticket.json --key me.jwk --idempotency-key order-1042
            """)

    @Argument(help: "The request's body; - reads standard input.")
    var file: String

    @Option(help: "The private key to sign with, a JWK file.")
    var key: String

    @OptionGroup var pay: PayOptions

    @Option(
        name: .customLong("idempotency-key"),
        help: "Names this request for good, 1-255 visible ASCII characters; a new one by default.")
    var idempotencyKey: String?

    func validate() throws {
        guard let key = idempotencyKey else { return }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ValidationError("--idempotency-key is 1 to 255 visible ASCII characters")
        }
    }

    func run() async throws {
        let document = try InputFile.json(file)
        let signer = RequestSigner(key: try KeyFile.readPrivate(key))
        let name = idempotencyKey ?? ULID.text(nowMs: SystemClock.milliseconds())
        if idempotencyKey == nil { standardError("mjn: idempotency key \(name)") }
        let reply = try await pay.client().send(
            .post, "/api/settle", body: document.bytes, signer: signer, idempotencyKey: name)
        try StandardOutput.write(reply.body + [UInt8(ascii: "\n")])
        if reply.isReplay { standardError("mjn: this key was used before: that was the first answer") }
        if let failure = CLIFailure(refusal: reply) { throw failure }
    }
}

extension CLIFailure {
    /// What a reply means on the command line; nil when it says that the request was carried out.
    init?(refusal reply: NodeReply) {
        guard !(200..<300).contains(reply.status) else { return nil }
        let problem = reply.json
        let code = problem?["code"]?.string ?? "status \(reply.status)"
        let detail = problem?["detail"]?.string ?? problem?["title"]?.string ?? "the reply is no problem document"
        self.init("\(code): \(detail)", exitCode: Self.exitCode(ofStatus: reply.status))
    }

    static func exitCode(ofStatus status: Int) -> Int32 {
        switch status {
        case 400: ExitStatus.badInput
        case 401, 403: ExitStatus.notPermitted
        case 429, 503: ExitStatus.busy
        case 502, 504: ExitStatus.unavailable
        default: ExitStatus.failed
        }
    }
}
