import TernBackend
import TernTensor

/// Values by their rank, found by counting instead of sorting: two passes over all values, on all threads.
enum OrderStatistics {
  /// The most values that are all looked at; of more a sample is.
  static let exactLimit = 1 << 22
  /// How many values of a larger tensor are looked at.
  static let sampleCount = 1 << 20

  /// The percentiles of all values, between two neighbors on the straight line from one to the other; NaN is the greatest.
  static func percentiles<Scalar: FloatingScalar>(of values: Tensor<Scalar>, at percentages: [Double]) -> [Double] {
    let dense = values.layout.isDense ? values : values.contiguous
    return withExtendedLifetime(dense) {
      percentiles(UnsafeBufferPointer(start: dense.pointer, count: dense.count), percentages)
    }
  }

  private static func percentiles<Scalar: FloatingScalar>(
    _ values: UnsafeBufferPointer<Scalar>, _ percentages: [Double]
  ) -> [Double] {
    let places = percentages.map { $0 / 100 * Double(values.count - 1) }
    let ranks = places.flatMap { place in
      let below = min(Int(place), values.count - 1)
      return [below, min(below + 1, values.count - 1)]
    }
    let found = self.values(of: values, at: ranks)
    return places.indices.map { index in
      let (low, high) = (found[2 * index], found[2 * index + 1])
      let fraction = places[index] - Double(ranks[2 * index])
      return fraction == 0 ? low : low + (high - low) * fraction
    }
  }

  /// The values of these ranks, from 0, among all in their order.
  static func values<Scalar: FloatingScalar>(of values: UnsafeBufferPointer<Scalar>, at ranks: [Int]) -> [Double] {
    if let values = UnsafeRawBufferPointer(values).bits(UInt32.self, of: Scalar.self, Float.self) {
      let infinity = Float.infinity.bitPattern
      return keys(values, infinity, ranks).map { key in
        key == .max ? .nan : Double(Float(bitPattern: key >> 31 == 0 ? ~key : key ^ 1 << 31))
      }
    }
    if let values = UnsafeRawBufferPointer(values).bits(UInt64.self, of: Scalar.self, Double.self) {
      let infinity = Double.infinity.bitPattern
      return keys(values, infinity, ranks).map { key in
        key == .max ? .nan : Double(bitPattern: key >> 63 == 0 ? ~key : key ^ 1 << 63)
      }
    }
    let sorted = values.map(\.number).sorted { $1.isNaN ? !$0.isNaN : $0 < $1 }
    return ranks.map { sorted[$0] }
  }

  /// Whole numbers in the order of the floating-point numbers of these bits; NaN is the largest.
  @inline(__always)
  private static func key<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits, _ infinity: Bits) -> Bits {
    let sign: Bits = 1 << Bits(Bits.bitWidth - 1)
    if bits & ~sign > infinity { return .max }
    return bits & sign == 0 ? bits | sign : ~bits
  }

  private static let tableBits = 16

  /// The keys of these ranks.
  @inline(__always)
  private static func keys<Bits: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ values: UnsafeBufferPointer<Bits>, _ infinity: Bits, _ ranks: [Int]
  ) -> [Bits] {
    let shift = Bits(Bits.bitWidth - tableBits)
    if values.count < 4096 {
      let sorted = values.map { key($0, infinity) }.sorted()
      return ranks.map { sorted[$0] }
    }
    // How many values have each beginning, chunk by chunk.
    let chunks = min(max(values.count >> 17, 1), 16)
    func range(_ chunk: Int) -> Range<Int> { chunk * values.count / chunks..<(chunk + 1) * values.count / chunks }
    let tables = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: chunks << tableBits)
    defer { tables.deallocate() }
    nonisolated(unsafe) let (source, counts) = (values, tables)
    Workers.run(chunks: chunks) { chunk in
      let table = counts.baseAddress! + chunk << tableBits
      table.initialize(repeating: 0, count: 1 << tableBits)
      for index in range(chunk) { table[Int(truncatingIfNeeded: key(source[index], infinity) >> shift)] += 1 }
    }
    // Which beginnings the ranks have, and how many values lie below those.
    var below = 0
    var next = 0
    let order = ranks.indices.sorted { ranks[$0] < ranks[$1] }
    var wanted: [(beginning: Int, below: Int, count: Int)] = []
    var group = [Int](repeating: 0, count: ranks.count)
    for beginning in 0..<1 << tableBits where next < order.count {
      let count = (0..<chunks).reduce(0) { $0 + Int(counts[$1 << tableBits + beginning]) }
      if count > 0 && ranks[order[next]] < below + count {
        while next < order.count, ranks[order[next]] < below + count {
          group[order[next]] = wanted.count
          next += 1
        }
        wanted.append((beginning, below, count))
      }
      below += count
    }
    // Their values, of which only the ends differ.
    var numbers = [UInt8](repeating: 0, count: 1 << tableBits)
    for (index, entry) in wanted.enumerated() { numbers[entry.beginning] = UInt8(clamping: index + 1) }
    guard wanted.count < 255 else {
      let sorted = values.map { key($0, infinity) }.sorted()
      return ranks.map { sorted[$0] }
    }
    let places = wanted.map { entry in
      (0..<chunks).reduce(into: [0]) { $0.append($0.last! + Int(counts[$1 << tableBits + entry.beginning])) }
    }
    let found = wanted.map { UnsafeMutableBufferPointer<Bits>.allocate(capacity: $0.count) }
    defer { for buffer in found { buffer.deallocate() } }
    nonisolated(unsafe) let targets = found
    Workers.run(chunks: chunks) { chunk in
      var cursors = places.map { $0[chunk] }
      numbers.withUnsafeBufferPointer { numbers in
        for index in range(chunk) {
          let key = key(source[index], infinity)
          let number = Int(numbers[Int(truncatingIfNeeded: key >> shift)])
          if number == 0 { continue }
          targets[number - 1][cursors[number - 1]] = key
          cursors[number - 1] += 1
        }
      }
    }
    for var buffer in found where buffer.contains(where: { $0 != buffer[0] }) { buffer.sort() }
    return ranks.indices.map { found[group[$0]][ranks[$0] - wanted[group[$0]].below] }
  }
}

extension UnsafeRawBufferPointer {
  /// The bits of scalars where those are of the type `Expected`.
  fileprivate func bits<Bits, Scalar, Expected>(_ bits: Bits.Type, of scalar: Scalar.Type, _ expected: Expected.Type)
    -> UnsafeBufferPointer<Bits>?
  {
    scalar == expected ? bindMemory(to: Bits.self) : nil
  }
}

extension Tensor {
  /// The values in memory order, all of them or, of very many, a sample: cache lines of 16 values, one from each of equal
  /// parts, at places that depend on nothing but the count.
  var sampledForStatistics: Tensor {
    if count <= OrderStatistics.exactLimit { return self }
    let dense = layout.isDense ? self : contiguous
    let (line, parts) = (16, OrderStatistics.sampleCount / 16)
    return Tensor(shape: [line * parts]) { target in
      let source = dense.pointer
      var state: UInt64 = 0x9E37_79B9_7F4A_7C15
      for part in 0..<parts {
        let (start, end) = (part * (count / line) / parts, (part + 1) * (count / line) / parts)
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = start + Int((state >> 32).multipliedFullWidth(by: UInt64(end - start) << 32).high)
        (target + part * line).update(from: source + place * line, count: line)
      }
    }
  }
}
