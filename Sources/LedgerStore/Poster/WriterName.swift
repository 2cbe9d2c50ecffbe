import Cryptography

/// The `application_name` of the connection that writes a book: it tells whose it is.
package enum WriterName {
    /// Short enough for Postgres, which cuts names at 63 bytes, whatever the process is called.
    package static func make(holder: String, bookID: Int64) -> String {
        "mjn writer \(bookID) " + Hex.encode(SHA256.hash(Array(holder.utf8)).prefix(8))
    }
}
