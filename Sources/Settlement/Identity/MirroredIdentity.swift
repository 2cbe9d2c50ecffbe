public import Cryptography
public import ProofChain

/// An identity chain in this node's own copy: its verified state, and when this node saw each key come and go.
public struct MirroredIdentity: Hashable, Sendable {
    /// The chain as it stands.
    public private(set) var state: IdentityState
    /// Every key that it ever listed, by material, in the order of first appearance.
    public private(set) var standings: [KeyStanding]
    /// The last operation's place in the log.
    public private(set) var position: Int64
    private var places: [Ed25519PublicKey: Int]
    /// The places of the keys that speak for the identity.
    private var current: [Int]

    /// The first entry of the log that was said to be of this chain and did not follow from it, while none after it
    /// did; nil: all do. It may have been a rotation, so that nobody knows who may sign.
    public private(set) var brokenAtPosition: Int64?

    /// Begins with the genesis operation.
    public init(genesis state: IdentityState, at moment: LogMoment) {
        self.state = state
        position = moment.position
        standings = state.signingKeys.map { KeyStanding(key: $0, since: moment, until: nil) }
        (places, current) = Self.index(standings)
    }

    /// What was stored. Throws `stateMalformed`.
    public init(state: [UInt8], standings: [UInt8], position: Int64, brokenAtPosition: Int64? = nil) throws(ProofError)
    {
        self.state = try IdentityState(encoded: state)
        guard let read = Self.decode(standings) else { throw ProofError(.stateMalformed) }
        self.standings = read
        (places, current) = Self.index(read)
        self.position = position
        self.brokenAtPosition = brokenAtPosition
    }

    /// Notes that an entry did not follow.
    mutating func breakOff(at position: Int64) { brokenAtPosition = brokenAtPosition ?? position }

    /// Adds the next operation, which its holder signed upon the head that is known here: that ends a break.
    /// Throws what ``IdentityState/extend(by:)`` does, and is then as before.
    public mutating func extend(
        by operation: SignedOperation, at position: Int64, _ time: ReadingTime
    ) throws(ProofError) {
        try state.extend(by: operation)
        self.position = position
        brokenAtPosition = nil
        let listed = state.signingKeys
        let isListed = Set(listed)
        let end = LogMoment(position: position, atMs: time.retirementMs(createdAt: state.lastCreatedAt))
        for place in current where !isListed.contains(standings[place].key) { standings[place].until = end }
        let begin = LogMoment(position: position, atMs: time.seenAtMs)
        current.removeAll(keepingCapacity: true)
        for key in listed {
            if let place = places[key] {
                standings[place].until = nil
                current.append(place)
            } else {
                places[key] = standings.count
                current.append(standings.count)
                standings.append(KeyStanding(key: key, since: begin, until: nil))
            }
        }
    }

    /// Of a key, if it was ever listed.
    public func standing(of key: Ed25519PublicKey?) -> KeyStanding? {
        key.flatMap { places[$0] }.map { standings[$0] }
    }

    private static func index(_ standings: [KeyStanding]) -> (places: [Ed25519PublicKey: Int], current: [Int]) {
        (
            Dictionary(standings.indices.map { (standings[$0].key, $0) }, uniquingKeysWith: { first, _ in first }),
            standings.indices.filter { standings[$0].until == nil }
        )
    }

    /// Whether both are the same chain as far as it goes.
    public static func == (left: MirroredIdentity, right: MirroredIdentity) -> Bool {
        left.state == right.state && left.standings == right.standings && left.position == right.position
            && left.brokenAtPosition == right.brokenAtPosition
    }

    /// Hashes the head and its place.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(state.headCID)
        hasher.combine(position)
    }

    /// The standings to store beside ``IdentityState/encoded()``.
    public func encodedStandings() -> [UInt8] {
        DAGCBOR.encode(
            .array(
                standings.map { standing in
                    .array([
                        .bytes(standing.key.rawBytes), .int(standing.since.position), .int(standing.since.atMs),
                        standing.until.map { .int($0.position) } ?? .null,
                        standing.until.map { .int($0.atMs) } ?? .null,
                    ])
                }))
    }

    /// As large as a state may be: see `IdentityState`.
    private static let limits = CBORLimits(depth: 4, items: 1 << 26, bytes: 1 << 30)

    private static func decode(_ bytes: [UInt8]) -> [KeyStanding]? {
        guard case .array(let values) = try? DAGCBOR.decode(bytes, limits: limits) else { return nil }
        let read = values.compactMap { value -> KeyStanding? in
            guard case .array(let parts) = value, parts.count == 5, case .bytes(let raw) = parts[0],
                let key = try? Ed25519PublicKey(rawBytes: raw), let since = moment(parts[1], parts[2])
            else { return nil }
            if case .null = parts[3] { return KeyStanding(key: key, since: since, until: nil) }
            guard let until = moment(parts[3], parts[4]) else { return nil }
            return KeyStanding(key: key, since: since, until: until)
        }
        return read.count == values.count ? read : nil
    }

    private static func moment(_ position: CBORValue, _ atMs: CBORValue) -> LogMoment? {
        guard case .int(let position) = position, case .int(let atMs) = atMs else { return nil }
        return LogMoment(position: position, atMs: atMs)
    }
}
