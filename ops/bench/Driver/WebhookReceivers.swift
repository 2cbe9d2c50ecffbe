import Cryptography
import Foundation

/// A receiver of webhooks that takes connections and never answers, and the endpoint that leads to it.
final class HangingReceiver {
    struct ReceiverError: Error, CustomStringConvertible {
        let description: String
    }

    let url: String
    private let socket: Int32

    /// Connections that the system completes although nobody takes them: more than a node opens to one endpoint.
    private static let backlog: Int32 = 64

    /// Listens on a port of the system's choice.
    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (socket, length)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, Self.backlog) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
        guard isBound else { throw ReceiverError(description: "cannot listen on a port of the system's choice") }
    }

    deinit { close(socket) }
}

extension BenchRun {
    /// Measures the same settlements, by turns without an endpoint, with one whose receiver hangs, and with one where
    /// nobody listens.
    func measureWebhooks(_ node: Node, _ workload: Workload) throws {
        let receiver = try HangingReceiver()
        // Port 1 is nobody's.
        let urls = [Scenario.Receiver.hangs: receiver.url, .fails: "http://127.0.0.1:1/"]
        var endpoints: [Scenario.Receiver: String] = [:]
        for (index, (kind, url)) in urls.enumerated() {
            endpoints[kind] = try register(url, number: index, node, workload)
        }
        for scenario in Scenario.webhooks {
            let endpoint = endpoints[scenario.receiver]
            if let endpoint { try mjn(["webhooks", "enable", endpoint], node) }
            try measure(scenario, on: node, workload: workload)
            if let endpoint { try mjn(["webhooks", "disable", endpoint], node) }
        }
        try mjn(["webhooks", "list", "--format", "json"], node)
    }

    /// Registers an endpoint, and disables it.
    /// - Returns: its id.
    private func register(_ url: String, number: Int, _ node: Node, _ workload: Workload) throws -> String {
        let pool = RequestPool()
        let signer = workload.signing(.ed25519, run: name + "w")
        let body = Array(#"{"url":"\#(url)","event_types":["settlement.created"]}"#.utf8)
        pool.append(signer.post("/api/webhook-endpoints", body: body, number: number, isIdempotent: false))
        let load = try loop(pool, connections: 1, node)
        let outcome = try load.run()
        guard outcome.statuses == [201: 1], let answer = load.lastAnswer,
            let id = try JSONDocument(parsing: answer).root["id"]?.string
        else { throw RunError(description: "no endpoint: \(outcome.statuses) \(outcome.firstRefusal ?? "")") }
        try mjn(["webhooks", "disable", id], node)
        return id
    }
}

extension Scenario {
    /// Many short rounds: one checkpoint or one busy neighbour moves the p99 of a round by half.
    private static let rounds = 15
    private static let roundSettlements = 20_000

    /// By turns, each first in every third round, so that whatever else the machine does meets all alike.
    static let webhooks = (0..<rounds).flatMap { round in
        let all = Receiver.allCases
        return all.indices.map { all[($0 + round) % all.count] }.map { receiver in
            var scenario = Scenario(
                name: "webhook-\(receiver.rawValue)-\(round + 1)", title: "as session, webhook receiver: \(receiver)",
                signing: .session, manifest: .known)
            scenario.receiver = receiver
            scenario.settlementsMax = roundSettlements
            return scenario
        }
    }
}

extension BenchReport {
    /// The middle of the rounds' p99, with a receiver over without an endpoint; nil where none was measured.
    func webhookRatio(_ receiver: Scenario.Receiver) -> Double? {
        func middle(_ receiver: Scenario.Receiver) -> Double? {
            let rounds = results.filter { $0.name.hasPrefix("webhook-\(receiver.rawValue)-") }
            let times = rounds.map(\.p99Milliseconds).sorted()
            return times.isEmpty ? nil : (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
        }
        guard let with = middle(receiver), let without = middle(.none), without > 0 else { return nil }
        return with / without
    }
}
