import ArgumentParser
import Cryptography
import ProofChain

/// `mjn chain publish`.
struct ChainPublish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Sends an identity's operations to a relay, where others find them.",
        discussion: """
            The tokens go as they are, a hundred at a time; what the relay has already stays as it is, so that this \
            can be run again at any time. Exits 1 when the relay refuses one, 69 when it is not there.

            Refused as a conflicting extension: the relay holds another operation in that place, made by somebody \
            with a controller's key. See ops/identity.md.

            Example: mjn chain publish me.chain.json
            Example: mjn chain publish me.chain.json --relay https://registry.example/relay --format csv
            """)

    @Argument(help: "The chain's file; - reads standard input.")
    var file: String

    @OptionGroup var relay: RelayOptions

    @OptionGroup var output: FormatOptions

    func run() async throws {
        let chain = try ChainFile.read(file)
        let client = try relay.client()
        let outcome = try await Publication.run(chain, to: client)
        var listing = Listing(
            [
                .init(name: "operation", title: "#", isRight: true), .init(name: "type"), .init(name: "created_at"),
                .init(name: "cid", isElastic: true), .init(name: "status"), .init(name: "error"),
            ], format: output.chosen)
        for (index, operation) in chain.operations.enumerated() {
            let receipt = index < outcome.count ? outcome[index] : nil
            let error = receipt?.isTaken == false ? receipt?.error.map(Terminal.printable) : nil
            try listing.add([
                .int(Int64(index)), .text(operation.type ?? ""), .text(operation.createdAt?.string ?? ""),
                .text(operation.cid.string), .text(Terminal.printable(receipt?.status ?? "not sent")),
                error.map { .text($0) } ?? .null,
            ])
        }
        try listing.finish()
        if let refused = outcome.first(where: { !$0.isTaken }) {
            throw CLIFailure(
                "\(client.base) refused: \(Terminal.printable(refused.error ?? refused.status))",
                fix: "compare with what it holds: mjn chain show \(chain.state.did) --relay \(client.base)")
        }
        let new = outcome.count { $0.status == "new" }
        standardError(
            "mjn: \(chain.state.did) is at \(client.base): \(new) new, \(outcome.count - new) there already")
    }
}

/// Sending a chain to a relay.
enum Publication {
    /// Sends the operations in order, batch by batch, with a bar on a terminal; ends with the first batch in which one
    /// is refused, for the others build on it.
    /// - Returns: the receipts of what was sent.
    static func run(_ chain: IdentityChain, to client: RelayClient) async throws(CLIFailure) -> [RelayClient.Receipt] {
        var bar = ProgressBar(isShown: Terminal.isError && chain.tokens.count > RelayClient.batchMax)
        defer { bar.finish() }
        var receipts: [RelayClient.Receipt] = []
        while receipts.count < chain.tokens.count {
            bar.show("publishing", Int64(receipts.count), of: Int64(chain.tokens.count))
            let batch = nextBatch(chain.tokens[receipts.count...])
            let answered = try await client.submit(batch)
            receipts += answered
            guard answered.allSatisfy(\.isTaken) else { break }
        }
        return receipts
    }

    /// As many as fit into one request, and at least one.
    static func nextBatch(_ tokens: ArraySlice<String>) -> [String] {
        var batch: [String] = []
        var bytes = 0
        for token in tokens.prefix(RelayClient.batchMax) {
            bytes += token.utf8.count
            guard batch.isEmpty || bytes <= RelayClient.batchBytesMax else { break }
            batch.append(token)
        }
        return batch
    }
}
