import Cryptography
import Kernel
import ProofChain

/// Statements that were given together, and what they make of each other.
struct Record {
    /// One statement, where it came from, and what came of it.
    struct Item {
        let file: String
        var result: Result<Statement, StatementError>
        /// The one who signed too: the witness of a statement, the author of what a witness signed. Nil where there is
        /// none, or where it is not the one whom the statement names.
        var counterparty: String?

        var statement: Statement? { try? result.get() }
    }

    private(set) var items: [Item] = []

    /// Verifies tokens together: revocations first, so that they end the credentials beside them.
    ///
    /// - Parameter targets: tokens that witnesses signed and that were not given; they are verified, and not listed.
    init(_ tokens: [(file: String, token: String)], targets: [String], verifier: StatementVerifier) {
        var verifier = verifier
        for (_, token) in tokens {
            if case .success(let statement) = Self.verify(token, verifier) { verifier.note(statement) }
        }
        items = tokens.map { Item(file: $0.file, result: Self.verify($0.token, verifier)) }
        let others = targets.map { Item(file: "", result: Self.verify($0, verifier)) }
        for index in items.indices { join(index, others, tokens.map(\.token) + targets, verifier) }
    }

    private static func verify(_ token: String, _ verifier: StatementVerifier) -> Result<Statement, StatementError> {
        do throws(StatementError) {
            return .success(try verifier.verify(token))
        } catch {
            return .failure(error)
        }
    }

    /// Joins a countersignature with what it is about.
    private mutating func join(
        _ index: Int, _ others: [Item], _ tokens: [String], _ verifier: StatementVerifier
    ) {
        guard var witness = items[index].statement, witness.kind == .countersignature,
            let target = witness.targetCID
        else { return }
        let isTarget = { (item: Item) in item.statement.map { $0.cid.string.utf8.elementsEqual(target.utf8) } ?? false }
        let place = items.firstIndex(where: isTarget)
        guard let signed = place.flatMap({ items[$0].statement }) ?? others.first(where: isTarget)?.statement else {
            // An operation of a chain can be signed too. The CID fixes who made it, whatever else is right with it.
            let operation = tokens.lazy.compactMap { try? SignedOperation(token: $0) }
                .first { $0.cid.string.utf8.elementsEqual(target.utf8) }
            if let author = operation?.author, author.string == witness.issuer {
                items[index].result = .failure(StatementError(ProofError(.witnessIsAuthor)))
            }
            return
        }
        let names = [witness.issuer, verifier.did(boundTo: witness.issuer)]
        let authors = [signed.issuer, verifier.did(boundTo: signed.issuer)].compactMap { $0 }
        guard !authors.contains(where: { names.contains($0) }) else {
            items[index].result = .failure(StatementError(ProofError(.witnessIsAuthor)))
            return
        }
        witness.subject = signed.issuer
        witness.says += ", which says: \(signed.says)"
        items[index].result = .success(witness)
        let isNamed = signed.subject.map { names.contains($0) } ?? true
        guard isNamed, signed.kind == .artifact || signed.kind == .attestation else { return }
        items[index].counterparty = signed.issuer
        if let place { items[place].counterparty = witness.issuer }
    }
}
