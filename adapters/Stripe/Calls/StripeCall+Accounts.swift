extension StripeCall {
    /// Makes a seller's account: Stripe asks the seller for what the law wants, and shows it a small dashboard; we pay
    /// the fees and bear the losses.
    ///
    /// - Parameters:
    ///   - country: ISO 3166-1, two capital letters; nil: the seller says.
    ///   - reference: our reference: the seller's DID.
    public static func createAccount(country: String?, email: String?, reference: String) -> StripeCall {
        var form = StripeForm()
        form.set("country", country.map(StripeFormValue.string))
        form.set("email", email.map(StripeFormValue.string))
        form.set(
            "controller",
            [
                "fees": ["payer": "application"],
                "losses": ["payments": "application"],
                "requirement_collection": "stripe",
                "stripe_dashboard": ["type": "express"],
            ])
        form.set("capabilities", ["transfers": ["requested": true]])
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/accounts", form)
    }

    /// Reads an account.
    public static func account(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/accounts/\(id)") }

    /// Mints a link to the form of an account. Good once; minted again for each visit.
    public static func createAccountLink(
        _ account: StripeID, refreshURL: String, returnURL: String
    ) -> StripeCall {
        var form = StripeForm()
        form.set("account", .string(account.text))
        form.set("type", "account_onboarding")
        form.set("refresh_url", .string(refreshURL))
        form.set("return_url", .string(returnURL))
        form.set("collection_options", ["fields": "eventually_due"])
        return StripeCall(.post, "/v1/account_links", form)
    }

    /// Mints a link to the dashboard of an account. Good once.
    public static func createLoginLink(_ account: StripeID) -> StripeCall {
        StripeCall(.post, "/v1/accounts/\(account)/login_links")
    }
}
