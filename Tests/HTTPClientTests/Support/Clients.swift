import HTTPClient
import Testing

/// Runs a body with a client that may connect anywhere, shuts it down, and checks that nothing of it is left.
func withClient<Value>(
    _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(egress: .any),
    resolver: (any NameResolving)? = nil, _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    let client = try HTTPClient(configuration, resolver: resolver)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    await client.shutdown()
    #expect(client.openHandles == 0)
    return try result.get()
}

/// The error that an exchange ends with.
func failure(_ client: HTTPClient, _ request: HTTPRequest) async throws -> HTTPError {
    do throws(HTTPError) {
        let response = try await client.send(request)
        Issue.record("answered with \(response.status)")
        throw HTTPError(.clientFailed, .unknown, "no error")
    } catch {
        return error
    }
}
