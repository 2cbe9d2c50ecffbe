import Cryptography
import Foundation

/// The key files: who can read them, and whether they are keys.
enum KeyChecks {
    static func all(dataDirectory: String) -> [Check] {
        let folder = dataDirectory + "/keys"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        var paths = names.filter { $0.hasSuffix(".jwk") }.map { folder + "/" + $0 }
        for setting in ["MJN_NODE_KEY", "MJN_RELAY_KEY"] {
            let named = ProcessInfo.processInfo.environment[setting] ?? ""
            if !named.isEmpty, !paths.contains(named) { paths.append(named) }
        }
        guard !paths.isEmpty else { return [.ok("keys", "none yet in \(folder): mjn up makes them")] }
        return paths.map(check)
    }

    private static func check(_ path: String) -> Check {
        let name = "key " + URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        do throws(CLIFailure) {
            let key = try KeyFile.readPrivate(path)
            return .ok(name, DID(publicKey: key.publicKey).string)
        } catch {
            return .fail(name, error.message, fix: error.fix ?? "put the key back from its copy")
        }
    }
}
