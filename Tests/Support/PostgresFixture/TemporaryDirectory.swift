import Glibc

/// Directories for tests that other accounts can enter, as the server's must when the tests run as root.
public enum TemporaryDirectory {
    /// Makes a directory below the system's temporary one, which the caller removes.
    public static func make(_ prefix: String) throws -> String {
        var template = Array("/tmp/\(prefix)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template), chmod(made, 0o755) == 0 else {
            throw FixtureError(message: "no temporary directory: \(String(cString: strerror(errno)))")
        }
        return String(cString: made)
    }
}
