import Cryptography
import Solana
import Testing

@Suite("Transactions are the bytes that Solana's own library writes")
struct WireTests {
    let vectors: Vectors
    init() throws { vectors = try Vectors() }

    @Test("keys, addresses and base58 are those of the vectors")
    func keys() throws {
        let keys = try vectors.keys()
        #expect(keys.count == 15)
        for pair in vectors.list("keypairs") {
            let key = try #require(keys[pair.text("name")])
            #expect(Hex.encode(key.publicKey.rawBytes) == pair.text("publicKeyHex"))
            #expect(SolanaAddress(key.publicKey).description == pair.text("address"))
        }
        #expect(vectors.list("base58").count == 11)
        for entry in vectors.list("base58") {
            #expect(Base58.encode(entry.hex("hex")) == entry.text("base58"))
            #expect(Base58.decode(entry.text("base58")) == entry.hex("hex"))
        }
        #expect(vectors.list("base58Invalid").count == 6)
        for text in vectors.list("base58Invalid") { #expect(SolanaAddress(text.string ?? "") == nil) }
        for length in [0, 1, 31, 33, 64] {
            let text = Base58.encode([UInt8](repeating: 7, count: length))
            #expect(SolanaAddress(text) == nil, "\(length) bytes are no address")
        }
        #expect(SolanaSignature(Base58.encode([UInt8](repeating: 7, count: 63))) == nil)
    }

    @Test("compact numbers are read and written, and each malformed one is refused for its reason")
    func compactNumbers() throws {
        #expect(vectors.list("compactU16").count == 12)
        for entry in vectors.list("compactU16") {
            let value = UInt16(entry.number("value"))
            #expect(CompactU16.encode(value) == entry.hex("hex"))
            #expect(try CompactU16.decode(entry.hex("hex")) == value)
        }
        let reasons: [String: SolanaWireError] = [
            "8000": .numberNotCanonical, "808000": .numberNotCanonical, "ff8000": .numberNotCanonical,
            "ffff04": .numberTooLarge, "808004": .numberTooLarge, "80": .truncated, "ff": .truncated,
            "80808000": .numberTooLarge,
        ]
        #expect(vectors.list("compactU16Invalid").count == reasons.count)
        for entry in vectors.list("compactU16Invalid") {
            let reason = try #require(reasons[entry.text("hex")])
            #expect(throws: reason) { try CompactU16.decode(entry.hex("hex")) }
        }
        for value in UInt16.min...UInt16.max {
            #expect(try CompactU16.decode(CompactU16.encode(value)) == value)
        }
    }

    @Test("a point is on the curve where Solana says so, whatever its order and its form")
    func curve() throws {
        #expect(vectors.list("onCurve").count == 57)
        for entry in vectors.list("onCurve") {
            let address = try #require(SolanaAddress(bytes: entry.hex("hex")))
            #expect(address.isOnCurve == entry["onCurve"]?.bool, "\(entry.text("name"))")
        }
    }

    @Test("program-derived addresses and token accounts are those of the vectors")
    func programAddresses() throws {
        #expect(vectors.list("programDerivedAddresses").count == 7)
        for entry in vectors.list("programDerivedAddresses") {
            let seeds = entry.texts("seedsHex").compactMap { Hex.decode($0) }
            let program = try entry.address("programId")
            let found = try #require(ProgramAddress.find(seeds: seeds, program: program))
            #expect(found.address.description == entry.text("address"))
            #expect(Int(found.bump) == entry.number("bump"))
            #expect(ProgramAddress.create(seeds: seeds + [[found.bump]], program: program) == found.address)
        }
        #expect(vectors.list("createProgramAddressInvalid").count == 2)
        for entry in vectors.list("createProgramAddressInvalid") {
            let seeds = entry.texts("seedsHex").compactMap { Hex.decode($0) }
            #expect(ProgramAddress.create(seeds: seeds, program: try entry.address("programId")) == nil)
        }
        #expect(vectors.list("associatedTokenAddresses").count == 81)
        for entry in vectors.list("associatedTokenAddresses") {
            let account = ProgramAddress.associatedToken(
                owner: try entry.address("owner"), mint: try entry.address("mint"),
                tokenProgram: try entry.address("tokenProgram"))
            #expect(account.description == entry.text("ata"))
        }
    }

    @Test("every transaction of the vectors is compiled, signed and read back byte for byte")
    func transactions() throws {
        let keys = try vectors.keys()
        let entries = vectors.list("transactions")
        #expect(entries.count == 17)
        for entry in entries {
            let name = entry.text("name")
            let instructions = try (entry["instructions"].map { Array($0.elements) } ?? []).map { try $0.instruction() }
            let blockhash = try #require(SolanaBlockhash(entry.text("recentBlockhash")))
            let tables = try entry.tables()
            let message = try SolanaMessage(
                feePayer: try entry.address("feePayer"), instructions: instructions, blockhash: blockhash,
                tables: entry["version"]?.string == "legacy" ? nil : tables)
            #expect(Hex.encode(message.bytes) == entry.text("messageHex"), "\(name)")
            #expect(message.accounts.map(\.description) == entry.texts("accountKeys"), "\(name)")
            let signed = try SolanaTransaction(signing: message, with: entry.texts("signers").compactMap { keys[$0] })
            #expect(signed.signatures.map(\.description) == entry.texts("signatures"), "\(name)")
            #expect(signed.id.description == entry.text("transactionId"), "\(name)")
            #expect(Base64.encode(signed.bytes) == entry.text("transactionBase64"), "\(name)")
            #expect(signed.bytes.count == entry.number("size"), "\(name)")
            let read = try SolanaTransaction(parsing: signed.bytes)
            #expect(read == signed, "\(name)")
            try read.checkSignatures()
            let effective = try read.message.instructions(tables: tables)
            #expect(effective.map(\.program) == instructions.map(\.program), "\(name)")
            #expect(effective.map(\.data) == instructions.map(\.data), "\(name)")
            #expect(
                effective.map { $0.accounts.map(\.address) } == instructions.map { $0.accounts.map(\.address) },
                "\(name)")
        }
    }

