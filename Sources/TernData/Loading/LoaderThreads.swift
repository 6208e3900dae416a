import Dispatch
import Synchronization

/// The threads of a loader, beside those that operations are spread over: as many as there are workers, and only while
/// there is work.
final class LoaderThreads: Sendable {
  private struct State {
    /// What nobody has begun yet, the first first.
    var jobs: [@Sendable () -> Void] = []
    /// The queues that have nothing to do.
    var idle: [DispatchQueue] = []
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    // Serial queues each have a thread as soon as they need one, whatever the others wait for.
    let queues = (0..<count).map { _ in DispatchQueue(label: "tern.loader", qos: .userInitiated) }
    state = Mutex(State(idle: queues))
  }

  /// Has `job` done by the first worker that is free.
  func run(_ job: @escaping @Sendable () -> Void) {
    let free = state.withLock { state in
      state.jobs.append(job)
      return state.idle.popLast()
    }
    free?.async { self.work(on: free) }
  }

  /// Does what there is to do.
  private func work(on queue: DispatchQueue?) {
    while let job = next(for: queue) { job() }
  }

  private func next(for queue: DispatchQueue?) -> (@Sendable () -> Void)? {
    state.withLock { state in
      if !state.jobs.isEmpty { return state.jobs.removeFirst() }
      if let queue { state.idle.append(queue) }
      return nil
    }
  }
}
