import Cryptography
import Kernel
import LedgerDouble
import Pay
import Settlement
import Testing

@Suite("Planning")
struct PlanningTests {
    private func library(_ cache: ManifestCache = ManifestCache()) -> (ManifestLibrary, LedgerDouble) {
        let ledger = LedgerDouble()
        return (ManifestLibrary(cache: cache, store: ledger, keys: DIDKeyResolver()), ledger)
    }

    private func verified(_ library: ManifestLibrary, _ json: [UInt8]) async throws -> KnownManifest {
        try await library.verify(try JSONDocument(parsing: json).root, links: [])
    }

    @Test("the prepared text of a split is what the ledger's own rendering gives, over seeded random manifests")
    func breakdown() async throws {
        let seed: UInt64 = 0x6D6A_6E01
        var random = Dice(seed: seed)
        let fees = try FeeSchedule(
            protocolBps: 100, protocolDID: Person.platform.did, nodeBps: 50, nodeDID: Person.node.did,
            buyerCreditBps: 25)
        let people = [Person.artist, .producer, .engineer, .platform, .payer]
        for round in 0..<60 {
            let count = Int.random(in: 1...8, using: &random)
            let contributors = (0..<count).map { index in
                let weight = Int.random(in: 0...(1000 / count), using: &random)
                let person = index == 0 ? Person.artist : people[Int.random(in: 0..<5, using: &random)]
                return (
                    person.did.string, #"r\"ö\#(index)"#,
                    "0.\(String(repeating: "0", count: weight < 10 ? 2 : weight < 100 ? 1 : 0))\(weight)"
                )
            }
            let json = try Manifests.signed(Manifests.text(id: "urn:test:\(round)", contributors))
            let known = try await verified(library().0, json)
            let prepared = try known.split(forType: "ticket")
            let gross =
                Int64.random(in: 1...9_000_000_000_000_000, using: &random) >> Int64.random(in: 0...50, using: &random)
            let split = try Split(grossMinor: max(gross, 1), plan: prepared.plan, fees: fees, buyer: Person.payer.did)
            #expect(prepared.breakdown(split) == SettlementReply.breakdown(split), "seed \(seed) round \(round)")
        }
    }

