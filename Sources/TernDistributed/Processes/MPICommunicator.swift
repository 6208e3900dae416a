internal import CTernMPI
import Foundation
import Synchronization
import TernBackend

/// A rank of the job that `mpirun` or `srun` started: what ``withMPI(file:line:_:)`` hands out.
package final class MPICommunicator: TransportCommunicator, @unchecked Sendable {
  private let mpi: MPITransport
  /// Where the ranks run.
  package let layout: JobLayout
  /// What MPI calls itself.
  package let library: String

  /// Whether this build has MPI: the package's trait.
  package static var isBuilt: Bool { tern_mpi_is_built() }

  /// Begins MPI on a thread of its own; throws what MPI says.
  static func start() throws(CommunicationError) -> MPICommunicator {
    let queue = CommunicationQueue(name: "MPI")
    let begun = Begun()
    try queue.start { () throws(CommunicationError) in
      var message = [CChar](repeating: 0, count: Int(TERN_MPI_MESSAGE))
      if tern_mpi_start(&begun.job, &message) != 0 { throw .transport(MPITransport.text(message)) }
    }.wait()
    return try MPICommunicator(begun.job, queue)
  }

  private final class Begun: @unchecked Sendable { var job = tern_mpi_job() }

  private init(_ job: tern_mpi_job, _ queue: CommunicationQueue) throws(CommunicationError) {
    let transport = MPITransport(rank: Int(job.rank), count: Int(job.count), limits: .environment)
    mpi = transport
    // `Open MPI v4.1.4`, `MPICH Version:	4.0.2`
    library = withUnsafeBytes(of: job.library) { Self.text($0) }.replacingOccurrences(of: " Version:\t", with: " ")
      .replacingOccurrences(of: " v", with: " ")
    let host = withUnsafeBytes(of: job.host) { Self.text($0) }
    var mask = [UInt8](repeating: 0, count: JobLayout.Place.processorLimit / 8)
    tern_mpi_processors(&mask, Int32(mask.count))
    let place = JobLayout.Place(
      host: host, firstOnHost: Int(job.host_root),
      processors: Set((0..<mask.count * 8).filter { mask[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }),
      hostProcessors: max(1, ProcessInfo.processInfo.processorCount), quota: Workers.available,
      asked: ProcessSettings.asksForThreads ? Workers.count : nil)
    // The ranks tell each other before there is a communicator.
    let gathering = GatheringCommunicator(transport, queue: queue, usesOneThread: true)
    layout = JobLayout(try gathering.allGather(place.encoded, name: "the start of the job").map(JobLayout.Place.init))
    super.init(transport, queue: queue, usesOneThread: true)
    Self.current.withLock { $0 = self }
    tern_mpi_watch_exit { status in MPICommunicator.current.withLock { $0 }?.noteExit(status) }
  }

  /// The one of this process.
  private static let current = Mutex<MPICommunicator?>(nil)

  /// The program ends this process alone: says so, and does not end well, so that the launcher ends the others.
  private func noteExit(_ status: Int32) {
    write("\(name) exits with status \(status), without the others")
    _exit(status == 0 ? 1 : status)
  }

  /// `rank 1 in step 120`
  private var name: String { "rank \(rank)\(step.map { " in step \($0)" } ?? "")" }

  private func write(_ line: String) {
    fflush(nil)
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// Writes the rank and the reason and ends all processes with status 1.
  package override func abort(_ reason: any Error) {
    // What ranks say of each other has their numbers.
    write(reason is CommunicationError ? "\(reason)" : "\(name): \(reason)")
    mpi.isAborting.store(true, ordering: .relaxed)
    let ended = queue.start { () throws(CommunicationError) in tern_mpi_abort(1) }
    for _ in 0..<200 where !ended.isDone { usleep(10_000) }
    // MPI hangs: mpirun ends the others when this process is gone.
    _exit(1)
  }

  override func noteFailure(_ error: CommunicationError) {
    if case .timedOut = error { endJob(error) }
  }

  /// On the MPI thread itself.
  private func endJob(_ error: CommunicationError) {
    write("\(error)")
    tern_mpi_abort(1)
    _exit(1)
  }

  /// Waits for all ranks and ends MPI.
  func finish() throws(CommunicationError) {
    try barrier(name: "the end of the job")
    defer { Self.current.withLock { $0 = nil } }
    try queue.start { () throws(CommunicationError) in tern_mpi_finish() }.wait()
    queue.close()
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// For what ranks say before the job has a layout.
private final class GatheringCommunicator: TransportCommunicator, @unchecked Sendable {
  package override func abort(_: any Error) { _exit(1) }
}
