import TernBackend

/// Where the ranks of a job run, and with how many threads.
package struct JobLayout: Sendable, Equatable, CustomStringConvertible {
  /// A rank's place.
  struct Place: Sendable, Equatable {
    /// The name of the host, and the lowest rank on it: two hosts may have one name.
    var host: String
    var firstOnHost: Int
    /// The processors that the rank may use, by number.
    var processors: Set<Int>
    /// Processors that the host has for all.
    var hostProcessors: Int
    /// How many the control group allows.
    var quota: Int
    /// The number that `TERN_NUM_THREADS` asks for.
    var asked: Int?
  }

  /// How many ranks there are.
  package let ranks: Int
  /// The hosts in the order of their lowest rank, each with its ranks.
  package let hosts: [(name: String, ranks: [Int])]
  /// The threads of each rank.
  package let threads: [Int]
  /// One line where ranks are bound to fewer processors than they could have, else `nil`.
  package let warning: String?

  init(_ places: [Place]) {
    ranks = places.count
    let groups = Dictionary(grouping: places.indices) { places[$0].firstOnHost }.sorted { $0.key < $1.key }
    hosts = groups.map { (places[$0.key].host, $0.value) }
    var threads = [Int](repeating: 1, count: places.count)
    var warning: String?
    for (_, members) in groups {
      var users: [Int: Int] = [:]
      for rank in members { for processor in places[rank].processors { users[processor, default: 0] += 1 } }
      for rank in members {
        let place = places[rank]
        let share = place.processors.reduce(0) { $0 + 1 / Double(users[$1]!) }
        let quota = Double(place.quota) / Double(members.count)
        threads[rank] = place.asked ?? max(1, Int(min(share, quota) + 1e-9))
      }
      let place = places[members[0]]
      let fair = place.hostProcessors / members.count
      if warning == nil, fair >= 2, place.asked == nil, members.allSatisfy({ places[$0].processors.count == 1 }) {
        warning =
          "each rank is bound to one of the \(place.hostProcessors) processors of \(place.host): "
          + "mpirun --map-by slot:PE=\(fair) gives each \(fair)"
      }
    }
    (self.threads, self.warning) = (threads, warning)
  }

  /// The ranks on the host of a rank, itself among them.
  package func ranksOnHost(of rank: Int) -> [Int] { hosts.first { $0.ranks.contains(rank) }?.ranks ?? [rank] }

  /// `4 ranks on 2 hosts (node1: 0, 1; node2: 2, 3), 8 threads each`
  package var description: String {
    let places = hosts.map { "\($0.name): \(Self.runs($0.ranks))" }.joined(separator: "; ")
    let counts = Set(threads).count == 1 ? "\(threads[0])" : threads.map(String.init).joined(separator: ", ")
    let each = Set(threads).count == 1 ? ranks == 1 ? "" : " each" : " by rank"
    let unit = counts == "1" ? "thread" : "threads"
    return "\(ranks) \(ranks == 1 ? "rank" : "ranks") on \(hosts.count) \(hosts.count == 1 ? "host" : "hosts") "
      + "(\(places)), \(counts) \(unit)\(each)"
  }

  /// `0–3, 8`
  private static func runs(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
      .joined(separator: ", ")
  }

  /// Whether all is equal.
  package static func == (a: JobLayout, b: JobLayout) -> Bool {
    a.description == b.description && a.warning == b.warning
  }
}

extension JobLayout.Place {
  /// As numbers, all ranks' equally many: what is gathered.
  var encoded: [UInt8] {
    let mask = (0..<Self.processorLimit / 8).map { byte in
      (0..<8).reduce(UInt8(0)) { $0 | (processors.contains(byte * 8 + $1) ? 1 << $1 : 0) }
    }
    return [firstOnHost, hostProcessors, quota, asked ?? 0].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    } + mask + Array(host.utf8)
  }

  init(encoded bytes: [UInt8]) {
    let numbers = (0..<4).map { n in (0..<8).reduce(0) { $0 | Int(bytes[n * 8 + $1]) << ($1 * 8) } }
    let mask = bytes[32..<32 + Self.processorLimit / 8]
    processors = Set((0..<Self.processorLimit).filter { mask[32 + $0 / 8] >> UInt8($0 % 8) & 1 == 1 })
    (firstOnHost, hostProcessors, quota) = (numbers[0], numbers[1], numbers[2])
    asked = numbers[3] == 0 ? nil : numbers[3]
    host = String(decoding: bytes[(32 + Self.processorLimit / 8)...], as: UTF8.self)
  }

  /// Processors that are told apart.
  static let processorLimit = 4096
}
