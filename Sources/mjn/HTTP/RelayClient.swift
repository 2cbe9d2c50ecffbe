import Cryptography
import Foundation
import HTTPClient
import ProofChain

/// Calls a relay of DFOS protocol v1. What it answers is believed no further than signatures reach.
struct RelayClient: Sendable {
    /// The relay's address, without a slash at its end.
    let base: String
    private let http: HTTPClient

    /// A relay verifies a hundred operations and may ask its peers meanwhile.
    static let deadline = Duration.seconds(60)
    /// Past a page of a log: 1,000 operations of the largest size come to some 90 MB.
    static let replyBytesMax = 128 << 20
    /// The protocol's limit of one request, in operations.
    static let batchMax = 100
    /// A request stays below the 16 MiB of body that a relay takes.
    static let batchBytesMax = 12 << 20
    /// A page of a log: the most that relays give.
    static let pageMax = 1000
    /// Pages of one chain that are read: as many as a chain's file can hold.
    static let pagesMax = 200

    /// Reads an address such as `http://127.0.0.1:3002/relay`.
    /// - Throws: exit code 64 when it is none.
    init(_ address: String) throws(CLIFailure) {
        let parts = URLComponents(string: address)
        guard let parts, let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            !(parts.host ?? "").isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil
        else { throw Self.noAddress(address) }
        base = address.hasSuffix("/") ? String(address.dropLast()) : address
        do {
            // The person who typed it chose the address, and most relays of nodes are on loopback.
            http = try HTTPClient(
                HTTPClientConfiguration(
                    egress: .any, deadline: Self.deadline, responseBytesMax: Self.replyBytesMax,
                    userAgent: "mjn/\(MJN.version)"))
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.unavailable)
        }
    }

    /// What a relay said about one operation.
    struct Receipt: Sendable {
        let cid: String
        /// `new`, `duplicate` or `rejected`; any other word counts as rejected.
        let status: String
        let kind: String?
        let error: String?
        let isDependencyMissing: Bool

        var isTaken: Bool { status == "new" || status == "duplicate" }
    }

    /// Sends operations, at most a batch, as the tokens that they are. Sending them again is harmless.
    /// - Returns: a receipt for each, in order.
    /// - Throws: exit code 69 when nobody answers or what answers is no relay; 77 where it takes none.
    func submit(_ tokens: [String]) async throws(CLIFailure) -> [Receipt] {
        var body = JSONWriter()
        body.beginObject()
        body.field("operations", tokens)
        body.endObject()
        var request = HTTPRequest(.post, base + "/proof/v1/operations", body: body.bytes)
        request.headers.append("Content-Type", "application/json")
        let response = try await exchange(request)
        guard response.status == 200 else { throw refusal(response) }
        guard let results = json(response)?["results"], results.kind == .array, results.count == tokens.count else {
            throw noRelay("its answer is no list of \(tokens.count) results")
        }
        var receipts: [Receipt] = []
        for result in results.elements {
            receipts.append(
                Receipt(
                    cid: result["cid"]?.string ?? "", status: result["status"]?.string ?? "unknown",
                    kind: result["kind"]?.string, error: result["error"]?.string,
                    isDependencyMissing: result["dependencyMissing"]?.bool ?? false))
        }
        return receipts
    }

    /// The tokens of an identity's chain, unverified; nil when the relay does not know it.
    /// - Throws: exit code 69 as ``submit(_:)`` does.
    func log(of did: DFOSDID) async throws(CLIFailure) -> [String]? {
        var tokens: [String] = []
        var bytes = 0
        var after = ""
        for _ in 0..<Self.pagesMax {
            let cursor = after.isEmpty ? "" : "&after=\(after)"
            let path = "/proof/v1/identities/\(did.string)/log?limit=\(Self.pageMax)\(cursor)"
            let response = try await exchange(HTTPRequest(.get, base + path))
            if response.status == 404 { return nil }
            guard response.status == 200 else { throw refusal(response) }
            guard let page = json(response), let entries = page["entries"], entries.kind == .array else {
                throw noRelay("its answer is no page of a log")
            }
            for entry in entries.elements {
                guard let token = entry["jwsToken"]?.string else { throw noRelay("an entry of its log has no token") }
                tokens.append(token)
                bytes += token.utf8.count
                guard bytes <= ChainFile.bytesMax else { throw noRelay("its log of \(did) has no end") }
            }
            guard let next = page["next"]?.string, !next.isEmpty, entries.count > 0 else { return tokens }
            // A cursor is a CID: it goes into an address.
            guard next != after, (try? CID(next)) != nil else { throw noRelay("the cursor of its log is none") }
            after = next
        }
        throw noRelay("its log of \(did) has no end")
    }

    /// The token of an operation, unverified; nil when the relay does not know it.
    /// - Throws: exit code 69 as ``submit(_:)`` does.
    func operation(_ cid: CID) async throws(CLIFailure) -> String? {
        let response = try await exchange(HTTPRequest(.get, base + "/proof/v1/operations/\(cid.string)"))
        if response.status == 404 { return nil }
        guard response.status == 200 else { throw refusal(response) }
        guard let token = json(response)?["jwsToken"]?.string else { throw noRelay("its operation has no token") }
        return token
    }

    private func json(_ response: HTTPResponse) -> JSONValue? {
        let limits = JSONLimits(members: 200_000, bytes: Self.replyBytesMax)
        return (try? JSONDocument(parsing: response.body, limits: limits))?.root
    }

    private func exchange(_ request: HTTPRequest) async throws(CLIFailure) -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch {
            switch error.code {
            case .addressInvalid, .requestInvalid: throw Self.noAddress(base)
            case .connectFailed, .connectTimedOut, .nameUnresolved:
                throw CLIFailure(
                    "no relay answers at \(base)", fix: "start a node with: mjn up, or name another with --relay",
                    exitCode: ExitStatus.unavailable)
            case .timedOut, .connectionLost:
                throw CLIFailure(
                    "\(base) took the request and did not answer",
                    fix: "run this again: what the relay has already stays as it is", exitCode: ExitStatus.unavailable)
            default: throw noRelay(error.message)
            }
        }
    }

    private func refusal(_ response: HTTPResponse) -> CLIFailure {
        let reason = json(response)?["error"]?.string ?? json(response)?["detail"]?.string ?? "no reason given"
        let shown = Terminal.printable(reason)
        switch response.status {
        case 401, 403, 501:
            return CLIFailure(
                "\(base) does not allow this: \(response.status): \(shown)", fix: "name another relay with --relay",
                exitCode: ExitStatus.notPermitted)
        case 429, 503:
            return CLIFailure(
                "\(base) is busy: \(shown)", fix: "run this again in a while", exitCode: ExitStatus.busy)
        case 404: return noRelay("it answers 404")
        default: return noRelay("it answers \(response.status): \(shown)")
        }
    }

    private func noRelay(_ reason: String) -> CLIFailure {
        CLIFailure(
            "\(base) does not answer as a relay does: \(reason)",
            fix: "check the address; that of a node on this machine ends in /relay", exitCode: ExitStatus.unavailable)
    }

    private static func noAddress(_ address: String) -> CLIFailure {
        CLIFailure(
            "\(address) is no address of a relay", fix: "give one such as http://127.0.0.1:3002/relay",
            exitCode: ExitStatus.usage)
    }
}
