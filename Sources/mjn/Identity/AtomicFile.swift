import Foundation

/// Files that are there whole, or not at all.
enum AtomicFile {
    private static let modeNew: mode_t = 0o644

    /// Writes a file that does not exist yet.
    /// - Throws: exit code 1; a file that is there is left as it is.
    static func create(_ path: String, _ bytes: [UInt8]) throws(CLIFailure) {
        let draft = try write(bytes, beside: path, mode: modeNew)
        // Unlike rename(2), link(2) fails where the name is taken.
        guard link(draft, path) == 0 else {
            let failure = errno
            unlink(draft)
            throw refused(
                path, failure,
                fix: failure == EEXIST ? "choose another path, or give --force to lose what is there" : nil)
        }
        unlink(draft)
        syncFolder(of: path)
    }

    /// Puts a file in the place of another, or where there was none. Keeps the mode of the other.
    /// - Throws: exit code 1; what was there is left as it is.
    static func replace(_ path: String, with bytes: [UInt8]) throws(CLIFailure) {
        var status = stat()
        let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : modeNew
        let draft = try write(bytes, beside: path, mode: mode)
        guard rename(draft, path) == 0 else {
            let failure = errno
            unlink(draft)
            throw refused(path, failure)
        }
        syncFolder(of: path)
    }

    private static func write(_ bytes: [UInt8], beside path: String, mode: mode_t) throws(CLIFailure) -> String {
        let folder = self.folder(of: path)
        var template = Array("\(folder)/.mjn-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw refused(path, errno) }
        defer { close(descriptor) }
        let draft = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty, fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            let failure = errno
            unlink(draft)
            throw refused(path, failure)
        }
        return draft
    }

    private static func folder(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }

    /// Makes the new name outlive a power cut. The file is in place already: a failure changes nothing about that.
    private static func syncFolder(of path: String) {
        let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func refused(_ path: String, _ failure: Int32, fix: String? = nil) -> CLIFailure {
        CLIFailure(
            "cannot write \(path): \(String(cString: strerror(failure)))",
            fix: fix ?? "choose a path in a folder of yours with free space")
    }
}
