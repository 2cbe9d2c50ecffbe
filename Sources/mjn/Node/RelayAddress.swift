import Foundation

/// Which relay's log a node follows.
enum RelayAddress: Hashable, Sendable {
    /// None: identities stay as the copy has them, and a DID without a chain is its own key.
    case off
    /// That of the same node's registry, where it runs.
    case ownRegistry
    /// The operator's choice, without a slash at its end.
    case address(String)

    /// Reads the setting. Nil for what is no address: `http` or `https`, without user, query and fragment.
    init?(_ text: String) {
        switch text {
        case "": self = .ownRegistry
        case "off": self = .off
        default:
            guard let url = URLComponents(string: text), url.scheme == "http" || url.scheme == "https",
                url.host?.isEmpty == false, url.user == nil, url.query == nil, url.fragment == nil
            else { return nil }
            self = .address(text.hasSuffix("/") ? String(text.dropLast()) : text)
        }
    }
}
