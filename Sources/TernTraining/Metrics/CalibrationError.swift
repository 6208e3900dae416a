import TernBackend
import TernCharts
import TernTensor

/// How far confidence is from accuracy: the expected calibration error, 0 to 1; not a number of nothing.
///
/// Elements fall into equal bins by their confidence, the largest probability: bin i of B has (i/B, (i+1)/B], the first 0
/// too. The error is Σ n_b/n |accuracy_b − confidence_b| over the bins (Naeini et al. 2015, Guo et al. 2017). A
/// probability that is not a number makes it so.
public struct CalibrationError: Metric {
  /// How the bins' distances become one number.
  public enum Norm: Sendable, Hashable {
    /// The mean distance, weighted by the bins' elements: ECE.
    case mean
    /// The root of the mean of the squares: RMSCE.
    case rootMeanSquare
    /// The largest distance: MCE.
    case maximum
  }

  /// What fell into a bin.
  public struct Bin: Sendable, Hashable {
    /// How many elements.
    public var count: Int
    /// Their mean confidence.
    public var confidence: Double
    /// The fraction of them that is right.
    public var accuracy: Double
  }

  /// How the bins' distances become one number.
  public let norm: Norm
  /// What the outputs are.
  public let outputs: ClassOutputs
  /// The label of elements that do not count.
  public let ignoredLabel: Int?
  private var counts: [Int]
  private var correct: [Int]
  private var confidences: [CompensatedSum]

  /// Bins of nothing yet.
  ///
  /// - Parameters:
  ///   - bins: how many there are, at least 1.
  ///   - norm: how their distances become one number.
  ///   - outputs: what the outputs are.
  ///   - ignoredLabel: the label of elements that do not count.
  public init(
    bins: Int = 15, norm: Norm = .mean, from outputs: ClassOutputs = .probabilities, ignoredLabel: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(bins >= 1 && bins <= 1 << 24, "CalibrationError", "\(bins) bins, 1 to \(1 << 24) are possible")
    self.norm = norm
    self.outputs = outputs
    self.ignoredLabel = ignoredLabel
    counts = [Int](repeating: 0, count: bins)
    correct = counts
    confidences = [CompensatedSum](repeating: CompensatedSum(), count: bins)
  }

  /// The bins from the lowest confidence up; those without elements have zeros.
  public var bins: [Bin] {
    counts.indices.map {
      let count = Double(max(counts[$0], 1))
      return Bin(
        count: counts[$0], confidence: confidences[$0].value / count, accuracy: Double(correct[$0]) / count)
    }
  }

  /// The error.
  public var value: Double {
    let all = Double(counts.reduce(0, +))
    if all == 0 { return .nan }
    var (mean, squares, largest) = (0.0, 0.0, 0.0)
    for bin in bins where bin.count > 0 {
      let distance = abs(bin.accuracy - bin.confidence)
      mean += distance * (Double(bin.count) / all)
      squares += distance * distance * (Double(bin.count) / all)
      largest = distance > largest || distance.isNaN ? distance : largest
    }
    switch norm {
    case .mean: return mean
    case .rootMeanSquare: return squares.squareRoot()
    case .maximum: return mean.isNaN ? mean : largest
    }
  }

  /// Counts a batch of scores.
  public mutating func update(_ batch: ClassificationBatch) {
    let classes = batch.scoredClasses("CalibrationError")
    var new = self
    batch.forEachProbabilities(classes, from: outputs, ignoring: ignoredLabel, "CalibrationError") { all, label in
      var best = 0
      for index in all.indices where !(all[index] <= all[best]) { best = index }
      let place = (all[best] * Double(counts.count)).rounded(.up) - 1
      let bin = place.isNaN ? 0 : Int(min(max(place, 0), Double(counts.count - 1)))
      new.counts[bin] += 1
      new.correct[bin] += best == label ? 1 : 0
      new.confidences[bin].add(all[best])
    }
    self = new
  }

  /// Forgets what was counted.
  public mutating func reset() {
    self = CalibrationError(bins: counts.count, norm: norm, from: outputs, ignoredLabel: ignoredLabel)
  }

  /// Counts what `other` has counted.
  public mutating func merge(_ other: CalibrationError) {
    check(
      counts.count == other.counts.count, "CalibrationError",
      "\(counts.count) bins cannot be merged with \(other.counts.count)")
    for index in counts.indices {
      counts[index] += other.counts[index]
      correct[index] += other.correct[index]
      confidences[index].add(other.confidences[index])
    }
  }

  /// For each bin how many elements fell in, how many were right, and their confidence.
  public var state: [String: Tensor<Double>] {
    [
      "counts": countTensor(counts), "correct": countTensor(correct),
      "confidences": Tensor(confidences.flatMap(\.parts), shape: [counts.count, 2]),
    ]
  }

  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    let count = counts.count
    let (new, right) = (try state.counts("counts", count: count), try state.counts("correct", count: count))
    if zip(right, new).contains(where: { $0 > $1 }) {
      throw MetricStateError(name: "correct", reason: "has more than \"counts\"")
    }
    let sums = try state.numbers("confidences", count: 2 * count, "a number") { _ in true }
    (counts, correct) = (new, right)
    confidences = (0..<count).map { CompensatedSum(sum: sums[2 * $0], lost: sums[2 * $0 + 1]) }
  }

  /// A reliability diagram: accuracy over confidence, a point a bin, beside the line on which they are equal.
  public func chart(_ title: String = "Reliability") -> Chart {
    let points = bins.filter { $0.count > 0 }.map { ChartPoint($0.confidence, $0.accuracy) }
    let even = [ChartPoint(0, 0), ChartPoint(1, 1)]
    return Chart(
      title, x: ChartAxis("confidence", range: 0...1), y: ChartAxis("accuracy", range: 0...1),
      .line(LineSeries("calibrated", points: even, isDashed: true)),
      .line(LineSeries("model", points: points, hasDots: true)))
  }
}
