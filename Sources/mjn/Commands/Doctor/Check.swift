import Cryptography

/// What the doctor found about one thing.
struct Check: Sendable {
    /// How it stands.
    enum State: String, Sendable { case ok, warn, fail }

    let name: String
    let state: State
    let detail: String
    /// What to do.
    let fix: String?

    static func ok(_ name: String, _ detail: String) -> Check {
        Check(name: name, state: .ok, detail: detail, fix: nil)
    }

    static func warn(_ name: String, _ detail: String, fix: String) -> Check {
        Check(name: name, state: .warn, detail: detail, fix: fix)
    }

    static func fail(_ name: String, _ detail: String, fix: String) -> Check {
        Check(name: name, state: .fail, detail: detail, fix: fix)
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("name", name)
        json.field("state", state.rawValue)
        json.field("detail", detail)
        json.field("fix", fix)
        json.endObject()
    }

    func lines(_ style: Style) -> [String] {
        let mark =
            switch state {
            case .ok: style.green("✓ ok  ")
            case .warn: style.yellow("! warn")
            case .fail: style.red("✗ fail")
            }
        let padding = String(repeating: " ", count: max(1, 16 - name.count))
        let line = "\(mark)  \(name)\(padding)\(detail)"
        return [line] + (fix.map { [String(repeating: " ", count: 24) + style.bold("→ ") + $0] } ?? [])
    }
}
