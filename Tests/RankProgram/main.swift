// A rank for the tests that start mpirun: `RankProgram MODE` sums, trains, fails, hangs or ends as the mode says.
import Foundation
import TernDistributed

struct Refused: Error, CustomStringConvertible { var description = "no such file" }

/// Writes a line at once: `print` writes its end by itself, and MPICH's mpirun then mixes the lines of several ranks.
func printLine(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Prints the sums, gatherings, broadcasts and exchanges of this rank that are wrong.
func checkAll(_ communicator: any Communicator) throws {
  let (rank, count) = (communicator.rank, communicator.count)
  let total = count * (count + 1) / 2
  var wrong: [String] = []
  for length in [1, 3, 1000, 40_001, 3_000_000] {
    var floats = (0..<length).map { Float(($0 % 1000) * (rank + 1)) }
    try communicator.sum(&floats)
    if !floats.indices.allSatisfy({ floats[$0] == Float(($0 % 1000) * total) }) { wrong.append("sum of \(length)") }
  }
  let gathered = try communicator.allGather([Int](repeating: rank, count: rank))
  if gathered != (0..<count).map({ [Int](repeating: $0, count: $0) }) { wrong.append("gathering") }
  var word = [Double(rank)]
  try communicator.broadcast(&word, from: count - 1)
  if word != [Double(count - 1)] { wrong.append("broadcast") }
  let peer = rank ^ 1
  if peer < count, try communicator.exchange([rank, rank], with: peer) != [peer, peer] { wrong.append("exchange") }
  let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1_000_000)
  defer { memory.deallocate() }
  memory.initialize(repeating: 1)
  let pending = communicator.startSum(memory, name: "bucket 0")
  if try communicator.sum(1) != count { wrong.append("sum during another") }
  try pending.wait()
  if !memory.allSatisfy({ $0 == Float(count) }) { wrong.append("started sum") }
  printLine("rank \(rank) of \(count): \(wrong.isEmpty ? "all right" : wrong.joined(separator: ", "))")
}

/// Microseconds of sums of several lengths.
func measure(_ communicator: any Communicator) throws {
  for length in [1, 256, 65_536, 1_000_000, 6_553_600] {
    var values = [Float](repeating: 1, count: length)
    let turns = length > 100_000 ? 10 : 200
    try communicator.sum(&values)
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<turns { try communicator.sum(&values) }
    let time = Double(DispatchTime.now().uptimeNanoseconds - start) / Double(turns) / 1000
    if communicator.isRoot { print("\(length * 4) bytes: \(Int(time)) µs") }
  }
}

let mode = CommandLine.arguments.dropFirst().first ?? "check"
let isStopped = try withMPI { communicator in
  let isSecond = communicator.rank == 1
  communicator.step = 120
  switch mode {
  case "check": try checkAll(communicator)
  case "measure": try measure(communicator)
  case "train": try train(communicator)
  case "steps":
    let pairs = CommandLine.arguments.dropFirst(2).map { $0.split(separator: "=").map(String.init) }
    try measureSteps(
      communicator, Dictionary(pairs.map { ($0[0], $0.last ?? "") }, uniquingKeysWith: { _, last in last }))
  case "throw": if isSecond { throw Refused() } else { try communicator.barrier(name: "bucket 3 (conv1)") }
  case "exit": if isSecond { exit(3) } else { try communicator.barrier(name: "bucket 3 (conv1)") }
  case "leave": if isSecond { exit(0) } else { try communicator.barrier(name: "bucket 3 (conv1)") }
  case "die":
    if isSecond { kill(getpid(), SIGKILL) }
    try communicator.barrier(name: "bucket 3 (conv1)")
  case "hang":
    if isSecond { kill(getpid(), SIGSTOP) }
    var values = [Float](repeating: 1, count: 100_000)
    try communicator.sum(&values, name: "bucket 3 (conv1)")
  case "endless":
    var values = [Float](repeating: 0, count: 1_000_000)
    while true { try communicator.sum(&values, name: "bucket 3 (conv1)") }
  case "lengths", "long-lengths":
    var values = [Double](repeating: 1, count: (mode == "lengths" ? 10 : 1_000_000) + communicator.rank)
    try communicator.sum(&values, name: "bucket 3 (conv1)")
  case "signal":
    SaveSignal.watch()
    for step in 0..<10_000 {
      communicator.step = step
      if step == 10, isSecond { kill(getpid(), SIGUSR1) }
      if try communicator.sum(SaveSignal.received == nil ? 0 : 1) > 0 { return true }
    }
  default: throw Refused()
  }
  return false
}
exit(isStopped ? SaveSignal.exitStatus : 0)
