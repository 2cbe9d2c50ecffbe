import Synchronization

/// Counters, gauges and histograms by name and labels, written in Prometheus' text format (version 0.0.4).
///
/// Make each instrument once and keep it: making takes a lock, using one does not.
public final class MetricsRegistry: Sendable {
    /// The label sets of one name; past it, further ones share the set in which every value is `other`, so that a
    /// caller's choice of label values cannot fill the memory.
    public static let labelSetsMax = 2_000

    enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case computed(@Sendable () -> Int64)
    }

    struct Family: Sendable {
        let help: String
        let type: String
        var series: [(labels: [(name: String, value: String)], instrument: Instrument)] = []
        var index: [String: Int] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    /// An empty registry.
    public init() {}

    /// The counter of this name and these labels.
    ///
    /// - Precondition: the name is not another kind of instrument's.
    public func counter(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> Counter {
        let found = instrument(name, help, "counter", labels) { .counter(Counter()) }
        guard case .counter(let counter) = found else { preconditionFailure("\(name) is not a counter") }
        return counter
    }

    /// The gauge of this name and these labels.
    ///
    /// - Precondition: the name is not another kind of instrument's.
    public func gauge(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> Gauge {
        let found = instrument(name, help, "gauge", labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = found else { preconditionFailure("\(name) is not a gauge") }
        return gauge
    }

    /// The histogram of this name and these labels, in seconds.
    ///
    /// - Precondition: the name is not another kind of instrument's.
    public func histogram(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = [],
        boundsMicroseconds: [Int64] = Histogram.requestBounds
    ) -> Histogram {
        let found = instrument(name, help, "histogram", labels) {
            .histogram(Histogram(boundsMicroseconds: boundsMicroseconds))
        }
        guard case .histogram(let histogram) = found else { preconditionFailure("\(name) is not a histogram") }
        return histogram
    }

    /// A gauge whose number is asked for when it is read; `read` must not block.
    public func gauge(
        _ name: String, _ help: String, labels: [(name: String, value: String)] = [],
        read: @escaping @Sendable () -> Int64
    ) {
        _ = instrument(name, help, "gauge", labels) { .computed(read) }
    }

    private func instrument(
        _ name: String, _ help: String, _ type: String, _ labels: [(name: String, value: String)],
        _ make: () -> Instrument
    ) -> Instrument {
        families.withLock { families in
            var family = families[name] ?? Family(help: help, type: type)
            precondition(family.type == type, "\(name) is a \(family.type)")
            var labels = labels
            var key = MetricsText.labels(labels)
            if family.index[key] == nil, family.series.count >= Self.labelSetsMax {
                labels = labels.map { ($0.name, "other") }
                key = MetricsText.labels(labels)
            }
            if let index = family.index[key] { return family.series[index].instrument }
            let instrument = make()
            family.index[key] = family.series.count
            family.series.append((labels, instrument))
            families[name] = family
            return instrument
        }
    }

    /// The page that Prometheus reads.
    public func render() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            MetricsText.write(name, family, to: &text)
        }
        return text
    }
}
