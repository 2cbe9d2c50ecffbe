import CCurl

extension ExchangeLoop {
    /// Begins the exchanges whose turn it is.
    mutating func admit() {
        for id in queue.admit() {
            guard var entry = pending[id] else { continue }
            let now = ContinuousClock.now
            entry.connectBy = now + min(configuration.connectTimeout, HTTPClientConfiguration.spanMax)
            pending[id] = entry
            let target = entry.exchange.request.target
            if let literal = target.literal {
                start(id, [literal])
            } else if let known = cache.addresses(of: target.endpoint.host, now: now) {
                start(id, known)
            } else {
                lookUp(target.endpoint.host, for: id)
            }
        }
    }

    /// One lookup serves everybody who waits for the name.
    private mutating func lookUp(_ host: String, for id: Exchange.ID) {
        if lookups[host] != nil {
            lookups[host]?.waiting.insert(id)
            return
        }
        lastLookup += 1
        let number = lastLookup
        let cancel = resolver.lookUp(host) { [mailbox] answer in
            mailbox.post(.resolved(host: host, lookup: number, answer))
        }
        lookups[host] = Lookup(number: number, cancel: cancel, waiting: [id])
    }

    /// - Parameter number: an answer to a lookup that was given up is nobody's, though the name may be asked for again.
    mutating func finishLookup(_ host: String, _ number: UInt64, _ result: NameResolving.Answer) {
        guard let lookup = lookups[host], lookup.number == number else { return }
        lookups[host] = nil
        switch result {
        case .success(let addresses) where !addresses.isEmpty:
            cache.keep(addresses, of: host, now: .now)
            for id in lookup.waiting.sorted() { start(id, addresses) }
        case .success, .failure:
            let reason = if case .failure(let error) = result { error } else { NameResolutionError.unknown }
            for id in lookup.waiting.sorted() { end(id, .nameUnresolved, reason.rawValue) }
        }
    }

    private mutating func leaveLookup(_ id: Exchange.ID, _ host: String) {
        guard lookups[host]?.waiting.remove(id) != nil, lookups[host]?.waiting.isEmpty == true else { return }
        lookups.removeValue(forKey: host)?.cancel()
    }

    /// Judges the addresses, and hands the exchange to libcurl with them.
    private mutating func start(_ id: Exchange.ID, _ addresses: [IPAddress]) {
        guard let entry = pending[id] else { return }
        let exchange = entry.exchange
        let target = exchange.request.target
        if let refusal = configuration.egress.refusal(of: addresses, for: target.endpoint) {
            return answer(exchange, .failure(.refused(refusal, target)))
        }
        do throws(HTTPError) {
            let transfer = try Transfer(
                exchange, addresses: addresses, configuration: configuration, authorities: authorities,
                connectWithin: ContinuousClock.now.duration(to: limit(of: entry)), handles: handles)
            guard curl_multi_add_handle(multi, transfer.easy.pointer) == CURLM_OK else {
                throw HTTPError(.clientFailed, .nothingSent, "libcurl did not take the request")
            }
            pending[id] = nil
            transfers[id] = transfer
            numbers[transfer.easy.pointer] = id
        } catch {
            answer(exchange, .failure(error))
        }
    }

    /// Ends the exchanges whose time was over before they were connected to anybody.
    mutating func expire() {
        guard !pending.isEmpty else { return }
        let now = ContinuousClock.now
        for entry in Array(pending.values) where limit(of: entry) <= now {
            let isOver = entry.exchange.deadline <= now
            end(
                entry.exchange.id, isOver ? .timedOut : .connectTimedOut,
                isOver
                    ? "the deadline passed before its turn or before its name had an address"
                    : "the name had no address in time")
        }
    }

    /// libcurl is through with an exchange.
    mutating func finish(_ id: Exchange.ID, _ code: CURLcode) {
        guard let (exchange, result) = release(id, { $0.answer(code) }) else { return }
        if case .failure(let error) = result, error.outcome == .nothingSent {
            cache.forget(exchange.request.target.endpoint.host)
        }
        answer(exchange, result)
    }

    /// Ends an exchange wherever it is; one that was answered already is left alone.
    mutating func end(_ id: Exchange.ID, _ code: HTTPError.Code, _ words: String) {
        if let (exchange, result) = release(id, { .failure($0.ended(code, words)) }) {
            answer(exchange, result)
        } else if let entry = pending[id] {
            let target = entry.exchange.request.target
            leaveLookup(id, target.endpoint.host)
            answer(entry.exchange, .failure(HTTPError(code, .nothingSent, "\(target.origin): \(words)")))
        }
    }

    mutating func endAll() {
        for id in Array(pending.keys) + Array(transfers.keys) { end(id, .closed, "the HTTP client was shut down") }
    }

    /// Takes a transfer out of libcurl's hands, and frees it before anybody is told. In the middle of an exchange that
    /// closes its connection, or ends its stream of HTTP/2.
    ///
    /// - Parameter answer: makes the answer of the transfer as it stands.
    private mutating func release(
        _ id: Exchange.ID, _ answer: (Transfer) -> Exchange.Answer
    ) -> (Exchange, Exchange.Answer)? {
        guard let transfer = transfers.removeValue(forKey: id) else { return nil }
        let result = answer(transfer)
        curl_multi_remove_handle(multi, transfer.easy.pointer)
        numbers[transfer.easy.pointer] = nil
        return (transfer.exchange, result)
    }

    private mutating func answer(_ exchange: Exchange, _ result: Exchange.Answer) {
        pending[exchange.id] = nil
        queue.remove(exchange.id)
        mailbox.countAnswer()
        exchange.continuation.resume(returning: result)
    }
}
