/// A page of a list, the latest first.
public struct StripeList<Element: StripeObject>: StripeObject {
    /// The objects.
    public let data: [Element]
    /// Whether there are more after the last.
    public let hasMore: Bool

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "list")
        data = try fields.list("data")
        hasMore = try fields.bool("has_more")
    }
}

/// What every object in a list has: the cursor of the next page.
public protocol StripeListed: StripeObject {
    /// Its identifier.
    var id: StripeID { get }
    /// Ours; empty where the object has none.
    var metadata: [String: String] { get }
}

extension StripePaymentIntent: StripeListed {}
extension StripeCheckoutSession: StripeListed {}
extension StripeCharge: StripeListed {}
extension StripeRefund: StripeListed {}
extension StripeTransfer: StripeListed {}
extension StripeTransferReversal: StripeListed {}
extension StripePayout: StripeListed {}
extension StripeDispute: StripeListed {}
extension StripeAccount: StripeListed {}

extension StripeBalanceTransaction: StripeListed {
    /// A line of the balance has none.
    public var metadata: [String: String] { [:] }
}

extension StripeEvent: StripeListed {
    /// Of the object that the event is about.
    public var metadata: [String: String] { object.metadata }
}
