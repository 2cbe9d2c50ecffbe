import ChildProcesses
import Glibc

/// The account that Postgres runs as: our own, or `postgres` when we are root, which Postgres refuses to run as.
struct ServerAccount {
    static let name = "postgres"

    let user: uid_t
    let group: gid_t
    let userName: String
    /// What is put before a command to run it as the account.
    let prefix: [String]

    var isOther: Bool { !prefix.isEmpty }

    static func current() throws(ClusterError) -> ServerAccount {
        guard geteuid() == 0 else {
            let own = getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
            guard let own else {
                throw ClusterError(
                    .accountMissing, "user \(geteuid()) has no name, which Postgres needs to recognise it",
                    fix: "add the user to /etc/passwd, or set DATABASE_URL")
            }
            return ServerAccount(user: geteuid(), group: getegid(), userName: own, prefix: [])
        }
        guard let entry = getpwnam(name) else {
            throw ClusterError(
                .accountMissing, "running as root, and there is no account \"\(name)\"",
                fix: "apt-get install postgresql, or run as another user")
        }
        let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        let places: [String] = ["/usr/bin/setpriv", "/bin/setpriv"]
        guard let setpriv = places.first(where: { access($0, X_OK) == 0 }) else {
            throw ClusterError(
                .accountMissing, "running as root, and setpriv is missing", fix: "apt-get install util-linux")
        }
        return ServerAccount(
            user: user, group: group, userName: name,
            prefix: [setpriv, "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--inh-caps=-all"])
    }

    /// Whether the account can enter a directory, tried by entering it as that account.
    func canEnter(_ path: String) throws(ClusterError) -> Bool {
        guard isOther else { return access(path, X_OK) == 0 }
        let test = try ClusterServer.run(prefix + ["/usr/bin/test", "-x", path], directory: "/")
        return test.exitStatus(withinSeconds: 10) == 0
    }
}
