import Cryptography
import Testing

@Suite("Content identifiers")
struct CIDTests {
    @Test("known content has its known identifier")
    func knownAnswers() throws {
        let raw = CID(codec: .raw, hashing: "hello world".utf8)
        #expect(raw.string == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")
        let emptyMap = CID(codec: .dagCBOR, hashing: DAGCBOR.encode([:]))
        #expect(emptyMap.string == "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua")
        for cid in [raw, emptyMap] {
            #expect(try CID(cid.string) == cid)
            #expect(try CID(bytes: cid.bytes) == cid)
            #expect(try CID(codec: cid.codec, digest: cid.digest) == cid)
            #expect(cid.bytes.count == 36 && cid.digest.count == 32 && "\(cid)" == cid.string)
        }
        #expect(raw < emptyMap && raw != emptyMap)
    }

    @Test(
        "everything that is not such an identifier is refused",
        arguments: [
            "", "b", "bafkrei", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
            "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
            "BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5ea",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5f",
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n51",
            "zafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
            "bafkreieabcdefghijklmnoprstuvwxyz234567",
        ])
    func refused(_ text: String) {
        #expect(throws: CryptographyError.cidInvalid) { try CID(text) }
    }

    @Test("another version, codec, hash function or length is refused")
    func refusedBytes() throws {
        let bytes = CID(codec: .raw, hashing: "x".utf8).bytes
        for index in 0..<4 {
            var changed = bytes
            changed[index] ^= 0x03
            #expect(throws: CryptographyError.cidInvalid) { try CID(bytes: changed) }
            #expect(throws: CryptographyError.cidInvalid) { try CID("b" + Base32.encode(changed)) }
        }
        #expect(throws: CryptographyError.cidInvalid) { try CID(bytes: bytes.dropLast()) }
        #expect(throws: CryptographyError.cidInvalid) { try CID(bytes: bytes + [0]) }
        #expect(throws: CryptographyError.cidInvalid) { try CID(codec: .raw, digest: bytes) }
    }
}
