import CEpoll
import Glibc
import Histogram

/// Sends a pool of requests over keep-alive connections, each waiting for its answer before it sends the next.
///
/// One thread, epoll, no allocation per request: the driver shares the cores with what it measures. It ends when every
/// request was answered, when `secondsMax` are over, or when the server refuses connections.
final class LoadLoop {
    struct Outcome {
        /// From the first byte sent to the last answer received.
        var seconds = 0.0
        var requests = 0
        /// Settlements that were answered 2xx, alone or as members of a batch.
        var settled = 0
        /// Answers by status; 0 where a connection broke, or where no answer came in time.
        var statuses: [Int: Int] = [:]
        /// Nanoseconds from sending a request to having its answer.
        var latencies = Histogram<UInt64>(
            highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
        /// The first answer that was not 2xx, for a person to read.
        var firstRefusal: String?
    }

    struct SocketError: Error, CustomStringConvertible {
        let description: String
    }

    private let pool: RequestPool
    private let port: UInt16
    private let secondsMax: Double
    private var lanes: [Lane] = []
    private var next = 0
    private var open = 0
    private let poller: Int32
    private(set) var outcome = Outcome()
    /// The body of the last answer that came; what a single request is sent for.
    private(set) var lastAnswer: [UInt8]?

    init(pool: RequestPool, port: UInt16, connections: Int, secondsMax: Double) throws {
        self.pool = pool
        self.port = port
        self.secondsMax = secondsMax
        poller = epoll_create1(0)
        guard poller >= 0 else { throw SocketError(description: "epoll_create1: \(errno)") }
        for index in 0..<min(connections, pool.count) {
            let lane = Lane(socket: try Self.connect(port))
            var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u32: UInt32(index)))
            guard epoll_ctl(poller, EPOLL_CTL_ADD, lane.socket, &event) == 0 else {
                throw SocketError(description: "epoll_ctl: \(errno)")
            }
            lanes.append(lane)
        }
        open = lanes.count
    }

    deinit {
        for lane in lanes where lane.socket >= 0 { close(lane.socket) }
        close(poller)
    }

    /// Loopback only: the benchmark never loads another machine.
    private static func connect(_ port: UInt16) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw SocketError(description: "socket: \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let reason = errno
            close(socket)
            throw SocketError(description: "cannot connect to 127.0.0.1:\(port): \(String(cString: strerror(reason)))")
        }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        return socket
    }

    private static let noSignal = Int32(MSG_NOSIGNAL)

    /// Nanoseconds on a clock of the system's, by default the one that is never set.
    static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    func run() throws -> Outcome {
        let started = Self.now()
        var last = started
        let deadline = started + UInt64(secondsMax * 1e9)
        for index in lanes.indices { begin(index) }
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: lanes.count)
        defer { events.deallocate() }
        while open > 0 {
            let count = epoll_wait(poller, events, Int32(lanes.count), 500)
            if count < 0, errno != EINTR { throw SocketError(description: "epoll_wait: \(errno)") }
            for event in 0..<max(0, Int(count)) {
                let index = Int(events[event].data.u32)
                if events[event].events & EPOLLOUT.rawValue != 0 { send(index) }
                if events[event].events & ~EPOLLOUT.rawValue != 0 { receive(index) }
            }
            let now = Self.now()
            if count > 0 { last = now }
            if now > deadline {
                outcome.statuses[0, default: 0] += open
                break
            }
        }
        outcome.seconds = Double(last - started) / 1e9
        return outcome
    }

    private func begin(_ index: Int) {
        guard next < pool.count else { return finish(index) }
        lanes[index].request = pool.range(next)
        next += 1
        lanes[index].started = Self.now()
        lanes[index].reader.reset()
        send(index)
    }

    private func finish(_ index: Int) {
        guard lanes[index].socket >= 0 else { return }
        close(lanes[index].socket)
        lanes[index].socket = -1
        open -= 1
    }

    private func send(_ index: Int) {
        while !lanes[index].request.isEmpty {
            let range = lanes[index].request
            let socket = lanes[index].socket
            let sent = pool.bytes.withUnsafeBytes { bytes in
                Glibc.send(socket, bytes.baseAddress.map { $0 + range.lowerBound }, range.count, Self.noSignal)
            }
            if sent < 0 {
                if errno == EAGAIN { return watch(index, writing: true) }
                return breakOff(index)
            }
            lanes[index].request = (range.lowerBound + sent)..<range.upperBound
        }
        if lanes[index].isWriting { watch(index, writing: false) }
    }

    private func watch(_ index: Int, writing: Bool) {
        lanes[index].isWriting = writing
        let events = writing ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue
        var event = epoll_event(events: events, data: epoll_data_t(u32: UInt32(index)))
        epoll_ctl(poller, EPOLL_CTL_MOD, lanes[index].socket, &event)
    }

    private func receive(_ index: Int) {
        guard lanes[index].socket >= 0 else { return }
        switch lanes[index].reader.read(lanes[index].socket) {
        case .more: return
        case .broken: breakOff(index)
        case .answer(let status, let settled):
            outcome.latencies.record(Self.now() - lanes[index].started)
            outcome.requests += 1
            outcome.statuses[status, default: 0] += 1
            if next == pool.count, pool.count == 1 { lastAnswer = lanes[index].reader.body }
            if status / 100 == 2 {
                outcome.settled += pool.settlementsPerRequest == 1 ? 1 : settled
            }
            if status / 100 != 2 || (pool.settlementsPerRequest > 1 && settled < pool.settlementsPerRequest) {
                if outcome.firstRefusal == nil { outcome.firstRefusal = lanes[index].reader.bodyText }
            }
            begin(index)
        }
    }

    /// The server closed the connection in the middle: counted, and the lane goes on with a new connection.
    private func breakOff(_ index: Int) {
        outcome.statuses[0, default: 0] += 1
        close(lanes[index].socket)
        lanes[index].socket = -1
        guard let socket = try? Self.connect(port) else {
            open -= 1
            return
        }
        lanes[index].socket = socket
        lanes[index].isWriting = false
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u32: UInt32(index)))
        epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)
        begin(index)
    }
}

/// One connection: what it still has to send, and what it has read of the answer.
private struct Lane {
    var socket: Int32
    var request = 0..<0
    var started: UInt64 = 0
    var isWriting = false
    let reader = AnswerReader()

    init(socket: Int32) { self.socket = socket }
}
