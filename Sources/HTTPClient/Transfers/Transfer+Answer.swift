import CCurl

extension Transfer {
    /// What came of it.
    ///
    /// - Parameter code: libcurl's word at the end of the transfer.
    func answer(_ code: CURLcode) -> Exchange.Answer {
        let target = exchange.request.target
        if let refusal {
            let outcome: HTTPError.Outcome = mayHaveSent ? .unknown : .nothingSent
            let message = "\(target.origin): \(refusal.reason)"
            return .failure(HTTPError(.egressRefused, outcome, message, refusal: refusal))
        }
        if let fault = collector.fault { return .failure(failure(fault)) }
        if isSecondSendRefused {
            return .failure(failure(.connectionLost, "a kept connection broke; the request was not sent again"))
        }
        if code == CURLE_OK {
            guard let response = collector.response else {
                return .failure(failure(.responseMalformed, "the response has no headers"))
            }
            return .success(response)
        }
        return .failure(mayHaveSent ? failureAfterSending(code) : failureBeforeSending(code))
    }

    /// The error of an exchange that we ended ourselves.
    func ended(_ code: HTTPError.Code, _ words: String) -> HTTPError { failure(code, words) }

    private func failure(_ fault: ResponseCollector.Fault) -> HTTPError {
        switch fault {
        case .headersTooLong:
            failure(.responseTooLarge, "the headers have more than \(ResponseCollector.headerBytesMax) bytes")
        case .bodyTooLong:
            failure(.responseTooLarge, "the body has more than \(exchange.request.responseBytesMax) bytes")
        case .malformed:
            failure(.responseMalformed, "the response's headers are malformed")
        }
    }

    private func failure(_ code: HTTPError.Code, _ words: String) -> HTTPError {
        HTTPError(
            code, mayHaveSent ? .unknown : .nothingSent, "\(exchange.request.target.origin): \(words)",
            status: collector.finalStatus)
    }

    private func failureAfterSending(_ code: CURLcode) -> HTTPError {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: failure(.timedOut, "the deadline passed before the response was whole")
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_ABORTED_BY_CALLBACK, CURLE_BAD_FUNCTION_ARGUMENT:
            failure(.clientFailed, LibCurl.text(code))
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            failure(.responseMalformed, LibCurl.text(code))
        default: failure(.connectionLost, LibCurl.text(code))
        }
    }

    private func failureBeforeSending(_ code: CURLcode) -> HTTPError {
        let words = connectComplaint.isEmpty ? LibCurl.text(code) : connectComplaint
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            return ContinuousClock.now >= exchange.deadline
                ? failure(.timedOut, "the deadline passed before there was a connection")
                : failure(.connectTimedOut, "there was no connection in time")
        case CURLE_COULDNT_RESOLVE_HOST: return failure(.nameUnresolved, words)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return failure(.tlsFailed, words)
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_URL_MALFORMAT,
            CURLE_UNSUPPORTED_PROTOCOL:
            return failure(.clientFailed, LibCurl.text(code))
        default: return failure(.connectFailed, words)
        }
    }
}
