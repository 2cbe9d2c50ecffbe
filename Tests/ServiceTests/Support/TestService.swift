import Cryptography
import Foundation
import Logging
import Service
import ServiceLifecycle
import Synchronization

/// A clock that tests move.
final class TestClock: Sendable {
    private let now: Atomic<Int64>

    /// 2026-03-31T12:00:00Z unless said otherwise.
    init(milliseconds: Int64 = 1_774_958_400_000) { now = Atomic(milliseconds) }

    var milliseconds: Int64 { now.load(ordering: .relaxed) }
    var seconds: Int64 { milliseconds / 1000 }
    func advance(seconds: Int64) { now.add(seconds * 1000, ordering: .relaxed) }
}

/// Lines that were logged.
final class LogLines: Sendable {
    private let stored = Mutex<[String]>([])
    var all: [String] { stored.withLock { $0 } }
    func add(_ line: [UInt8]) { stored.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }

    func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "test") { label in
            JSONLogHandler(label: label, level: level, format: .json, clock: { 0 }, write: { self.add($0) })
        }
    }
}

/// A gate that handlers wait at until a test opens it.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>], arrived: Int)>((false, [], 0))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until somebody stands at the gate.
    func untilArrived() async {
        while state.withLock({ $0.arrived }) == 0 { await Task.yield() }
    }
}

let anyReply = [ResponseSpec.json(200, "Whatever.", .any)]

/// Runs a service on a free port while `body` runs, then stops it as SIGTERM would.
func withService<Value: Sendable>(
    _ routes: [Route], configure: (inout ServiceConfiguration) throws -> Void = { _ in },
    _ body: (Int, ServiceGroup) async throws -> Value
) async throws -> Value {
    var configuration = ServiceConfiguration(logger: LogLines().logger(.critical))
    configuration.threads = testThreads
    try configure(&configuration)
    let service = try HTTPService(name: "test", port: 0, routes: routes, configuration: configuration)
    let group = ServiceGroup(
        configuration: .init(services: [.init(service: service)], logger: LogLines().logger(.critical)))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let port = try await service.boundPort()
        let result: Value
        do {
            result = try await body(port, group)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}

private let testThreads = ServiceThreads(count: 1)

/// A request as bytes.
func request(
    _ method: String, _ target: String, port: Int, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
) -> [UInt8] {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
    for header in headers { text += "\(header.name): \(header.value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    return Array((text + "\r\n").utf8) + (body ?? [])
}

/// Sends one request on a connection of its own.
func exchange(
    _ method: String, _ target: String, port: Int, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
) async throws -> RawConnection.Response {
    let connection = try RawConnection(port: port)
    await connection.send(request(method, target, port: port, headers: headers, body: body))
    return try await connection.response(toHead: method == "HEAD")
}
