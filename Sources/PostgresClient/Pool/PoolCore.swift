import Synchronization

/// What a pool and its threads share.
final class PoolCore: Sendable {
    /// How precisely the end of a job's patience is kept.
    private static let alarmSeconds = 0.02

    let configuration: PostgresConfiguration
    let size: Int
    let waitTimeoutSeconds: Double
    let queue: BlockingQueue<PoolJob>
    let running = Atomic<Int>(0)
    /// Holds an element while jobs wait.
    private let alarm = BlockingQueue<Bool>(capacity: 1)

    init(configuration: PostgresConfiguration, size: Int, waitingMax: Int, waitTimeoutSeconds: Double) {
        self.configuration = configuration
        self.size = size
        self.waitTimeoutSeconds = waitTimeoutSeconds
        queue = BlockingQueue(capacity: waitingMax)
    }

    /// Queues a job, or refuses it.
    func submit(_ job: PoolJob) {
        guard queue.offer(job) else {
            let error =
                queue.isClosed
                ? PostgresError(.closed, "the pool is closed")
                : PostgresError(.poolExhausted, "too many jobs wait for a connection")
            return job.refuse(error)
        }
        if running.load(ordering: .sequentiallyConsistent) >= size { _ = alarm.offer(true) }
    }

    /// Counts a worker that took a job. Jobs that it left behind have to wait, and are watched.
    func began() {
        running.wrappingAdd(1, ordering: .sequentiallyConsistent)
        if queue.count > 0 { _ = alarm.offer(true) }
    }

    func ended() { running.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

    /// Ends jobs whose patience is over, as long as the pool lives.
    func endOverdueJobs() {
        while alarm.take(upTo: 1) != nil {
            while queue.count > 0 {
                for job in queue.remove(where: \.waitDeadline.hasPassed) {
                    job.refuse(PostgresError(.poolExhausted, "no connection came free in time"))
                }
                guard alarm.take(upTo: 1, timeoutSeconds: Self.alarmSeconds) != nil else { break }
            }
        }
    }

    /// Takes no more jobs, and ends those that wait.
    func close() {
        queue.close()
        for job in queue.remove(where: { _ in true }) { job.refuse(PostgresError(.closed, "the pool is closed")) }
        alarm.close()
    }
}