    @Test("a lookup table is read from its account")
    func lookupTable() throws {
        let entry = try #require(vectors.list("transactions").first { $0.text("name") == "v0WithTable" })
        let written = try #require(entry["lookupTables"]?.elements.first { _ in true })
        let data = written.hex("accountDataHex")
        let table = try #require(SolanaLookupTable(address: try written.address("address"), accountData: data))
        #expect(table.addresses.map(\.description) == written.texts("addresses"))
        #expect(table.authority?.description == entry.text("feePayer"))
        var closing = data
        closing[4] = 0
        #expect(SolanaLookupTable(address: table.address, accountData: closing) == nil)
        #expect(SolanaLookupTable(address: table.address, accountData: Array(data.dropLast())) == nil)
        #expect(SolanaLookupTable(address: table.address, accountData: []) == nil)
    }

    @Test("each malformed transaction is refused for its own reason")
    func malformed() throws {
        let reasons: [String: SolanaWireError] = [
            "flippedSignatureBit": .signatureInvalid, "flippedAmountByte": .signatureInvalid, "truncated": .truncated,
            "trailingByte": .trailingBytes, "empty": .truncated, "noSignatures": .signatureCountMismatch,
            "oversize": .tooLarge, "nonCanonicalCompactU16": .numberNotCanonical,
            "unknownVersion": .versionUnsupported, "programIndexOutOfRange": .programIndexInvalid,
            "accountIndexOutOfRange": .accountIndexInvalid, "programIsFeePayer": .programIsFeePayer,
            "readonlyFeePayer": .feePayerReadOnly,
        ]
        let entries = vectors.list("negativeWire")
        #expect(entries.count == reasons.count)
        for entry in entries {
            let reason = try #require(reasons[entry.text("name")])
            let bytes = try #require(Base64.decode(entry.text("transactionBase64")))
            #expect(throws: reason, "\(entry.text("name"))") {
                try SolanaTransaction(parsing: bytes).checkSignatures()
            }
        }
    }

    @Test("what the execution vectors send is read, though the programs refuse it")
    func executionNegatives() throws {
        #expect(vectors.list("negativeExecution").count == 10)
        for entry in vectors.list("negativeExecution") {
            let bytes = try #require(Base64.decode(entry.text("transactionBase64")))
            let transaction = try SolanaTransaction(parsing: bytes)
            try transaction.checkSignatures()
            #expect(transaction.bytes == bytes)
        }
    }
}

extension JSONValue {
    /// The lookup tables of a vector.
    func tables() throws -> [SolanaLookupTable] {
        try (self["lookupTables"].map { Array($0.elements) } ?? []).map { table in
            SolanaLookupTable(
                address: try table.address("address"),
                addresses: try table.texts("addresses").map { try JSONValue.address($0) })
        }
    }
}
