import Cryptography
import Kernel
public import Service
import Settlement

/// Transaction requests of Solana Pay: a wallet asks who asks, then for the transaction to sign.
extension PayService {
    /// Where wallets ask. The payment's id follows, which nobody can guess: whoever has it may pay it.
    public static let solanaPayPath = "/api/solana/pay"

    /// Wallets ask from web pages of their own, and read `message` of a refusal.
    public static let solanaPayDialect = Dialect(
        prefixes: [solanaPayPath],
        headers: [
            ("access-control-allow-origin", "*"), ("access-control-allow-methods", "GET, POST, PUT, OPTIONS"),
            ("access-control-allow-headers", "Content-Type, Authorization, Content-Encoding, Accept-Encoding"),
        ], answersOptions: true, errorSchema: PaySchema.solanaPayProblem
    ) { problem, traceID in
        var problem = problem
        problem.extra.append(("message", .string(problem.detail ?? problem.code.title)))
        var reply = problem.reply(traceID: traceID)
        reply.contentType = "application/json"
        return reply
    }

    var solanaPayLabelRoute: Route {
        Route(
            .get, "\(Self.solanaPayPath)/{payment}", id: "solanaPayLabel",
            summary: "Who asks for a payment, for the payer's wallet.", tag: "solana",
            responses: [.json(200, "Label and icon.", PaySchema.solanaPayLabel)],
            errors: [.notFound, .railOff, .databaseUnavailable], dialect: Self.solanaPayDialect
        ) { call in
            let payment = try await solanaPayment(call)
            let host = call.header("host") ?? "localhost"
            let name = host.hasPrefix("[") ? "[::1]" : String(host.prefix { $0 != ":" })
            let scheme = ["localhost", "127.0.0.1", "[::1]"].contains(name) ? "http" : "https"
            return .json { out in
                out.beginObject()
                out.field("label", desk?.label ?? "MJN")
                out.field("icon", "\(scheme)://\(host)\(Self.solanaPayPath)/\(payment.id)/icon.svg")
                out.endObject()
            }
        }
    }

    var solanaPayIconRoute: Route {
        Route(
            .get, "\(Self.solanaPayPath)/{payment}/icon.svg", id: "solanaPayIcon",
            summary: "The icon that wallets show.", tag: "solana",
            responses: [.text(200, "An image.", contentType: "image/svg+xml")],
            errors: [.notFound, .railOff, .databaseUnavailable], dialect: Self.solanaPayDialect
        ) { call in
            _ = try await solanaPayment(call)
            let image = """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" \
                fill="#14213d"/><path d="M12 46V18l20 20 20-20v28" fill="none" stroke="#fca311" stroke-width="6"/></svg>
                """
            return .text(200, image, contentType: "image/svg+xml")
        }
    }

    var solanaPayRoute: Route {
        Route(
            .post, "\(Self.solanaPayPath)/{payment}", id: "solanaPay",
            summary: "The transaction by which a wallet pays a payment.",
            description: """
                One transaction pays everybody or nobody: of a `direct` checkout all payees and the node's fees, of \
                any other the node. The wallet's key alone signs it. It makes no token accounts, but the wallet's own \
                of wrapped SOL where a payment is in SOL and the wallet has too little wrapped. With `transaction`, \
                bytes that the wallet already has are compared: a transaction that the node did not make is refused \
                with `transaction_foreign`.
                """,
            tag: "solana", request: PaySchema.solanaPayRequest, requestType: .anyJSON,
            responses: [.json(200, "To be signed and sent by the wallet.", PaySchema.solanaPayTransaction)],
            errors: [
                .notFound, .railOff, .databaseUnavailable, .railUnavailable, .stateConflict, .fieldInvalid,
                .destinationNotPayable,
            ]
                + ProblemCode.ofSolana, dialect: Self.solanaPayDialect
        ) { call in
            let fields = try Body(try call.json().root)
            let account = try fields.text("account", max: 64)
            let given = try fields.optional("transaction") { name throws(Problem) in
                guard let bytes = Base64.decode(try fields.text(name, max: 2_000)) else {
                    throw Problem(.transactionMalformed, "transaction is not base64")
                }
                return bytes
            }
            try rules.strangersLimiter?.take(
                "solana-pay:\(call.clientAddress ?? "")", nowMilliseconds: call.receivedAt)
            let payment = try await solanaPayment(call)
            guard payment.status == .pending, let prepared = payment.attempt?.prepared,
                let maker = desk?.payerTransactions[payment.rail]
            else { throw Problem(.stateConflict, "\(payment.id) is \(payment.status.rawValue): it cannot be paid now") }
            for part in payment.direct?.parts ?? [] {
                if let did = try? DID(part.did) { try await requireUnfrozen(did) }
            }
            let collect = CollectInstruction(payment, nowMs: call.receivedAt)
            switch await maker.transaction(
                for: collect, prepared: prepared, account: account, given: given, nowMs: call.receivedAt)
            {
            case .ready(let bytes):
                return .json { out in
                    out.beginObject()
                    out.field("transaction", Base64.encode(bytes))
                    out.field("message", collect.description)
                    out.endObject()
                }
            case .refused(let refusal): throw Problem(refusal)
            case .unavailable: throw Problem(.railUnavailable, "the chain cannot be asked now: try again")
            }
        }
    }

    /// The Solana payment of the path.
    private func solanaPayment(_ call: Call) async throws(Problem) -> Payment {
        guard desk?.payerTransactions[.solana] != nil else {
            throw Problem(.railOff, "the rail solana is off: \(desk?.off[.solana] ?? "its settings are missing")")
        }
        guard case .payment(let payment)? = try await lifecycle(call.parameter("payment"))?.lifecycle,
            payment.rail == .solana, payment.purpose != .unmatched
        else { throw Problem(.notFound, "there is no such payment") }
        return payment
    }
}
