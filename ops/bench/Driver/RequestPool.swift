/// Finished HTTP requests, one after the other in one block of memory, each to be sent once.
final class RequestPool {
    /// What the requests of one run may take; a pool that is full ends the run earlier, never the machine's memory.
    static let byteCountMax = 256 << 20

    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []
    /// Settlements in each request: 1, or the size of a batch.
    let settlementsPerRequest: Int

    init(settlementsPerRequest: Int = 1) { self.settlementsPerRequest = settlementsPerRequest }

    var count: Int { ends.count }
    var isFull: Bool { bytes.count >= Self.byteCountMax }

    func append(_ request: [UInt8]) {
        bytes.append(contentsOf: request)
        ends.append(bytes.count)
    }

    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
}
