import Tern

/// Test accuracies of the same network, learned by another implementation from seeds of its own.
package struct SigmoidReference {
  private struct Run {
    var isNormalized: Bool
    var rate: Double
    var deviation: Double
    var accuracies: [(step: Int, accuracy: Double)]
  }

  private let runs: [Run]

  /// The reference in or beside the data folder; `nil` where there is none.
  ///
  /// - Throws: `DataError` where its file is wrong.
  package init?(_ context: ExperimentContext) throws(DataError) {
    guard let folder = context.reference("bn_mnist", holding: "table.json") else { return nil }
    try self.init(file: folder + "/table.json")
  }

  /// The reference in a file.
  ///
  /// - Throws: `DataError` where it cannot be read or is wrong.
  package init(file: String) throws(DataError) {
    let table = try JSON(parsing: FileIO.read(file), file: file)["table"]?.array
    let runs = table?.compactMap { entry -> Run? in
      guard case .bool(let isNormalized) = entry["bn"], let rate = entry["lr"]?.double,
        let deviation = entry["std"]?.double, let members = entry["test_acc"]?.members
      else { return nil }
      let accuracies = members.compactMap { member -> (step: Int, accuracy: Double)? in
        guard let step = Int(member.key), let accuracy = member.value.double else { return nil }
        return (step, accuracy)
      }
      return Run(
        isNormalized: isNormalized, rate: rate, deviation: deviation,
        accuracies: accuracies.sorted { $0.step < $1.step })
    }
    guard let runs, !runs.isEmpty, runs.count == table?.count else {
      throw DataError(
        .malformed, file: file, "no table of trainings",
        expected: "\"table\": [{\"bn\", \"lr\", \"std\", \"test_acc\"}, …]")
    }
    self.runs = runs
  }

  /// The curves of every seed.
  package func curves(isNormalized: Bool, rate: Double = 0.1, deviation: Double = 0.1) -> [[ChartPoint]] {
    runs.filter { $0.isNormalized == isNormalized && $0.rate == rate && $0.deviation == deviation }.map { run in
      run.accuracies.map { ChartPoint(Double($0.step), $0.accuracy) }
    }
  }

  /// The mean accuracy of the seeds after a number of steps.
  package func accuracy(
    isNormalized: Bool, rate: Double = 0.1, deviation: Double = 0.1, at step: Int
  ) -> Double? {
    let found = curves(isNormalized: isNormalized, rate: rate, deviation: deviation).flatMap { points in
      points.filter { $0.x == Double(step) }.map(\.y)
    }
    return found.isEmpty ? nil : Spread(found).mean
  }
}
