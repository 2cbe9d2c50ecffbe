/// What a `did:imajin:<kind>:<id>` stands for: something without a key of its own.
public enum DIDKind: String, Hashable, Sendable, CaseIterable {
    /// A person who has not taken up a key yet. It can hold balances and cannot sign.
    case soft
    /// A visitor who has no account.
    case guest
    /// A family.
    case family
    /// A community.
    case community
    /// A business.
    case business
    /// An organisation that is neither family, community nor business.
    case organization
    /// An event.
    case event
    /// A conversation between two.
    case dm
    /// A conversation among several.
    case group
    /// A conversation of any other shape.
    case conversation
    /// A channel of a conversation.
    case channel
    /// A course of lessons.
    case course
    /// A thing offered for sale.
    case listing
    /// A piece of media.
    case asset
}
