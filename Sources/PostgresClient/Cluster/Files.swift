import Glibc

/// The few operations on files that the cluster needs; none follows a symbolic link at the end of a path.
enum Files {
    /// The most that is read of any file.
    private static let readBytesMax = 1 << 16

    /// Reads a regular file, or nil.
    static func read(_ path: String, lastBytes: Int = readBytesMax) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        if information.st_size > lastBytes { lseek(file, information.st_size - lastBytes, SEEK_SET) }
        var bytes = [UInt8](repeating: 0, count: min(lastBytes, readBytesMax))
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + length }, $0.count - length)
            }
            if count <= 0 { break }
            length += count
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }

    /// Writes a file by way of a new one beside it, so that a reader never sees a half of it.
    static func write(_ text: String, to path: String, mode: mode_t, group: gid_t?) throws(ClusterError) {
        let fresh = "\(path).\(getpid()).new"
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw unusable(path) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count <= 0 { break }
            bytes = bytes.dropFirst(count)
        }
        var isWritten = bytes.isEmpty && fchmod(file, mode) == 0
        if let group { isWritten = isWritten && fchown(file, geteuid(), group) == 0 }
        isWritten = isWritten && fsync(file) == 0
        close(file)
        guard isWritten, rename(fresh, path) == 0 else { throw unusable(path) }
    }

    /// Makes a directory with exactly this mode and owner, unless it exists. It appears as it shall be, so that another
    /// starter never sees one that is not its owner's yet.
    static func makeDirectory(
        _ path: String, mode: mode_t, owner: uid_t? = nil, group: gid_t? = nil
    ) throws(ClusterError) {
        guard !isDirectory(path) else { return }
        let fresh = "\(path).\(getpid())-\(UInt32.random(in: .min ... .max)).new"
        guard mkdir(fresh, mode) == 0 else { throw unusable(path) }
        var isMade = chmod(fresh, mode) == 0
        if owner != nil || group != nil {
            isMade = isMade && lchown(fresh, owner ?? geteuid(), group ?? getegid()) == 0
        }
        // Over an empty one, which another starter has just made the same, or not at all.
        if isMade, rename(fresh, path) == 0 { return }
        let failure = errno
        rmdir(fresh)
        errno = failure
        guard isMade, isDirectory(path) else { throw unusable(path) }
    }

    /// Whether a directory, itself and no link, belongs to the account and is closed to all others.
    static func isPrivateDirectory(_ path: String, owner: uid_t) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
            && information.st_uid == owner && information.st_mode & 0o077 == 0
    }

    static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory.
    static func entries(of path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The absolute form of a path, without its links where it exists.
    static func absolute(_ path: String) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    /// Makes a directory's entries durable.
    static func sync(directory path: String) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }

    static func unusable(_ path: String) -> ClusterError {
        let reason = String(cString: strerror(errno))
        return ClusterError(
            .directoryUnusable, "\(path): \(reason)",
            fix: "name a directory that this account can write with --data-dir")
    }
}
