import ChildProcesses
import Foundation
import Testing

/// `ops/setup` where there is no toolchain, with a download, a signature check and an installer that the test fakes.
@Suite("Setup installs a verified toolchain, or nothing")
struct SetupTests {
    private let home = FileManager.default.temporaryDirectory.appending(path: "setup-\(UUID().uuidString)")

    private func write(_ name: String, _ script: String) throws {
        let file = home.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(("#!/bin/bash\n" + script).utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    /// - Parameters:
    ///   - curl: what the download ends with; 6 is "could not resolve host".
    ///   - gpg: what the check of the signature ends with.
    private func setup(curl: Int, gpg: Int) throws -> ChildProcess.Outcome {
        try write("bin/swift", "echo 'Swift version 5.10 (swift-5.10-RELEASE)'")
        try write("bin/dpkg-query", "shift 2; for name; do echo \"ii  $name\"; done")
        for name in ["initdb", "psql"] { try write("bin/\(name)", "exit 0") }
        try write("bin/sudo", "echo 'sudo was called' >&2; exit 1")
        try write("bin/apt-get", "echo 'apt-get was called' >&2; exit 1")
        try write("bin/gpg", "[[ $* == *--verify* ]] && exit \(gpg); exit 0")
        try write(
            "swiftly",
            """
            echo "swiftly $*" >>"$HOME/calls"
            kept=$HOME/.local/share/swiftly
            case $1 in
            init) mkdir -p "$kept/bin" && cp "$0" "$kept/bin/swiftly" ;;
            install)
                mkdir -p "$kept/toolchains/$2/usr/bin"
                printf '#!/bin/bash\\necho "Swift version %s"\\n' "$2" >"$kept/toolchains/$2/usr/bin/swift"
                chmod +x "$kept/toolchains/$2/usr/bin/swift" ;;
            esac
            """)
        try write(
            "bin/curl",
            """
            while (($#)); do case $1 in --output) file=$2; shift ;; esac; url=$1; shift; done
            echo "$url" >>"$HOME/downloads"
            [[ \(curl) == 0 ]] || exit \(curl)
            if [[ $url == *.tar.gz ]]; then tar -czf "$file" -C "$HOME" swiftly; else echo x >"$file"; fi
            """)
        return try ChildProcess.run(
            ["bash", Project.root.appending(path: "ops/setup").path, "run"],
            environment: [
                "PATH": home.appending(path: "bin").path + ":/usr/bin:/bin", "HOME": home.path,
                "MJN_STATE": home.appending(path: "state").path,
            ])
    }

    private func read(_ name: String) -> String? {
        try? String(contentsOf: home.appending(path: name), encoding: .utf8)
    }

    @Test("a good signature: the installer runs, and the toolchain is where make finds it")
    func goodSignature() throws {
        defer { try? FileManager.default.removeItem(at: home) }
        let result = try setup(curl: 0, gpg: 0)
        #expect(result.status == 0, "\(result.errors)")
        #expect(read("calls")?.contains("swiftly install 6.3.1 --assume-yes") == true)
        let expected = home.appending(path: ".local/share/swiftly/toolchains/6.3.1/usr/bin").path
        #expect(read("state/toolchain") == expected + "\n")
        #expect(read("downloads")?.split(separator: "\n").allSatisfy { $0.hasPrefix("https://") } == true)
    }

    @Test("a bad signature: nothing is unpacked, nothing of the download runs, and it says so")
    func badSignature() throws {
        defer { try? FileManager.default.removeItem(at: home) }
        let result = try setup(curl: 0, gpg: 1)
        #expect(result.status == 1)
        #expect(result.errors.contains("nothing was installed or run"))
        #expect(read("calls") == nil)
        #expect(read("state/toolchain") == nil)
    }

    @Test("no network: it says what it wanted, from where, and what to do without")
    func offline() throws {
        defer { try? FileManager.default.removeItem(at: home) }
        let result = try setup(curl: 6, gpg: 0)
        #expect(result.status == 1)
        #expect(result.errors.contains("could not download https://download.swift.org/"))
        #expect(result.errors.contains("put it on PATH"))
        #expect(!result.errors.contains("was called"))
    }
}
