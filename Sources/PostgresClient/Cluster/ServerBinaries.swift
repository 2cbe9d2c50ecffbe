import Glibc

/// Where the server's programs are.
struct ServerBinaries {
    let directory: String
    let majorVersion: Int?

    var initdb: String { directory + "/initdb" }
    var postgres: String { directory + "/postgres" }

    private static let versioned = "/usr/lib/postgresql"

    /// Finds the programs: of the wanted major version where the cluster has one already, else the highest below
    /// `/usr/lib/postgresql`, else what the PATH has.
    static func find(majorVersion wanted: Int?) throws(ClusterError) -> ServerBinaries {
        let versions = Files.entries(of: versioned).compactMap(Int.init).sorted(by: >)
        let candidates = versions.map { ServerBinaries(directory: "\(versioned)/\($0)/bin", majorVersion: $0) }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let onPath = path.split(separator: ":").map { ServerBinaries(directory: String($0), majorVersion: nil) }
        let complete = (candidates + onPath).filter {
            access($0.initdb, X_OK) == 0 && access($0.postgres, X_OK) == 0
        }
        guard let wanted else {
            guard let first = complete.first else {
                throw ClusterError(
                    .binariesMissing, "no Postgres server is installed", fix: "apt-get install postgresql")
            }
            return first
        }
        if let exact = complete.first(where: { $0.majorVersion == wanted }) { return exact }
        if let unknown = complete.first(where: { $0.majorVersion == nil }) { return unknown }
        throw ClusterError(
            .versionMismatch, "the data was made by Postgres \(wanted), which is not installed",
            fix: "apt-get install postgresql-\(wanted), or move the data with pg_upgrade")
    }
}
