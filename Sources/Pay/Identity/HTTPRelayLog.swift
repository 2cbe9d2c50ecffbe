import Cryptography
public import HTTPClient
public import Settlement
import Synchronization

/// A relay's global log over HTTP: `GET {relay}/proof/v1/log?after=&limit=`.
///
/// Safe from any thread.
public final class HTTPRelayLog: RelayLog {
    /// The relay's address, without a slash at its end.
    private let address: String
    private let http: any HTTPExchanging
    /// The relay's name, once it said it.
    private let known = Mutex<String?>(nil)

    /// A page's bytes: 1,000 operations of usual size are some 2 MB. A larger page is asked for in smaller ones; one
    /// operation has at most 1 MiB.
    public static let pageBytesMax = 32 << 20
    /// What a relay says of itself: a profile with documents may be in it.
    private static let discoveryBytesMax = 1 << 20
    /// For one answer.
    static let deadline = Duration.seconds(10)
    /// A cursor is a CID; ours are 59 characters.
    private static let cursorBytesMax = 256
    private static let limits = JSONLimits(depth: 4, members: 16_384, bytes: pageBytesMax)

    /// The log of the relay at an address such as `http://127.0.0.1:3002/relay`.
    /// - Parameter http: a client that may connect there: the operator chose the address.
    public init(address: String, http: any HTTPExchanging) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.http = http
    }

    /// The relay's own DID, by which it is one relay at whichever address a process reaches it: from
    /// `GET {relay}/.well-known/dfos-relay`, asked for once. A relay that does not say who it is goes by its address.
    public func identity() async throws(RelayLogFailure) -> String {
        if let name = known.withLock(\.self) { return name }
        let response = try await get("/.well-known/dfos-relay", bytesMax: Self.discoveryBytesMax)
        let name: String
        switch response.status {
        case 200:
            let did = (try? JSONDocument(parsing: response.body))?.root["did"]?.string
            name = did.flatMap { Self.isName($0) ? $0 : nil } ?? address
        case 404, 501: name = address
        default: throw .unreachable("status \(response.status)")
        }
        known.withLock { $0 = name }
        return name
    }

    private func get(_ path: String, bytesMax: Int) async throws(RelayLogFailure) -> HTTPResponse {
        do throws(HTTPError) {
            return try await http.send(
                HTTPRequest(.get, address + path, deadline: Self.deadline, responseBytesMax: bytesMax))
        } catch {
            throw error.code == .responseTooLarge ? .pageTooLarge : .unreachable(error.code.rawValue)
        }
    }

    /// See ``RelayLog/page(after:limit:)``.
    public func page(after cursor: String?, limit: Int) async throws(RelayLogFailure) -> RelayLogPage {
        let after = cursor.map { "&after=" + $0 } ?? ""
        let response = try await get("/proof/v1/log?limit=\(limit)\(after)", bytesMax: Self.pageBytesMax)
        switch response.status {
        case 200: return try Self.page(response.body)
        case 400 where cursor != nil: throw .cursorUnknown
        default: throw .unreachable("status \(response.status)")
        }
    }

    /// Reads `{"entries":[{"cid","jwsToken",…}],"next":…}`; older relays call `next` `cursor`.
    static func page(_ body: [UInt8]) throws(RelayLogFailure) -> RelayLogPage {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: body, limits: limits)
        } catch {
            throw .malformed(error.code)
        }
        guard let list = document.root["entries"], list.kind == .array else { throw .malformed("no entries") }
        var entries: [RelayLogEntry] = []
        entries.reserveCapacity(list.count)
        for entry in list.elements {
            guard let cid = entry["cid"]?.string, let token = entry["jwsToken"]?.string, isCursor(cid) else {
                throw .malformed("an entry without cid and jwsToken")
            }
            entries.append(RelayLogEntry(cid: cid, token: token))
        }
        let next = document.root["next"] ?? document.root["cursor"]
        guard let next, !next.isNull else { return RelayLogPage(entries: entries, next: nil) }
        guard let text = next.string, isCursor(text) else { throw .malformed("next is no cursor") }
        guard !entries.isEmpty else { throw .malformed("an empty page that is not the last") }
        return RelayLogPage(entries: entries, next: text)
    }

    /// A DID, as far as a name in a row and in a log line needs it.
    private static func isName(_ text: String) -> Bool {
        text.hasPrefix("did:") && isCursor(text.replacing(":", with: "-"))
    }

    /// What can stand in a query as it is, and in a log line.
    private static func isCursor(_ text: String) -> Bool {
        (1...cursorBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
                default: false
                }
            }
    }
}
