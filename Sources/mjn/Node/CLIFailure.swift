/// Why a command failed, for the person who typed it.
struct CLIFailure: Error {
    let message: String
    /// What to do about it.
    let fix: String?
    let exitCode: Int32

    init(_ message: String, fix: String? = nil, exitCode: Int32 = ExitStatus.failed) {
        self.message = message
        self.fix = fix
        self.exitCode = exitCode
    }
}

/// The exit codes, after sysexits(3) where it has one.
enum ExitStatus {
    /// Failed, or the artefact that was checked is invalid.
    static let failed: Int32 = 1
    /// The command line makes no sense.
    static let usage: Int32 = 64
    /// An input file or value is not what it should be.
    static let badInput: Int32 = 65
    /// A database or service does not answer.
    static let unavailable: Int32 = 69
    /// The book does not add up.
    static let integrity: Int32 = 70
    /// Try again.
    static let busy: Int32 = 75
    /// This node does not allow it.
    static let notPermitted: Int32 = 77
}
