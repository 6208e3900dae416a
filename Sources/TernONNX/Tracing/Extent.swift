/// A whole number of a traced graph as it depends on the batch N: `fixed` + `perBatch`·N.
struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  let fixed: Int
  let perBatch: Int

  /// The batches that a forward pass is traced with.
  static let batches = [2, 3, 5]

  init(_ fixed: Int, perBatch: Int = 0) { (self.fixed, self.perBatch) = (fixed, perBatch) }
  init(integerLiteral value: Int) { self.init(value) }

  /// The number that has these values for ``batches``; `nil` where none of the form has.
  init?(_ values: [Int]) {
    let slope = values[1] &- values[0]
    let constant = values[0] &- slope &* 2
    guard values[2] == constant &+ slope &* 5 else { return nil }
    self.init(constant, perBatch: slope)
  }

  /// Whether it is the same for every batch.
  var isFixed: Bool { perBatch == 0 }

  /// The value for the first of ``batches``.
  var first: Int { fixed + perBatch * Self.batches[0] }

  var description: String {
    if isFixed { return "\(fixed)" }
    let product = perBatch == 1 ? "N" : "\(perBatch)·N"
    return fixed == 0 ? product : "\(product) + \(fixed)"
  }
}

extension [Extent] {
  /// The numbers of several runs, one list for each of ``Extent/batches``; `nil` where one is not of the form.
  init?(runs: [[Int]]) {
    guard runs.allSatisfy({ $0.count == runs[0].count }) else { return nil }
    var extents: [Extent] = []
    for place in runs[0].indices {
      guard let extent = Extent(runs.map { $0[place] }) else { return nil }
      extents.append(extent)
    }
    self = extents
  }

  /// The numbers where none depends on the batch.
  var fixed: [Int]? { allSatisfy { $0.isFixed } ? map { $0.fixed } : nil }
}
