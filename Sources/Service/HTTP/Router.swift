/// Finds the route for a method and a path. Built once from the route table; matching allocates only for parameters.
package struct Router: Sendable {
    /// What stands at one path.
    struct Place: Sendable {
        let template: String
        var routes: [Method: Int] = [:]

        /// The methods for `Allow`, sorted.
        var allow: String {
            var methods = Set(routes.keys)
            if methods.contains(.get) { methods.insert(.head) }
            return methods.map(\.rawValue).sorted().joined(separator: ", ")
        }
    }

    enum Segment: Sendable, Equatable {
        case literal([UInt8])
        case parameter(String)
    }

    struct Template: Sendable {
        let segments: [Segment]
        let place: Int
    }

    package enum Match {
        case route(Int, parameters: [(name: String, value: Range<Int>)])
        case methodNotAllowed(allow: String)
        case notFound
    }

    private var places: [Place] = []
    private var fixed: [String: Int] = [:]
    private var templates: [Template] = []

    /// Throws `ServiceSetupError` when two routes answer the same requests or a template is not well-formed.
    package init(_ routes: [Route]) throws(ServiceSetupError) {
        for (index, route) in routes.enumerated() {
            let segments = try Self.segments(of: route.path)
            let shape = segments.map { if case .literal(let text) = $0 { text } else { [UInt8(ascii: "{")] } }
            var place = places.count
            for (other, candidate) in places.enumerated() where Self.shape(of: candidate.template) == shape {
                guard candidate.template == route.path else {
                    throw ServiceSetupError("\(route.path) and \(candidate.template) match the same paths")
                }
                place = other
            }
            if place == places.count {
                places.append(Place(template: route.path))
                if segments.contains(where: { if case .parameter = $0 { true } else { false } }) {
                    templates.append(Template(segments: segments, place: place))
                } else {
                    fixed[route.path] = place
                }
            }
            guard places[place].routes.updateValue(index, forKey: route.method) == nil else {
                throw ServiceSetupError("\(route.method.rawValue) \(route.path) is registered twice")
            }
        }
    }

    /// Matches the path as sent, without its query. `HEAD` matches `GET`.
    package func match(_ method: Method?, path: String) -> Match {
        if let place = fixed[path] { return pick(method, place, []) }
        var path = path
        return path.withUTF8 { bytes in
            for template in templates {
                if let values = Self.values(of: template, in: bytes) { return pick(method, template.place, values) }
            }
            return .notFound
        }
    }

    private func pick(_ method: Method?, _ place: Int, _ values: [(name: String, value: Range<Int>)]) -> Match {
        let routes = places[place].routes
        if let method {
            if let route = routes[method] { return .route(route, parameters: values) }
            if method == .head, let route = routes[.get] { return .route(route, parameters: values) }
        }
        return .methodNotAllowed(allow: places[place].allow)
    }

    private static func values(
        of template: Template, in bytes: UnsafeBufferPointer<UInt8>
    ) -> [(name: String, value: Range<Int>)]? {
        var values: [(name: String, value: Range<Int>)] = []
        var start = 0
        for segment in template.segments {
            guard start < bytes.count, bytes[start] == UInt8(ascii: "/") else { return nil }
            var end = start + 1
            while end < bytes.count, bytes[end] != UInt8(ascii: "/") { end += 1 }
            switch segment {
            case .literal(let text): guard bytes[(start + 1)..<end].elementsEqual(text) else { return nil }
            case .parameter(let name):
                guard end > start + 1 else { return nil }
                values.append((name, (start + 1)..<end))
            }
            start = end
        }
        return start == bytes.count ? values : nil
    }

    private static func shape(of template: String) -> [[UInt8]] {
        template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") ? [UInt8(ascii: "{")] : Array($0.utf8) }
    }

    static func segments(of template: String) throws(ServiceSetupError) -> [Segment] {
        guard template.hasPrefix("/") else { throw ServiceSetupError("\(template) does not begin with /") }
        var segments: [Segment] = []
        for part in template.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 {
                segments.append(.parameter(String(part.dropFirst().dropLast())))
            } else {
                let isPlain = part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"): true
                    default: false
                    }
                }
                guard isPlain else { throw ServiceSetupError("\(template) is not a path template") }
                segments.append(.literal(Array(part.utf8)))
            }
        }
        return segments
    }
}

/// A mistake in a service's route table or configuration, found before it listens.
public struct ServiceSetupError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
