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

    /// What registers the endpoint.
    var registration: [UInt8] { Array(#"{"url":"\#(url)","event_types":["settlement.created"]}"#.utf8) }
}

extension BenchRun {
    /// Measures the same settlements, by turns without an endpoint and with one whose receiver hangs.
    func measureWebhooks(_ node: Node, _ workload: Workload) throws {
        let receiver = try HangingReceiver()
        let pool = RequestPool()
        let signer = workload.signing(.ed25519, run: name + "w")
        pool.append(signer.post("/api/webhook-endpoints", body: receiver.registration, number: 0, isIdempotent: false))
        let load = try loop(pool, connections: 1, node)
        let outcome = try load.run()
        guard outcome.statuses == [201: 1], let answer = load.lastAnswer,
            let id = try JSONDocument(parsing: answer).root["id"]?.string
        else { throw RunError(description: "no endpoint: \(outcome.statuses) \(outcome.firstRefusal ?? "")") }
        try mjn(["webhooks", "disable", id], node)
        for scenario in Scenario.webhooks {
            if scenario.hangs { try mjn(["webhooks", "enable", id], node) }
            try measure(scenario, on: node, workload: workload)
            if scenario.hangs { try mjn(["webhooks", "disable", id], node) }
        }
        try mjn(["webhooks", "list", "--format", "json"], node)
    }
}

extension Scenario {
    /// Many short rounds: one checkpoint or one busy neighbour moves the p99 of a round by half.
    private static let rounds = 16
    private static let roundSettlements = 20_000

    /// By turns, each first in every other pair, so that whatever else the machine does meets both alike.
    static let webhooks = (1...rounds).flatMap { round in
        [round % 2 == 0, round % 2 != 0].map { hangs in
            var scenario = Scenario(
                name: "webhook-\(hangs ? "hangs" : "none")-\(round)",
                title: hangs ? "as session, a webhook receiver hangs" : "as session, no webhook endpoint",
                signing: .session, manifest: .known)
            scenario.hangs = hangs
            scenario.settlementsMax = roundSettlements
            return scenario
        }
    }
}

extension BenchReport {
    /// The middle of the rounds' p99, with a receiver that hangs over without an endpoint; nil where none was measured.
    var webhookRatio: Double? {
        func middle(_ prefix: String) -> Double? {
            let times = results.filter { $0.name.hasPrefix(prefix) }.map(\.p99Milliseconds).sorted()
            return times.isEmpty ? nil : (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
        }
        guard let hangs = middle("webhook-hangs"), let none = middle("webhook-none"), none > 0 else { return nil }
        return hangs / none
    }
}
