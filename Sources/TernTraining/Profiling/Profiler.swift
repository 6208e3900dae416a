import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Finds out where time and memory go.
///
/// ```swift
/// let profile = Profiler.record(model, optimizer: optimizer) {
///   for batch in loader.prefix(20) {
///     model.zeroGradients()
///     crossEntropy(model(batch.images), batch.labels).backward()
///     optimizer.step()
///   }
/// }
/// print(profile)
/// ```
///
/// What is recorded is the work of the task that calls; the same bits come out as without. Loops over a tensor's elements that are
/// no operation of their own, as in reading a file, are not seen: their time goes to the operation after them.
public enum Profiler {
  /// Profiles what `body` does with a model.
  ///
  /// - Parameters:
  ///   - model: whose parameters and gradients are told apart in memory, and from which the layers' paths are.
  ///   - optimizer: whose memory is told apart.
  ///   - body: a few steps after the first one or two, which take memory that later ones reuse.
  public static func record(
    _ model: some Module, optimizer: (any Optimizer)? = nil, file: StaticString = #fileID, line: UInt = #line,
    _ body: () throws -> Void
  ) rethrows -> Profile {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try record(ProfileRecorder(model, optimizer), body)
  }

  /// Profiles what `body` does; paths are from the outermost layers that run.
  public static func record(
    file: StaticString = #fileID, line: UInt = #line, _ body: () throws -> Void
  ) rethrows -> Profile {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try record(ProfileRecorder(nil, nil), body)
  }

  private static func record(_ recorder: ProfileRecorder, _ body: () throws -> Void) rethrows -> Profile {
    try OperationObservers.with(recorder, body)
    return recorder.profile()
  }
}

/// The steps of a trainer that are profiled.
///
/// ```swift
/// trainer.profiling = ProfiledSteps(10...20) { try $0.write(to: "profile") }
/// ```
public final class ProfiledSteps {
  /// The numbers of the steps, from 1.
  public let steps: ClosedRange<Int>
  /// Takes the profile after the last step, or after the last that was made.
  public let finished: (Profile) throws -> Void
  private var recorder: ProfileRecorder?

  /// Steps to profile.
  ///
  /// - Parameters:
  ///   - steps: their numbers in the whole run, from 1; those that are over are left out.
  ///   - finished: takes the profile after the last of them; what it throws ends the training.
  public init(_ steps: ClosedRange<Int>, finished: @escaping (Profile) throws -> Void) {
    (self.steps, self.finished) = (steps, finished)
  }

  /// Does a part of a step.
  func run<Result>(
    step: Int, _ model: any Module, _ optimizer: any Optimizer, _ body: () throws -> Result
  ) rethrows -> Result {
    if !steps.contains(step) { return try body() }
    let recorder = recorder ?? ProfileRecorder(model, optimizer)
    self.recorder = recorder
    return try OperationObservers.with(recorder, body)
  }

  /// What was done since the last part of a step is no part of one.
  func skip() { recorder?.skip() }

  /// Hands the profile over where no further step belongs to it; returns whether it did.
  func finish(afterStep step: Int, isLast: Bool = false) throws -> Bool {
    guard let recorder, step >= steps.upperBound || isLast else { return false }
    self.recorder = nil
    let profile = recorder.profile()
    // Where the data ends before the first of the steps, only the search for a batch was seen.
    if profile.steps > 0 { try finished(profile) }
    return true
  }
}

/// What the machine can do.
enum MachinePeak {
  /// What was measured, by the number of threads.
  private static let known = Mutex<[Int: Double]>([:])

  /// Operations a second of a matrix product of 1024×1024 with the threads that work together now: the best of some within
  /// a fifth of a second, measured once.
  static var flops: Double {
    let threads = Workers.count
    if let flops = known.withLock({ $0[threads] }) { return flops }
    let flops = measured
    return known.withLock { known in
      known[threads] = max(flops, known[threads] ?? 0)
      return known[threads] ?? flops
    }
  }

  private static var measured: Double {
    let n = 1024
    return OperationObservers.silently {
      withoutGradients {
        let a = Tensor<Float>(full: [n, n], 0.5)
        let product = 2 * Double(n) * Double(n) * Double(n)
        var best = UInt64.max
        let start = ProfileRecorder.now
        repeat {
          let began = ProfileRecorder.now
          _ = matmul(a, a)
          best = min(best, ProfileRecorder.now - began)
        } while ProfileRecorder.now - start < 200_000_000
        return product / (Double(max(best, 1)) * 1e-9)
      }
    }
  }
}
