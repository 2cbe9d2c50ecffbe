extension Manifest {
    /// The names by which a settlement's type asks for 1.0's `distributions`.
    static let distributionsNames = ["distribution", "distributions"]

    /// The list that divides a settlement of one type, compared byte for byte:
    ///
    /// 1. the list of the right that the type names;
    /// 2. `distributions`, where the type is `distribution` or `distributions`;
    /// 3. the contributors, for every other type.
    ///
    /// In the last case `distributions` and `attribution` both claim the settlement. They contradict each other unless
    /// they pay the same parties the same weights in the same order, and then neither is chosen over the other. A list
    /// for another right never contradicts.
    /// - Parameter right: the settlement's type; nil asks like a type that names no right.
    /// - Throws: `manifest_malformed` where the lists contradict each other.
    public func contributors(forRight right: String?) throws(ManifestError) -> [Contributor] {
        if let right {
            if let own = rights.first(where: { $0.name.utf8.elementsEqual(right.utf8) }) {
                return own.contributors
            }
            if let distributions, Manifest.distributionsNames.contains(where: { $0.utf8.elementsEqual(right.utf8) }) {
                return distributions
            }
        }
        if let distributions {
            let agree = distributions.elementsEqual(contributors) { $0.party == $1.party && $0.weight == $1.weight }
            guard agree else {
                throw .malformed(
                    "distributions and \(shape.listName) contradict each other for the type \(right ?? "(none)")")
            }
        }
        return contributors
    }
}
