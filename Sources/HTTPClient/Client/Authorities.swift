import CCurl
import Glibc

/// Whose certificates are trusted: the system's store, and a file beside it.
struct Authorities: Sendable {
    /// A PEM file that takes the place of libcurl's own; the folder below stays.
    let file: String?
    /// The system's store as a folder of hashed names; nil: libcurl's own.
    let folder: String?

    /// Where Debian and Ubuntu keep the store, should libcurl not say.
    private static let usualFolder = "/etc/ssl/certs"

    /// - Throws: `configurationInvalid` where the file cannot be read.
    init(extraFile: String?, folder: String?) throws(HTTPError) {
        guard let extraFile else {
            file = nil
            self.folder = nil
            return
        }
        guard access(extraFile, R_OK) == 0 else {
            throw HTTPError(.configurationInvalid, .nothingSent, "the file of extra authorities cannot be read")
        }
        file = extraFile
        self.folder = folder ?? mjn_curl_authority_folder().map { String(cString: $0) } ?? Self.usualFolder
    }
}
