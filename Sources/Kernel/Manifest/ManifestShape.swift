import Cryptography

/// Which of the written forms a manifest has.
public enum ManifestShape: String, Hashable, Sendable, CaseIterable {
    /// The protocol's own: `version: "0.3.0"`, `contributors[].id/role/weight`.
    case v0_3 = "0.3.0"
    /// `fair: "1.0"`, `attribution[].did/role/share`, `owner`.
    case v1_0 = "1.0"
    /// `fair: "1.1"`, as 1.0 with lists per right.
    case v1_1 = "1.1"

    /// The member that lists who takes part.
    var listName: String { self == .v0_3 ? "contributors" : "attribution" }

    /// The shape that `fair`, else `version`, names.
    /// - Throws: `manifest_malformed` for an unknown one, or when members of two shapes contradict each other.
    init(_ object: JSONValue) throws(ManifestError) {
        guard let fair = object["fair"] else {
            guard object["version"]?.string == Self.v0_3.rawValue else {
                throw .malformed("neither fair nor version names a known shape: 0.3.0, 1.0 or 1.1")
            }
            self = .v0_3
            guard object["attribution"] == nil else {
                throw .malformed("contributors of 0.3.0 and attribution of 1.0 contradict each other")
            }
            return
        }
        switch fair.string {
        case Self.v1_0.rawValue: self = .v1_0
        case Self.v1_1.rawValue: self = .v1_1
        default: throw .malformed("fair is neither 1.0 nor 1.1")
        }
        // `version` is the author's own in 1.0, so that only the name of another shape contradicts.
        if let version = object["version"] {
            guard let text = version.string else { throw .malformed("version is not a string") }
            guard text == rawValue || ManifestShape(rawValue: text) == nil else {
                throw .malformed("fair says \(rawValue) and version says \(text)")
            }
        }
        guard object["contributors"] == nil else {
            throw .malformed("contributors of 0.3.0 and attribution of \(rawValue) contradict each other")
        }
    }
}
