import HTTPClient
import Testing

@Suite("Whose turn it is")
struct RequestQueueTests {
    @Test("over random histories: both limits hold, each origin keeps its order, nobody waits without a reason")
    func properties() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("MJN_SEED=\(seed)")
        var random = Generator(state: seed)
        for _ in 0..<200 {
            let (inFlightMax, perOriginMax) = (1 + random.below(6), 1 + random.below(4))
            var queue = RequestQueue<Int>(inFlightMax: inFlightMax, perOriginMax: perOriginMax)
            var waiting: [(id: Int, origin: String)] = []
            var running: [(id: Int, origin: String)] = []
            for id in 0..<200 {
                switch random.below(3) {
                case 0 where !running.isEmpty: queue.remove(running.remove(at: random.below(running.count)).id)
                case 1 where !waiting.isEmpty && random.below(4) == 0:
                    queue.remove(waiting.remove(at: random.below(waiting.count)).id)
                default:
                    let origin = "abc".map(String.init)[random.below(3)]
                    queue.append(id, origin: origin)
                    waiting.append((id, origin))
                }
                for admitted in queue.admit() {
                    let index = try #require(waiting.firstIndex { $0.id == admitted })
                    #expect(waiting.firstIndex { $0.origin == waiting[index].origin } == index)
                    running.append(waiting.remove(at: index))
                }
                let perOrigin = Dictionary(grouping: running, by: \.origin).mapValues(\.count)
                #expect(queue.inFlight == running.count && running.count <= inFlightMax)
                #expect(perOrigin.values.allSatisfy { $0 <= perOriginMax })
                let isFull = running.count == inFlightMax
                #expect(isFull || waiting.allSatisfy { perOrigin[$0.origin] == perOriginMax })
            }
        }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    struct Generator {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
        }
    }
}
