import TernBackend
import TernTensor

/// Log softmax over many classes in clusters, with its loss, as `torch.nn.AdaptiveLogSoftmaxWithLoss`: of what is rare only the
/// rows that need it are computed.
///
/// Classes are numbered by how often they come. The head has the `cutoffs[0]` most frequent ones and one number for each cluster;
/// cluster i has the classes from `cutoffs[i]` to the next cutoff, by a projection to `features / divisor^(i + 1)` features.
/// ln p of a class in a cluster is that of the cluster and that within it. Source: Grave, Joulin, Cissé, Grangier & Jégou 2016,
/// "Efficient softmax approximation for GPUs".
///
/// ```swift
/// let softmax = AdaptiveLogSoftmax(512, 50_000, cutoffs: [2_000, 10_000])
/// let loss = softmax(Tensor(randomNormal: [32, 512]), Tensor<Int>(zeros: [32])).loss
/// ```
public final class AdaptiveLogSoftmax<Scalar: FloatingScalar>: Module {
  /// The scores of frequent classes and of clusters, [cutoffs[0] + clusters, features].
  public let head: Dense<Scalar>
  /// The scores within each cluster, of two dense layers without biases.
  public let tail: [Sequential<Scalar>]
  /// The first class of each cluster.
  public let cutoffs: [Int]
  /// How many classes there are.
  public let classes: Int
  /// How many times fewer features each cluster has than the one before it.
  public let divisor: Double

  /// Creates a log softmax in clusters.
  ///
  /// Stops for cutoffs that do not rise between 1 and classes − 1, and for a cluster without a feature.
  ///
  /// - Parameters:
  ///   - features: of the input, at least 1.
  ///   - classes: how many there are, the frequent ones first.
  ///   - cutoffs: the first class of each cluster, rising, from 1 to classes − 1.
  ///   - divisor: how many times fewer features each cluster has than the one before it, above 0.
  ///   - headBias: whether the head has a bias.
  public init(
    _ features: Int, _ classes: Int, cutoffs: [Int], divisor: Double = 4, headBias: Bool = false,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "AdaptiveLogSoftmax"
    check(features >= 1 && classes >= 2, name, "\(features) features and \(classes) classes, expected at least 1 and 2")
    check(
      !cutoffs.isEmpty && cutoffs[0] >= 1 && cutoffs[cutoffs.count - 1] < classes
        && zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 < $1 }, name,
      "cutoffs \(cutoffs), expected rising numbers from 1 to \(classes - 1)")
    check(divisor > 0 && divisor.isFinite, name, "a divisor of \(divisor), expected a number above 0")
    let ends = cutoffs + [classes]
    head = Dense(features, cutoffs[0] + cutoffs.count, bias: headBias)
    var size = Double(features)
    tail = cutoffs.indices.map { cluster in
      size = size / divisor
      check(
        size >= 1 && size < 0x1p48, name,
        "cluster \(cluster) has \(size) features of \(features) with the divisor \(divisor), expected at least 1")
      return Sequential([
        Dense(features, Int(size), bias: false), Dense(Int(size), ends[cluster + 1] - ends[cluster], bias: false),
      ])
    }
    (self.cutoffs, self.classes, self.divisor) = (cutoffs, classes, divisor)
  }

  /// Creates a log softmax in clusters, with `Float` values.
  ///
  /// Stops for cutoffs that do not rise between 1 and classes − 1, and for a cluster without a feature.
  ///
  /// - Parameters:
  ///   - features: of the input, at least 1.
  ///   - classes: how many there are, the frequent ones first.
  ///   - cutoffs: the first class of each cluster, rising, from 1 to classes − 1.
  ///   - divisor: how many times fewer features each cluster has than the one before it, above 0.
  ///   - headBias: whether the head has a bias.
  public convenience init(
    _ features: Int, _ classes: Int, cutoffs: [Int], divisor: Double = 4, headBias: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, classes, cutoffs: cutoffs, divisor: divisor, headBias: headBias, fileID: file, line: line)
  }

  /// ln p of each label, [N], and the loss −Σ ln p/N, for inputs [N, features] and labels [N], or [features] and a single one.
  ///
  /// Stops where shapes do not fit and for a label outside 0 ..< classes.
  public func callAsFunction(
    _ input: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> (logProbabilities: Tensor<Scalar>, loss: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkInput(input)
    check(
      labels.shape == Array(input.shape.dropLast()), "AdaptiveLogSoftmax",
      "labels \(labels.shape) for input \(input.shape)")
    if input.rank == 1 {
      let (one, loss) = self(input.expandedAxis(at: 0), labels.expandedAxis(at: 0))
      return (one.squeezed(0), loss)
    }
    let labels = labels.scalars
    var places = labels
    var rows = [[Int]](repeating: [], count: cutoffs.count)
    for (row, label) in labels.enumerated() {
      check(
        label >= 0 && label < classes, "AdaptiveLogSoftmax", "label \(label) of row \(row) outside 0..<\(classes)")
      let cluster = cutoffs.count { $0 <= label } - 1
      guard cluster >= 0 else { continue }
      places[row] = cutoffs[0] + cluster
      rows[cluster].append(row)
    }
    func chosen(_ scores: Tensor<Scalar>, _ indices: [Int]) -> Tensor<Scalar> {
      scores.logSoftmax(along: 1).gathered(Tensor(indices).expandedAxis(at: 1), along: 1).squeezed(1)
    }
    var found = chosen(head(input), places)
    for (cluster, rows) in rows.enumerated() where !rows.isEmpty {
      let index = Tensor<Int>(rows)
      let within = chosen(tail[cluster](input.taking(index, along: 0)), rows.map { labels[$0] - cutoffs[cluster] })
      found = found.adding(within, at: index, along: 0)
    }
    return (found, -found.mean())
  }

  /// ln p of all classes, [N, classes], for inputs [N, features] or [features].
  public func logProbabilities(
    _ input: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkInput(input)
    let first = head(input).logSoftmax(along: -1)
    let clusters = tail.enumerated().map { index, layers in
      layers(input).logSoftmax(along: -1) + first.narrowed(axis: -1, start: cutoffs[0] + index, length: 1)
    }
    return concatenate([first.narrowed(axis: -1, start: 0, length: cutoffs[0])] + clusters, along: -1)
  }

  /// The most probable class, [N], for inputs [N, features] or [features]; clusters are computed for rows that need them alone.
  public func predict(
    _ input: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkInput(input)
    return withoutGradients {
      if input.rank == 1 { return predict(input.expandedAxis(at: 0)).squeezed(0) }
      let best = head(input).argmax(along: 1)
      let rows = best.scalars.enumerated().filter { $0.element >= cutoffs[0] }.map(\.offset)
      if rows.isEmpty { return best }
      let index = Tensor<Int>(rows)
      return best.replacing(
        index, along: 0, with: logProbabilities(input.taking(index, along: 0)).argmax(along: 1))
    }
  }

  private func checkInput(_ input: Tensor<Scalar>) {
    let features = head.weight.shape[1]
    check(
      (1...2).contains(input.rank) && input.shape.last == features, "AdaptiveLogSoftmax",
      "input \(input.shape), expected [N, \(features)] or [\(features)]")
  }
}

extension AdaptiveLogSoftmax: SelfCopying {
  func duplicate() -> any Module {
    AdaptiveLogSoftmax(
      head.weight.shape[1], classes, cutoffs: cutoffs, divisor: divisor, headBias: head.bias != nil)
  }
}
