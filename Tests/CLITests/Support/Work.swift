import Foundation
import Testing

/// Keys and manifests in files, made with the program itself.
struct Work {
    let folder: Folder
    /// DIDs by the name of the key file.
    private(set) var dids: [String: String] = [:]

    init(keys: [String]) throws {
        folder = try Folder()
        for key in keys { try add(key) }
    }

    /// Makes a key.
    mutating func add(_ name: String) throws {
        let run = try Program.run(["did", "new", "--out", key(name)])
        #expect(run.status == 0, "\(run.err)")
        dids[name] = run.out.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func key(_ name: String) -> String { folder("\(name).jwk") }

    func did(_ name: String) throws -> String { try #require(dids[name]) }

    /// A manifest of these contributors; a party that is no key's name stands as it is.
    func manifest(_ parties: [(name: String, role: String, weight: String)], id: String = "urn:test:work") throws
        -> String
    {
        let contributors = parties.map { party in
            #"{"id":"\#(dids[party.name] ?? party.name)","role":"\#(party.role)","weight":\#(party.weight)}"#
        }
        let list = contributors.joined(separator: ",")
        return #"{"version":"0.3.0","id":"\#(id)","title":"A work","contributors":[\#(list)]}"#
    }

    /// Signs a manifest into a file, and returns the file's path.
    func sign(_ manifest: String, by name: String, file: String = "signed.json") throws -> String {
        let run = try Program.run(["fair", "sign", "-", "--key", key(name)], input: manifest)
        #expect(run.status == 0, "\(run.err)")
        return try folder.write(file, run.out)
    }
}
