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

    private struct Lookup {
        let id: UInt64
        let host: String
        let answer: @Sendable (Answer) -> Void
    }

    private struct State {
        var waiting: [Lookup] = []
        var threads = 0
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Makes a resolver. Threads start when there is something to look up, and end when there is nothing.
    public init() {}

    /// Answers `overloaded` at once where `waitingMax` names wait already.
    public func lookUp(_ host: String, answer: @escaping @Sendable (Answer) -> Void) -> @Sendable () -> Void {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        enqueue(Lookup(id: id, host: host, answer: answer))
        return { [self] in cancel(id) }
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
        case .refused: lookup.answer(.failure(.overloaded))
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
        state.withLock { state in state.waiting.removeAll { $0.id == id } }
    }

    private func work() {
        SignalMask.blockAll()
        while let lookup = next() { lookup.answer(Self.addresses(of: lookup.host)) }
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

    private static func addresses(of host: String) -> Answer {
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
