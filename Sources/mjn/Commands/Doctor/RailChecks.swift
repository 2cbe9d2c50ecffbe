import Kernel
import Settlement

/// The rails: which are on, and what the others lack. A rail that is off is nothing to repair.
enum RailChecks {
    static func all() -> [Check] {
        guard let settings = try? NodeSettings().rails, let rails = try? NodeRails.open(settings) else { return [] }
        let on = rails.on.map { Check.ok("rail \($0.name)", "on") }
        return on
            + rails.notes.map { note in
                let isHalf = note.name == "rail \(RailName.stripe)" && settings.stripe.isBegun
                return isHalf
                    ? .warn(note.name, "off: \(note.reason)", fix: "see: mjn doctor --config")
                    : .ok(note.name, "off: \(note.reason)")
            }
    }
}
