import Foundation

/// What the environment says about the Stripe rail: the key, and where the API is.
public struct StripeEnvironment: Sendable {
    /// The key.
    public let key: StripeSecretKey
    /// The settings of the client.
    public let settings: StripeSettings

    /// The variables that are read.
    public static let keyName = "MJN_STRIPE_SECRET_KEY"
    /// A file that holds the key, in its place: its content is in no process list and no crash report.
    public static let keyFileName = "MJN_STRIPE_SECRET_KEY_FILE"
    /// Another address of the API.
    public static let apiBaseName = "MJN_STRIPE_API_BASE"
    /// A key has about 110 characters.
    private static let fileBytesMax = 4096

    /// Reads the environment. Nil where no key is set: the rail is off.
    ///
    /// - Parameter isDevelopment: see ``StripeSettings/init(apiBase:isDevelopment:)``.
    /// - Throws: every code of `StripeSettingsError`.
    public init?(_ environment: [String: String], isDevelopment: Bool) throws(StripeSettingsError) {
        let text: String
        if let direct = environment[Self.keyName], !direct.isEmpty {
            text = direct
        } else if let path = environment[Self.keyFileName], !path.isEmpty {
            text = try Self.content(of: path)
        } else {
            return nil
        }
        key = try StripeSecretKey(text)
        let base = environment[Self.apiBaseName].flatMap { $0.isEmpty ? nil : $0 }
        settings = try StripeSettings(apiBase: base ?? StripeSettings.publicBase, isDevelopment: isDevelopment)
    }

    private static func content(of path: String) throws(StripeSettingsError) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .keyFileUnreadable(path) }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: fileBytesMax) else { throw .keyFileUnreadable(path) }
        return String(decoding: data, as: UTF8.self)
    }
}
