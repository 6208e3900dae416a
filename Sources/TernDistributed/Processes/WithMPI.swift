import Foundation
import Synchronization
import TernBackend

private let hasBegun = Atomic<Bool>(false)

/// Calls `body` with this process as a rank of the job that `mpirun` or `srun` started, and waits at the end for the others.
/// Alone, and in a program that was not started by any of them, `body` runs with ``SoleProcess``.
///
/// ```swift
/// try withMPI { communicator in
///   let total = try communicator.sum(Double(communicator.rank))
///   if communicator.isRoot { print(total) }
/// }
/// ```
///
/// An error that `body` throws is written with the rank's number, and ends the processes of all ranks with status 1: nobody
/// waits for a rank that has gone. Rank 0 writes a line with ranks, hosts and threads; every rank works with the threads of
/// its share of the host's processors, unless `TERN_NUM_THREADS` says another number. Copies that were started as ranks but
/// do not see each other (the launcher of another MPI, a build without the trait `MPI`) end with one line and status 78.
/// Stops where it is called twice.
public func withMPI<R>(
  file: StaticString = #fileID, line: UInt = #line, _ body: (any Communicator) throws -> R
) throws -> R {
  guard let launch = LaunchEnvironment.current, launch.asksForMPI else { return try body(SoleProcess()) }
  guard MPICommunicator.isBuilt else {
    if let complaint = launch.complaint(seen: 1, library: nil) { launch.stop(complaint) }
    return try body(SoleProcess())
  }
  RunningScope.enter(file, line)
  let isSecond = hasBegun.exchange(true, ordering: .relaxed)
  check(!isSecond, "withMPI", "called twice; MPI begins once in a process", file: file, line: line)
  RunningScope.leave()
  let communicator: MPICommunicator
  do {
    communicator = try MPICommunicator.start()
  } catch {
    ProcessSettings.stop("\(error)")
  }
  if let complaint = launch.complaint(seen: communicator.count, library: communicator.library) {
    launch.stop(complaint)
  }
  let layout = communicator.layout
  if !ProcessSettings.asksForThreads { Workers.count = layout.threads[communicator.rank] }
  if communicator.isRoot {
    let warning = layout.warning.map { "\n\($0)" } ?? ""
    FileHandle.standardError.write(Data("\(layout), \(communicator.library)\(warning)\n".utf8))
  }
  do {
    let result = try body(communicator)
    try communicator.finish()
    return result
  } catch {
    communicator.abort(error)
    throw error
  }
}
