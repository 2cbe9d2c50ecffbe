import Cryptography

extension StripeCall {
    /// The call as it is stored: JSON, the same bytes for the same call.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("method", method.rawValue)
        writer.field("path", path)
        writer.field("parameters", parameters)
        writer.field("account", account?.text)
        writer.endObject()
        return writer.bytes
    }

    /// Reads what `bytes` wrote; nil where it is something else.
    public init?(bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root,
            let method = root["method"]?.string.flatMap({ Method(rawValue: $0) }),
            let path = root["path"]?.string, path.hasPrefix("/v1/"), let parameters = root["parameters"]?.string
        else { return nil }
        if let written = root["account"], !written.isNull {
            guard let account = written.string.flatMap({ StripeID($0) }) else { return nil }
            self.account = account
        } else {
            account = nil
        }
        self.method = method
        self.path = path
        self.parameters = parameters
    }
}
