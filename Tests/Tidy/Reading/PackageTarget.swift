import ChildProcesses
import Foundation

/// One target of `Package.swift`, as `swift package dump-package` describes it.
struct PackageTarget: Equatable {
    let name: String
    /// `regular`, `executable`, `test`, `system`, `plugin`.
    let type: String
    /// The folder of its sources, from the project's root.
    let path: String
    /// Names of the targets and products that it depends on.
    let dependencies: [String]

    /// Tests, their support, programs and plugins: nothing in the product stands on them.
    var isFree: Bool { type == "test" || type == "executable" || type == "plugin" || path.hasPrefix("Tests") }

    /// The target whose folder holds the file: the deepest, where folders are nested.
    static func owner(of path: String, in targets: [PackageTarget]) -> PackageTarget? {
        targets.filter { path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    }

    struct DumpError: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks SwiftPM for the package at `root`. A scratch folder of its own keeps it from waiting for the lock that a
    /// running `swift test` holds on `.build`.
    static func dump(root: URL) throws -> [PackageTarget] {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "tidy-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let arguments = ["package", "--package-path", root.path, "--scratch-path", scratch.path, "dump-package"]
        let result = try ChildProcess.run(["swift"] + arguments)
        guard result.status == 0 else { throw DumpError(description: "swift package dump-package: \(result.errors)") }
        return try parse(Data(result.outputBytes))
    }

    static func parse(_ dump: Data) throws -> [PackageTarget] {
        guard let package = try JSONSerialization.jsonObject(with: dump) as? [String: Any],
            let targets = package["targets"] as? [[String: Any]]
        else { throw DumpError(description: "the dump has no list of targets") }
        return try targets.map { target in
            guard let name = target["name"] as? String, let type = target["type"] as? String else {
                throw DumpError(description: "a target in the dump has no name or type")
            }
            // {"byName": ["Kernel", null]}, {"product": ["Logging", "swift-log", …]}, {"target": ["Kernel", null]}
            let dependencies = (target["dependencies"] as? [[String: Any]] ?? []).compactMap { dependency in
                (dependency.values.first as? [Any])?.first as? String
            }
            let folder = type == "test" ? "Tests" : "Sources"
            let path = target["path"] as? String ?? "\(folder)/\(name)"
            return PackageTarget(name: name, type: type, path: path, dependencies: dependencies)
        }
    }
}
