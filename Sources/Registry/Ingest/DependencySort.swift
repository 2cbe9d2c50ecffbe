import Cryptography
import ProofChain

/// The order in which a batch is decided, so that a batch may bring a whole history in any order: by rank, and within
/// identity and content operations every operation after the one that it follows. Otherwise as submitted.
package enum DependencySort {
    /// The indexes of the submissions in the order to decide them.
    package static func order(_ submissions: [Submission]) -> [Int] {
        let byRank = Dictionary(grouping: submissions.indices) { submissions[$0].rank }
        return byRank.sorted { $0.key < $1.key }.flatMap { _, indexes in topological(indexes.sorted(), submissions) }
    }

    /// Kahn's algorithm over the edges that lie within the batch. What stands in a ring, which no honest hashes make,
    /// comes last.
    private static func topological(_ indexes: [Int], _ submissions: [Submission]) -> [Int] {
        var positions: [CID: [Int]] = [:]
        for index in indexes {
            if let cid = submissions[index].operation?.cid { positions[cid, default: []].append(index) }
        }
        var waiting: [Int: Int] = [:]
        var followers: [Int: [Int]] = [:]
        for index in indexes {
            guard let previous = submissions[index].operation?.previousOperationCID,
                let parents = positions[previous]
            else { continue }
            waiting[index] = parents.count
            for parent in parents { followers[parent, default: []].append(index) }
        }
        var order: [Int] = []
        var ready = indexes.filter { waiting[$0] == nil }
        var next = 0
        while next < ready.count {
            let index = ready[next]
            next += 1
            order.append(index)
            for follower in followers[index] ?? [] {
                guard let left = waiting[follower] else { continue }
                waiting[follower] = left == 1 ? nil : left - 1
                if left == 1 { ready.append(follower) }
            }
        }
        return order + indexes.filter { waiting[$0] != nil }
    }
}
