import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var payoutRoute: Route {
        Route(
            .get, "/api/payouts/{id}", id: "getPayout", summary: "A payout with its life, event by event.",
            description: "To anyone who may not see it, a payout does not exist.", tag: "payouts",
            auth: .signed(scopes: ["read"], note: "the payee"),
            responses: [.json(200, "The payout.", PaySchema.payoutLife)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            guard let (row, events) = try await life(of: call.parameter("id")),
                case .payout(let payout) = row.lifecycle,
                payout.payee == caller.string || rules.has(.read, caller)
            else { throw Self.notThere("payout") }
            return .json(200, LifecycleReply.render(row, events: events))
        }
    }

    var payoutsRoute: Route {
        Route(
            .get, "/api/payouts", id: "listPayouts", summary: "Payouts, newest first.",
            description: "The caller's own; a service with scope `read` sees all, or those of `did`.", tag: "payouts",
            auth: .signed(scopes: ["read"], note: "anybody, its own"),
            parameters: [
                .query("status", .enumeration(Payout.Status.allCases.map(\.rawValue)), "Only those that stand so."),
                .query("did", .did, "Only this payee's."),
            ] + Parameter.page,
            responses: [.json(200, "A page of payouts.", .page(of: PaySchema.payout))],
            errors: [.callerNotAllowed, .limitInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            var filter = LifecycleFilter(kind: .payout, limit: 0)
            filter.statuses = try Self.statuses(call, of: Payout.Status.allCases.map(\.rawValue))
            let did = try Self.queryDID("did", call)
            if let did { try rules.requireReading(did, by: caller) }
            filter.owner = did?.string ?? (rules.has(.read, caller) ? nil : caller.string)
            return try await page(filter, call)
        }
    }
}
