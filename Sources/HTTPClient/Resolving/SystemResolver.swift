import Foundation
import Glibc
import Synchronization

/// getaddrinfo(3) on a few threads of its own: it follows the machine's configuration (hosts file, search list, DNS).
///
/// A lookup cannot be interrupted, so each client has its own resolver: names that nobody answers for hold up the
/// other names of the same client at most.
public final class SystemResolver: NameResolving {
    /// Lookups at the same time. Each holds a thread, for some ten seconds where a name server is dead.
    public static let threadsMax = 8
    /// Lookups that wait for a thread: more than a client has requests in flight.
    public static let waitingMax = 256

    /// Bytes of stack, for the modules that getaddrinfo loads.
    private static let stackBytes = 512 << 10

    private typealias Answer = Result<[IPAddress], NameResolutionError>

    private struct Lookup {
        let id: UInt64
        let host: String
        let continuation: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var waiting: [Lookup] = []
        var threads = 0
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Makes a resolver. Threads start when there is something to look up, and end when there is nothing.
    public init() {}

    /// - Throws: see `NameResolutionError`.
    public func addresses(of host: String) async throws(NameResolutionError) -> [IPAddress] {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(Lookup(id: id, host: host, continuation: continuation))
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try answer.get()
    }

    private func enqueue(_ lookup: Lookup) {
        enum Admission { case refused, queued, needsThread }
        let admission = state.withLock { state -> Admission in
            guard state.waiting.count < Self.waitingMax else { return .refused }
            state.waiting.append(lookup)
            guard state.threads < Self.threadsMax else { return .queued }
            state.threads += 1
            return .needsThread
        }
        switch admission {
        case .refused: lookup.continuation.resume(returning: .failure(.overloaded))
        case .queued: break
        case .needsThread:
            let thread = Thread { [self] in work() }
            thread.name = "mjn-resolver"
            thread.stackSize = Self.stackBytes
            thread.start()
        }
    }

    /// Takes a lookup out that no thread has begun.
    private func cancel(_ id: UInt64) {
        let cancelled = state.withLock { state -> Lookup? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        cancelled?.continuation.resume(returning: .failure(.cancelled))
    }

    private func work() {
        SignalMask.blockAll()
        while let lookup = next() { lookup.continuation.resume(returning: Self.lookUp(lookup.host)) }
    }

    private func next() -> Lookup? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    private static func lookUp(_ host: String) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else { return .failure(code == EAI_AGAIN ? .unanswered : .unknown) }
        var addresses: [IPAddress] = []
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ai_addr,
                let address = IPAddress(socketAddress, length: Int(current.pointee.ai_addrlen)),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.unknown) : .success(addresses)
    }
}
