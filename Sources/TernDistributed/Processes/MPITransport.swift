internal import CTernMPI
import Foundation
import Synchronization

/// Carries bytes between processes over MPI; only the thread that began MPI calls it.
final class MPITransport: Transport {
  let rank: Int
  let count: Int
  private let limits: WaitLimits
  /// Bytes of a chunk: with less than 64 KB both MPIs send at once over TCP, without asking the receiver first. A sum of 26 MB
  /// over 1 Gbit/s took 470 ms in one message and 290 ms so.
  private let chunk: Int64
  /// Set once the job is over: who waits gives up.
  let isAborting = Atomic<Bool>(false)

  init(rank: Int, count: Int, limits: WaitLimits, chunk: Int64 = 64_000) {
    (self.rank, self.count, self.limits, self.chunk) = (rank, count, limits, chunk)
  }

  func exchange(
    _ own: UnsafeRawBufferPointer, to receiver: Int, _ others: UnsafeMutableRawBufferPointer, from sender: Int,
    _ place: WaitPlace
  ) throws(CommunicationError) {
    var message = [CChar](repeating: 0, count: Int(TERN_MPI_MESSAGE))
    guard
      let transfer = tern_mpi_begin(
        own.baseAddress, Int64(own.count), Int32(receiver), others.baseAddress, Int64(others.count), Int32(sender),
        chunk,
        &message)
    else { throw .transport("\(place.waiting(for: sender)): \(Self.text(message))") }
    var wait = Wait(limits, place, peer: others.isEmpty ? receiver : sender, isSending: others.isEmpty)
    var (looks, idle) = (0, 0)
    while true {
      switch tern_mpi_test(transfer, &message) {
      case 0: idle += 1
      case 2: idle = min(idle + 1, 200)
      case 1: return
      case -2: throw .disagreement("\(place.waiting(for: sender)), but \(Self.text(message))")
      default: throw .transport("\(wait.description): \(Self.text(message))")
      }
      if isAborting.load(ordering: .relaxed) { throw .transport("the job ends") }
      // Neither MPI goes on by itself between the calls: at first often, so that short messages are quick, then with short
      // sleeps, which leave the processor to the computation. Who waits for a slow rank looks seldom: a look costs some 10 µs.
      tern_mpi_nap(idle < 50 ? 0 : idle < 200 ? 20 : idle < 1000 ? 50 : 500)
      looks += 1
      if looks % 16 == 0 {
        try wait.check()
        // The launcher ends the ranks that are left when one is gone.
        if SaveSignal.received == SIGTERM { wait.noteEnd() }
      }
    }
  }

  /// A C string.
  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
