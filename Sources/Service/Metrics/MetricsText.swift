/// Prometheus' text format.
enum MetricsText {
    static func write(_ name: String, _ family: MetricsRegistry.Family, to text: inout String) {
        text += "# HELP \(name) \(escape(family.help, quotes: false))\n# TYPE \(name) \(family.type)\n"
        for series in family.series {
            switch series.instrument {
            case .counter(let counter): text += "\(name)\(labels(series.labels)) \(counter.value)\n"
            case .gauge(let gauge): text += "\(name)\(labels(series.labels)) \(gauge.value)\n"
            case .computed(let read): text += "\(name)\(labels(series.labels)) \(read())\n"
            case .histogram(let histogram): write(name, series.labels, histogram, to: &text)
            }
        }
    }

    private static func write(
        _ name: String, _ labels: [(name: String, value: String)], _ histogram: Histogram, to text: inout String
    ) {
        let counts = histogram.counts
        var running: Int64 = 0
        for (bound, count) in zip(histogram.boundsMicroseconds, counts) {
            running += count
            text += "\(name)_bucket\(self.labels(labels + [("le", seconds(bound))])) \(running)\n"
        }
        running += counts[counts.count - 1]
        text += "\(name)_bucket\(self.labels(labels + [("le", "+Inf")])) \(running)\n"
        text += "\(name)_sum\(self.labels(labels)) \(seconds(histogram.sumMicroseconds))\n"
        text += "\(name)_count\(self.labels(labels)) \(running)\n"
    }

    static func labels(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    /// Microseconds as decimal seconds, without a float.
    static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        var digits = String(repeating: "0", count: 6 - fraction.count) + fraction
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(microseconds / 1_000_000)" + (digits.isEmpty ? "" : "." + digits)
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
