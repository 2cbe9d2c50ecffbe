import ChildProcesses
import Foundation

/// The checkout that the tests were built from.
enum Project {
    /// The folder of `Package.swift`, three levels above this folder; links are followed, so that a package which links
    /// to these sources still reads the project itself.
    static let root: URL = {
        var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url
    }()

    /// Every file that git tracks, or would track; without git, every file that is not built or stored by the node.
    static let files: [TextFile] = paths.compactMap { path in
        guard let data = FileManager.default.contents(atPath: root.appending(path: path).path) else { return nil }
        return TextFile(path: path, bytes: Array(data))
    }

    /// The folders whose Swift is the project's own code.
    static let codeFolders = ["Sources", "adapters", "webhooks", "ledger-migrations", "ops", "Tests"]
    /// The folders whose Swift ends up in `mjn`.
    static let productFolders = ["Sources", "adapters", "webhooks", "ledger-migrations"]

    static func swiftFiles(under folders: [String]) -> [TextFile] { files.filter { $0.isSwift && $0.isUnder(folders) } }

    private static var paths: [String] {
        let arguments = [
            "-c", "safe.directory=\(root.path)", "-C", root.path,
            "ls-files", "-z", "--cached", "--others", "--exclude-standard",
        ]
        if let listed = try? ChildProcess.run(["git"] + arguments), listed.status == 0, !listed.outputBytes.isEmpty {
            return listed.outputBytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
        }
        return walked
    }

    private static var walked: [String] {
        let skipped: Set = [".git", ".build", ".mjn", ".swiftpm"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.filter { !skipped.contains($0) }.flatMap { name -> [String] in
            let below = FileManager.default.enumerator(atPath: root.appending(path: name).path)
            return [name] + (below?.compactMap { ($0 as? String).map { "\(name)/\($0)" } } ?? [])
        }
        .filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
        .sorted()
    }
}
