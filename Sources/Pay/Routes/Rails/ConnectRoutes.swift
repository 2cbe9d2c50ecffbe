import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    /// What every route of a seller's account may be refused for.
    private static let ofConnecting: [ProblemCode] = [
        .connectNotOnboarded, .connectBusy, .connectRefused, .railOff, .railUnavailable,
    ]

    var onboardRoute: Route {
        Route(
            .post, "/api/connect/onboard", id: "onboardSeller",
            summary: "Begins, or goes on with, the caller's account at Stripe.",
            description: "`url` is good for one visit; called again it gives a new one, and never a second account.",
            tag: "payees", auth: .signed(note: "the seller"), request: PaySchema.onboardRequest,
            responses: [.json(200, "Where the seller goes.", PaySchema.onboardingLink)],
            errors: [.fieldInvalid, .returnURLNotAllowed] + Self.ofConnecting
        ) { call in
            let seller = try call.requireCaller().did
            let fields = try Body(try call.json().root)
            let country = try fields.optional("country") { name throws(Problem) in try fields.text(name, max: 2) }
            if let country, country.utf8.count != 2 || !country.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) {
                throw Body.invalid("country", "is two capital letters (ISO 3166-1)")
            }
            let request = OnboardingRequest(
                seller: seller, country: country,
                email: try fields.optional("email") { name throws(Problem) in
                    try fields.text(name, max: PolicyRequest.addressMax)
                },
                refreshURL: try fields.text("refresh_url", max: ReturnOrigins.bytesMax),
                returnURL: try fields.text("return_url", max: ReturnOrigins.bytesMax))
            let onboarding = try onboarding()
            for (name, url) in [("refresh_url", request.refreshURL), ("return_url", request.returnURL)]
            where desk?.returnOrigins.allows(url) != true {
                throw Problem(.returnURLNotAllowed, "\(name) is not of an origin that the operator allows")
            }
            try limitStrangers(seller, call)
            return Self.reply(
                try await Self.ask { () throws(OnboardingFailure) in try await onboarding.onboard(request) })
        }
    }

    var onboardingStatusRoute: Route {
        Route(
            .get, "/api/connect/status", id: "getSellerStatus", summary: "How far the caller's account at Stripe is.",
            tag: "payees", auth: .signed(note: "the seller"),
            responses: [.json(200, "Asked of Stripe just now.", PaySchema.onboardingStatus)],
            errors: Self.ofConnecting
        ) { call in
            let seller = try call.requireCaller().did
            let onboarding = try onboarding()
            try limitStrangers(seller, call)
            let status = try await Self.ask { () throws(OnboardingFailure) in try await onboarding.status(seller) }
            return .json { out in Self.write(status, &out) }
        }
    }

    var dashboardRoute: Route {
        Route(
            .post, "/api/connect/dashboard", id: "openSellerDashboard",
            summary: "A link to the caller's dashboard at Stripe.", tag: "payees", auth: .signed(note: "the seller"),
            responses: [.json(200, "Where the seller goes.", PaySchema.onboardingLink)], errors: Self.ofConnecting
        ) { call in
            let seller = try call.requireCaller().did
            let onboarding = try onboarding()
            try limitStrangers(seller, call)
            return Self.reply(
                try await Self.ask { () throws(OnboardingFailure) in try await onboarding.dashboard(seller) })
        }
    }

    private func onboarding() throws(Problem) -> PayeeOnboarding {
        guard let onboarding = desk?.onboarding else { throw Problem(.railOff, "no rail of this node has sellers") }
        return onboarding
    }

    private static func ask<Value: Sendable>(
        _ body: () async throws(OnboardingFailure) -> Value
    ) async throws(Problem) -> Value {
        do throws(OnboardingFailure) {
            return try await body()
        } catch {
            switch error {
            case .notOnboarded:
                throw Problem(.connectNotOnboarded, "begin with POST /api/connect/onboard and follow its link")
            case .busy: throw Problem(.connectBusy)
            case .refused(let reason): throw Problem(.connectRefused, reason)
            case .unavailable(let reason): throw Problem(.railUnavailable, reason)
            }
        }
    }

    private static func reply(_ link: OnboardingLink) -> Reply {
        .json { out in
            out.beginObject()
            out.field("url", link.url)
            out.key("expires_at")
            if let time = link.expiresAtMs { out.string(CivilDate(ms: time).rfc3339) } else { out.null() }
            out.field("account", link.account)
            out.endObject()
        }
    }

    private static func write(_ status: OnboardingStatus, _ out: inout JSONWriter) {
        out.beginObject()
        out.field("state", status.state)
        out.field("account", status.account)
        out.field("takes_transfers", status.takesTransfers)
        out.field("payouts_enabled", status.arePayoutsEnabled)
        out.array("due") { out in status.due.forEach { out.string($0) } }
        out.array("overdue") { out in status.overdue.forEach { out.string($0) } }
        out.field("disabled_reason", status.disabledReason)
        out.endObject()
    }
}