    @Test("an order's parts and fees sum to the gross, zeros left out, payees merged")
    func order() async throws {
        let text = Manifests.text([
            (Person.artist.did.string, "a", "0.5"), (Person.producer.did.string, "b", "0.25"),
            (Person.artist.did.string, "c", "0.25"),
        ])
        let known = try await verified(library().0, try Manifests.signed(text))
        let planner = SettlementPlanner(
            fees: try FeeSchedule(
                protocolBps: 100, protocolDID: Person.platform.did, nodeBps: 50, nodeDID: Person.node.did,
                buyerCreditBps: 0))
        let terms = SettlementTerms(
            payer: Person.payer.did, grossMinor: 199, currency: try #require(Currency.named("USD")), service: "s",
            type: "t", metadataJSON: [])
        let order = try planner.plan(terms, manifest: known).order(consent: .payer, settlementID: "stl_1")
        #expect(order.fees.map(\.kind) == [.protocol])
        #expect(order.parts.map(\.did) == [Person.artist.did, Person.producer.did])
        #expect(order.parts.reduce(0) { $0 + $1.amountMinor } + order.fees.reduce(0) { $0 + $1.amountMinor } == 199)
        #expect(order.manifests.map(\.manifestID) == ["urn:test:track"])
        known.markRecorded()
        #expect(
            try planner.plan(terms, manifest: known).order(consent: .payer, settlementID: "stl_2").manifests.isEmpty)
    }

    @Test("a manifest is found by its exact bytes only, and by CID once the book holds it")
    func cache() async throws {
        let (library, _) = library()
        let json = try Manifests.signed(Manifests.standard())
        let known = try await verified(library, json)
        let same = try JSONDocument(parsing: json).root
        #expect(library.cached(same) === known)
        let spaced = try JSONDocument(parsing: [UInt8(ascii: " ")] + json).root
        #expect(library.cached(spaced) === known, "white space around the value is not the value's")
        var inner = json
        inner.insert(UInt8(ascii: " "), at: 1)
        #expect(library.cached(try JSONDocument(parsing: inner).root) == nil)
        #expect(library.cache.recorded(known.verified.cid) == nil)
        known.markRecorded()
        #expect(library.cache.recorded(known.verified.cid) === known)
        library.cache.removeAll()
        #expect(library.cached(same) == nil)
        #expect(library.cache.count == 0)
    }

    @Test("the cache keeps to its bounds and keeps what is used")
    func eviction() async throws {
        let (library, _) = library(ManifestCache(countMax: 8, bytesMax: 64 << 20))
        let used = try Manifests.signed(Manifests.standard(id: "urn:used"))
        let first = try await verified(library, used)
        for index in 0..<100 {
            _ = try await verified(library, try Manifests.signed(Manifests.standard(id: "urn:\(index)")))
            #expect(library.cached(try JSONDocument(parsing: used).root) === first)
            #expect(library.cache.count <= 8)
        }
        let old = try Manifests.signed(Manifests.standard(id: "urn:1"))
        #expect(library.cached(try JSONDocument(parsing: old).root) == nil)
        let (tiny, _) = self.library(ManifestCache(countMax: 8, bytesMax: 100))
        _ = try await verified(tiny, used)
        #expect(tiny.cached(try JSONDocument(parsing: used).root) == nil, "larger than all that may be kept")
    }

    @Test("nothing is looked up in the book for a manifest that nobody signed")
    func noLookUps() async throws {
        let missing = CID(codec: .raw, hashing: Array("missing".utf8))
        let text = Manifests.text([("fair:\(missing)", "a", "1")])
        let store = CountingStore()
        let library = ManifestLibrary(cache: ManifestCache(), store: store, keys: DIDKeyResolver())
        let document = try JSONDocument(parsing: text)
        await #expect(throws: ManifestFailure.self) { try await library.verify(document.root, links: []) }
        #expect(store.lookUps == 0)
    }

    @Test("the hash of a request covers target, body and manifest, and not the key")
    func requestHash() throws {
        func hash(_ target: String, _ json: String, _ manifest: [UInt8] = []) throws -> [UInt8] {
            RequestHash.of(target, try JSONDocument(parsing: json).root, manifestHash: manifest)
        }
        let base = try hash("settle", #"{"a":1,"b":[2]}"#)
        #expect(try hash("settle", #"{ "b":[2.0], "a":1e0 }"#) == base)
        #expect(try hash("settle", #"{"a":1,"b":[2],"idempotency_key":"k","fair_manifest":{}}"#) == base)
        let others = try [
            hash("refund/stl_1", #"{"a":1,"b":[2]}"#), hash("settle", #"{"a":1,"b":[3]}"#),
            hash("settle", #"{"a":1,"b":[2]}"#, [1]), hash("settle", #"{"a":1}"#),
        ]
        #expect(Set(others + [base]).count == 5)
    }

    @Test("identifiers are 26 lower-case characters that sort by time")
    func ulid() throws {
        let zero = [UInt8](repeating: 0, count: 10)
        let full = [UInt8](repeating: 255, count: 10)
        // The ULID specification's example: time 1469918176385 is 01ARYZ6S41.
        #expect(ULID.text(nowMs: 1_469_918_176_385, random: zero) == "01aryz6s410000000000000000")
        #expect(ULID.text(nowMs: 0xFFFF_FFFF_FFFF, random: full) == "7zzzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(ULID.text(nowMs: 1, random: full) < ULID.text(nowMs: 2, random: zero))
        #expect(Set((0..<1000).map { _ in ULID.text(nowMs: 7) }).count == 1000)
    }

    @Test("instants are RFC 3339, Unix seconds, or milliseconds from 10^11 on")
    func instants() throws {
        func ms(_ json: String) throws -> Int64? { Instant.milliseconds(try JSONDocument(parsing: json).root) }
        let known: [(String, Int64)] = [
            ("\"2026-03-31T12:00:00Z\"", 1_774_958_400_000), ("\"2026-03-31T12:00:00.5Z\"", 1_774_958_400_500),
            ("\"2026-03-31T14:00:00.1239+02:00\"", 1_774_958_400_123), ("\"2024-02-29T00:00:00Z\"", 1_709_164_800_000),
            ("\"1970-01-01T00:00:00Z\"", 0), ("\"9999-12-31T23:59:59.999Z\"", 253_402_300_799_999),
            ("1774958400", 1_774_958_400_000), ("1774958400000", 1_774_958_400_000), ("0", 0),
        ]
        for (json, expected) in known { #expect(try ms(json) == expected, "\(json)") }
        for json in [
            "\"2026-02-29T00:00:00Z\"", "\"2026-13-01T00:00:00Z\"", "\"2026-01-01T24:00:00Z\"", "\"2026-01-01\"",
            "\"2026-01-01T00:00:00\"", "\"2026-01-01T00:00:00+2\"", "\"2026-01-01T00:00:00.Z\"", "\"\"", "-1", "1.5",
            "1e30", "null", "\"1969-12-31T23:59:59Z\"", "\"9999-12-31T23:59:59-01:00\"", "253402300800000",
        ] {
            #expect(try ms(json) == nil, "\(json)")
        }
    }
}
