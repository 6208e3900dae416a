import TernBackend
import TernTensor

extension Dataset {
  /// These samples in two parts, drawn at random: `let (train, test) = data.split(0.8, 0.2, seed: 1)`.
  ///
  /// - Parameters:
  ///   - seed: what decides which sample is where.
  ///   - classes: a class of each sample, all of which are in every part as they are in the whole, to one sample.
  ///
  /// Stops for fractions below 0 and for such as do not sum to 1, and where there is not a class for each sample.
  public func split(
    _ first: Double, _ second: Double, seed: UInt64, stratifiedBy classes: [Int]? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (Subset<Self>, Subset<Self>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = parts([first, second], seed, classes, "split")
    return (parts[0], parts[1])
  }

  /// These samples in three parts, drawn at random:
  /// `let (train, validation, test) = data.split(0.8, 0.1, 0.1, seed: 1)`.
  public func split(
    _ first: Double, _ second: Double, _ third: Double, seed: UInt64, stratifiedBy classes: [Int]? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> (Subset<Self>, Subset<Self>, Subset<Self>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = parts([first, second, third], seed, classes, "split")
    return (parts[0], parts[1], parts[2])
  }

  /// These samples in as many parts as there are fractions, drawn at random.
  public func split(
    _ fractions: [Double], seed: UInt64, stratifiedBy classes: [Int]? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> [Subset<Self>] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return parts(fractions, seed, classes, "split")
  }

  /// These samples for cross-validation: drawn at random into `count` parts, each of which validates once while the
  /// others train.
  ///
  /// ```swift
  /// for (train, validation) in data.folds(5, seed: 1) { … }
  /// ```
  ///
  /// The parts' sizes differ by at most one. Stops for fewer than 2 folds or more than there are samples, and where there
  /// is not a class for each sample.
  public func folds(
    _ folds: Int, seed: UInt64, stratifiedBy classes: [Int]? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> [(train: Subset<Self>, validation: Subset<Self>)] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(2...max(2, count) ~= folds, "folds", "\(folds) folds of \(count) samples (2 to \(count))")
    let parts = parts([Double](repeating: 1 / Double(folds), count: folds), seed, classes, "folds")
    return parts.indices.map { place in
      let others = parts.indices.flatMap { $0 == place ? [] : parts[$0].indices }
      return (Subset(self, indices: others), parts[place])
    }
  }

  private func parts(_ fractions: [Double], _ seed: UInt64, _ classes: [Int]?, _ name: String) -> [Subset<Self>] {
    check(!fractions.isEmpty, name, "no fractions")
    check(
      fractions.allSatisfy { $0 >= 0 } && abs(fractions.reduce(0, +) - 1) < 1e-9, name,
      "fractions \(fractions) do not sum to 1")
    if let classes { check(classes.count == count, name, "\(classes.count) classes for \(count) samples") }
    let generator = RandomGenerator(seed: seed)
    let order = generator.permutation(count)
    var parts = [[Int]](repeating: [], count: fractions.count)
    var apportionment = Apportionment(fractions)
    guard let classes else {
      var start = 0
      for (part, size) in apportionment.next(count).enumerated() {
        parts[part] = Array(order[start..<(start + size)])
        start += size
      }
      return parts.map { Subset(self, indices: $0) }
    }
    let groups = Dictionary(grouping: order) { classes[$0] }
    for name in groups.keys.sorted() {
      let members = groups[name] ?? []
      var start = 0
      for (part, size) in apportionment.next(members.count).enumerated() {
        parts[part] += members[start..<(start + size)]
        start += size
      }
    }
    // Class by class until here.
    return parts.map { part in Subset(self, indices: generator.permutation(part.count).map { part[$0] }) }
  }
}

/// Divides one group after another into whole parts: each group to less than one sample, and all of them together as near
/// to the fractions as that allows.
private struct Apportionment {
  private let fractions: [Double]
  /// What each part has too little so far.
  private var owed: [Double]

  init(_ fractions: [Double]) {
    // Their sum is 1 but for rounding.
    let sum = fractions.reduce(0, +)
    self.fractions = fractions.map { $0 / sum }
    owed = [Double](repeating: 0, count: fractions.count)
  }

  /// The sizes of the parts of a group of `count`.
  mutating func next(_ count: Int) -> [Int] {
    var sizes = [Int](repeating: 0, count: fractions.count)
    var fractional: [Int] = []
    for (part, fraction) in fractions.enumerated() {
      let exact = Double(count) * fraction
      // What rounding makes of a whole number is one.
      let isWhole = abs(exact - exact.rounded()) < 1e-12 * max(1, exact)
      sizes[part] = Int(isWhole ? exact.rounded() : exact.rounded(.down))
      owed[part] += exact - Double(sizes[part])
      if !isWhole { fractional.append(part) }
    }
    // To whom most is owed, the first of equals.
    fractional.sort { (-owed[$0], $0) < (-owed[$1], $1) }
    for part in fractional.prefix(max(0, count - sizes.reduce(0, +))) {
      sizes[part] += 1
      owed[part] -= 1
    }
    return sizes
  }
}
