import Cryptography
import Foundation

/// Makes the requests of a scenario just before it runs: bodies, signatures, everything.
struct Workload {
    static let amountMinor = 10_000

    let accounts: Accounts
    let known: Manifests
    let authority: String
    let serviceDID: String
    let serviceKey: Ed25519PrivateKey
    var session: (id: String, key: HMACSHA256.Key)?

    /// A signer for requests that are made now.
    func signing(_ signing: Scenario.Signing, run: String) -> RequestSigning {
        let created = Int64(Date().timeIntervalSince1970)
        if signing == .session, let session {
            return RequestSigning(
                key: .session(session.key), keyID: session.id, authority: authority, created: created, run: run)
        }
        return RequestSigning(
            key: .ed25519(serviceKey), keyID: serviceDID, authority: authority, created: created, run: run)
    }

    func pool(_ scenario: Scenario, settlements: Int, run: String) throws -> RequestPool {
        if scenario.signing == .webhook { return Webhooks.pool(count: settlements, authority: authority, run: run) }
        let signer = signing(scenario.signing, run: run)
        var random = SeededRandom(seed: UInt64(settlements) &+ 7)
        let count = settlements / scenario.batchSize
        var new: Manifests?
        if scenario.manifest == .new {
            new = try Manifests(count: count, accounts: accounts, name: run, random: &random)
        }
        let pool = RequestPool(settlementsPerRequest: scenario.batchSize)
        for number in 0..<count where !pool.isFull {
            if scenario.batchSize == 1 {
                let manifest = pick(scenario, number, new)
                let payer = scenario.isHot ? 0 : random.below(accounts.dids.count)
                pool.append(signer.post("/api/settle", body: body(payer, manifest), number: number))
                continue
            }
            var members: [[UInt8]] = []
            for member in 0..<scenario.batchSize {
                let index = number * scenario.batchSize + member
                let key = Array("\"idempotency_key\":\"\(run)-m\(index)\",".utf8)
                let payer = random.below(accounts.dids.count)
                members.append([UInt8(ascii: "{")] + key + body(payer, pick(scenario, index, new)).dropFirst())
            }
            let body =
                Array("{\"settlements\":[".utf8) + Array(members.joined(separator: [UInt8(ascii: ",")]))
                + Array("]}".utf8)
            pool.append(signer.post("/api/settle/batch", body: body, number: number))
        }
        return pool
    }

    /// A member of the body: the manifest whole, or its CID.
    private func pick(_ scenario: Scenario, _ index: Int, _ new: Manifests?) -> [UInt8] {
        if let new { return Array("\"fair_manifest\":".utf8) + new.texts[index] }
        let choice = min(scenario.manifestsMax ?? known.texts.count, known.texts.count)
        let number = scenario.manifest == .one ? 0 : index % choice
        if scenario.namesManifests { return Array("\"fair_manifest_cid\":\"\(known.cids[number])\"".utf8) }
        return Array("\"fair_manifest\":".utf8) + known.texts[number]
    }

    private func body(_ payer: Int, _ manifest: [UInt8]) -> [UInt8] {
        let head =
            "{\"from_did\":\"\(accounts.dids[payer])\",\"amount\":\(Self.amountMinor),"
            + "\"currency\":\"\(Accounts.currency)\",\"service\":\"bench\",\"type\":\"ticket\","
        return Array(head.utf8) + manifest + Array(",\"funding\":{\"source\":\"balance\"},\"metadata\":{}}".utf8)
    }
}
