import Foundation
import TernBackend
import TernTensor

/// How much memory this process may have, and how much of it is left for tensors.
///
/// The machine and a control group count memory that was written to; `ulimit -v` counts addresses, of which a process has many
/// more: code, stacks, and 128 MB for each thread that calls OpenBLAS.
public struct MemoryLimit: Sendable, Hashable {
  /// What sets it.
  public enum Kind: Sendable, Hashable {
    /// The memory of the machine.
    case machine
    /// The control group, that of a container for example.
    case controlGroup
    /// The addresses that the process may have, `ulimit -v`.
    case addresses
    /// ``MemoryPool/maximumBytes``, which the program set.
    case program
  }

  /// What sets it.
  public let kind: Kind
  /// The limit.
  public let bytes: Int
  /// What the process has beside tensors, with what it may need more.
  public let otherBytes: Int
  /// Of ``otherBytes``, what is not taken yet and may never be.
  package private(set) var reserveBytes = 0
  /// How many processes share what ``bytes`` is a part of.
  package private(set) var processes = 1
  /// What is left for tensors.
  public var tensorBytes: Int { max(0, bytes - otherBytes) }

  /// A limit with what of it tensors cannot have.
  ///
  /// - Parameters:
  ///   - kind: What sets it.
  ///   - bytes: The limit.
  ///   - otherBytes: What the process needs beside tensors.
  public init(_ kind: Kind, bytes: Int, otherBytes: Int = 0) {
    (self.kind, self.bytes, self.otherBytes) = (kind, bytes, otherBytes)
  }

  /// The limits that hold for this process now.
  public static var current: [MemoryLimit] {
    // What the pool keeps is there for tensors to come.
    let statistics = MemoryPool.statistics
    let pool = statistics.bytesInUse + statistics.bytesCached
    let (addresses, resident) = ProcessMemory.size
    func made(_ kind: Kind, _ limit: Int, used: Int, _ more: Int = 0) -> MemoryLimit {
      let reserve = limit / 64 + spare + more
      var made = MemoryLimit(kind, bytes: limit, otherBytes: max(0, used - pool) + reserve)
      made.reserveBytes = reserve
      return made
    }
    let machine = MemoryPool.machineBytes
    var limits = [made(machine < physicalBytes ? .controlGroup : .machine, machine, used: resident)]
    var most = rlimit()
    let isLimited = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &most) == 0 && most.rlim_cur < UInt(Int.max)
    let space = isLimited ? Int(most.rlim_cur) : .max
    if isLimited { limits.append(made(.addresses, space, used: addresses, threadAddresses)) }
    let program = MemoryPool.maximumBytes
    if program < min(machine, space) { limits.append(MemoryLimit(.program, bytes: program)) }
    return limits
  }

  /// The part of one of several processes of a host: the machine's memory and the control group's are for all of them.
  package func shared(by processes: Int) -> MemoryLimit {
    guard processes > 1, kind == .machine || kind == .controlGroup else { return self }
    var part = MemoryLimit(kind, bytes: bytes / processes, otherBytes: otherBytes)
    (part.reserveBytes, part.processes) = (reserveBytes, processes)
    return part
  }

  /// What may be taken beside tensors until the end: the graph, histories, and pages of OpenBLAS's buffers that small products do
  /// not touch.
  private static var spare: Int { 24 << 20 + Workers.count * 16 << 20 }

  /// Addresses for a thread that is not there yet, such as that of a loader: its stack, and what malloc reserves for it.
  private static let threadAddresses = 80 << 20

  private static var physicalBytes: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }
}

extension MemoryLimit: CustomStringConvertible {
  /// The limit in words: "the 1024 MB of the control group".
  public var description: String {
    let size = processes > 1 ? "\(bytes >> 20) MB a rank" : "\(bytes >> 20) MB"
    return switch kind {
    case .machine: "the \(size) of the machine"
    case .controlGroup: "the \(size) of the control group"
    case .addresses: "the \(size) of addresses (ulimit -v)"
    case .program: "the \(size) of MemoryPool.maximumBytes"
    }
  }
}

extension MemoryLimit {
  /// Has the pool give back what it keeps before a limit is reached, where that is less than the machine's memory.
  ///
  /// - Parameter processes: how many of a host share its memory.
  package static func keepTensorsWithinRoom(sharedBy processes: Int = 1) {
    let limits = current.map { $0.shared(by: processes) }
    guard let least = limits.filter({ $0.kind != .machine }).map(\.tensorBytes).min() else { return }
    MemoryPool.maximumBytes = min(MemoryPool.maximumBytes, least)
    // Between steps files are made in memory that is not the pool's.
    MemoryPool.limit = min(MemoryPool.limit, least / 4)
  }
}
