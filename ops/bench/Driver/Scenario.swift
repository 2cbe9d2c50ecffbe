/// What is measured: how requests are signed, which manifests they carry, and who pays.
struct Scenario {
    /// `webhook`: no settlement, but an event of Stripe's, signed with the secret that the node is given.
    enum Signing { case ed25519, session, webhook }
    enum Manifest { case known, new, one }

    let name: String
    let title: String
    let signing: Signing
    let manifest: Manifest
    var isHot = false
    var batchSize = 1
    /// Batches may name a manifest that the node has seen by its CID, instead of carrying it whole.
    var namesManifests = false
    var connections: Int?
    /// Settlements, when fewer than the command line asks for are enough.
    var settlementsMax: Int?
    /// Settlements a second that this is expected to reach on two cores, the driver among them.
    var target: Double?
    /// Draws from the first of the known manifests only.
    var manifestsMax: Int?
    /// Runs on a node that posts one settlement in a transaction.
    var isUnbatched = false
    /// Meanwhile a webhook endpoint has a receiver that does not take it.
    var receiver = Receiver.none

    /// What becomes of webhooks. The raw value stands in names.
    enum Receiver: String, CaseIterable {
        /// There is no endpoint.
        case none
        /// The receiver takes connections, and never answers.
        case hangs
        /// Nobody listens.
        case fails
    }

    /// In the order in which they run. `new` comes after all that need manifests in the node's cache, which it flushes.
    static let all = [
        Scenario(
            name: "known", title: "known manifests, one Ed25519 check each", signing: .ed25519, manifest: .known,
            target: 7000),
        Scenario(
            name: "session", title: "known manifests, session key (HMAC)", signing: .session, manifest: .known,
            target: 12000),
        Scenario(
            name: "hot", title: "as session, one payer and five payees in all", signing: .session, manifest: .one,
            isHot: true),
        Scenario(
            name: "batch", title: "batches of 500, manifests whole", signing: .session, manifest: .known,
            batchSize: 500, connections: 8, target: 18000),
        Scenario(
            name: "batch-cid", title: "batches of 500, manifests by CID", signing: .session, manifest: .known,
            batchSize: 500, namesManifests: true, connections: 8, target: 18000),
        Scenario(name: "new", title: "every manifest new", signing: .ed25519, manifest: .new, target: 4500),
        Scenario(
            name: "webhooks", title: "webhooks: signature, stored, answered", signing: .webhook, manifest: .known,
            settlementsMax: 30_000, target: 1500),
        // On a node that was just started: few manifests, so that checking them does not count.
        Scenario(
            name: "one-by-one", title: "as session, one settlement a transaction", signing: .session, manifest: .known,
            settlementsMax: 8000, manifestsMax: 100, isUnbatched: true),
    ]
}
