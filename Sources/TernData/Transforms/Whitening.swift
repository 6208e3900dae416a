import TernBackend
import TernTensor

/// Shifts and turns samples [N, D] so that their features have the mean 0, the variance 1 and no correlation.
///
/// With the directions U [K, D] and the variances λ of the training samples along them, largest first (the divisor is N):
/// PCA whitening is y = (x − μ)·Uᵀ·diag((λ + ε)^-1/2), K features; ZCA whitening turns that back,
/// y = (x − μ)·Uᵀ·diag((λ + ε)^-1/2)·U, D features as near to the given ones as uncorrelated ones can be.
/// ε stands inside the root and keeps directions of small variance from being blown up; with 0 the covariance of the
/// training samples comes out as 1.
///
/// Directions in which the training samples do not vary, beyond what rounding makes of them, are left out. A direction's
/// sign is such that its element of largest size is positive.
///
/// Sources: Bell & Sejnowski 1997, "The 'independent components' of natural scenes are edge filters"; Kessy, Lewin &
/// Strimmer 2018, "Optimal whitening and decorrelation".
public struct Whitening: FittedTransform {
  /// `whitening`.
  public static let name = "whitening"

  /// In which directions the whitened features lie.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// Along the directions of the training samples' variance, the largest first.
    case pca
    /// Along the given features.
    case zca
  }

  /// How many directions are kept.
  public enum Components: Sendable, Hashable {
    /// All in which the samples vary.
    case all
    /// So many, those of the largest variance.
    case count(Int)
    /// The fewest that together have this fraction of the variance, above 0 and at most 1.
    case variance(share: Double)
  }

  /// In which directions the whitened features lie.
  public let method: Method
  /// What is added to the variances inside the root.
  public let epsilon: Double
  /// μ, the mean of each feature [D].
  public let mean: [Double]
  /// λ, the variance along each direction that is kept [K], in descending order.
  public let variances: [Double]
  /// U, the directions as rows of length 1, at right angles to each other [K, D].
  public let directions: Tensor<Double>
  /// The sum of the variances of all features.
  public let totalVariance: Double
  /// From centered to whitened samples, and back.
  private let matrices: (forward: Tensor<Double>, back: Tensor<Double>)

  /// The whitening of `samples` [N, D], also of fewer samples than features.
  ///
  /// The directions come from the singular values of the centered samples in double precision, not from their covariance:
  /// features of very different sizes lose no digits. Stops for an ε that is negative or not finite, for a number of
  /// components below 1 and for a share that is not in 0 < share ≤ 1.
  ///
  /// - Parameters:
  ///   - method: How the whitened values are turned.
  ///   - samples: The samples, [N, D].
  ///   - components: How many directions are kept.
  ///   - epsilon: What is added to the variances.
  /// - Throws: ``FittingError`` where there are no samples, a value is a NaN or an infinity, or the samples vary in fewer
  ///   directions than are asked for.
  /// - Complexity: O(N·D²) for N ≥ D, O(N²·D) for fewer samples.
  public init<Scalar: FloatingScalar>(
    _ method: Method, of samples: Tensor<Scalar>, components: Components = .all, epsilon: Double = 0,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(FittingError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(samples.rank == 2, "Whitening", "samples \(samples.shape) are not of the form [samples, features]")
    check(epsilon >= 0 && epsilon.isFinite, "Whitening", "ε = \(epsilon) (at least 0)")
    let center = try samples.channelMean("Whitening").reshaped([-1])
    let (count, features) = (samples.shape[0], samples.shape[1])
    // R of the centered samples has their singular values and directions; it is found rows by rows.
    var factor = Tensor<Double>(zeros: [0, features])
    for block in samples.blocks(of: max((1 << 20) / features, 4 * features)) {
      factor = concatenate([factor, block.reshaped([-1, features]) - center]).upperFactor()
    }
    func failure(_ reason: FittingError.Reason) -> FittingError {
      FittingError(transform: "Whitening", shape: samples.shape, reason: reason)
    }
    let parts: (u: Tensor<Double>, values: Tensor<Double>, vt: Tensor<Double>)
    do {
      parts = try factor.singularValueDecomposition()
    } catch {
      throw failure(.noDirections(error))
    }
    let values = parts.values.scalars
    let least = (values.first ?? 0) * Double(max(count, features)) * Double.ulpOfOne
    let variances = values.prefix { $0 > least }.map { $0 * $0 / Double(count) }
    let total = variances.reduce(0, +)
    let kept = try Whitening.kept(components, of: variances, total: total, failure)
    self.init(
      method, mean: center.scalars, variances: Array(variances.prefix(kept)),
      directions: Whitening.signed(parts.vt.narrowed(axis: 0, start: 0, length: kept)), totalVariance: total,
      epsilon: epsilon)
  }

  private init(
    _ method: Method, mean: [Double], variances: [Double], directions: Tensor<Double>, totalVariance: Double,
    epsilon: Double
  ) {
    self.method = method
    self.mean = mean
    self.variances = variances
    self.directions = directions
    self.totalVariance = totalVariance
    self.epsilon = epsilon
    let deviations = Tensor(variances.map { ($0 + epsilon).squareRoot() })
    let (forward, back) = (directions.transposed() / deviations, directions * deviations.expandedAxis(at: 1))
    switch method {
    case .pca: matrices = (forward.contiguous, back)
    case .zca:
      func symmetric(_ matrix: Tensor<Double>) -> Tensor<Double> { (matrix + matrix.transposed()) * 0.5 }
      matrices = (symmetric(matmul(forward, directions)), symmetric(matmul(directions.transposed(), back)))
    }
  }

  private static func kept(
    _ components: Components, of variances: [Double], total: Double, _ failure: (FittingError.Reason) -> FittingError
  ) throws(FittingError) -> Int {
    var asked = 1
    switch components {
    case .all: asked = max(variances.count, 1)
    case .count(let count):
      check(count >= 1, "Whitening", "\(count) components (at least 1)")
      asked = count
    case .variance(let share):
      check(share > 0 && share <= 1, "Whitening", "a share of \(share) of the variance (above 0, at most 1)")
      var sum = variances.first ?? 0
      while asked < variances.count, sum < share * total {
        sum += variances[asked]
        asked += 1
      }
    }
    if asked > variances.count { throw failure(.fewDirections(found: variances.count, asked: asked)) }
    return asked
  }

  /// The rows with the sign that makes their element of largest size positive.
  private static func signed(_ rows: Tensor<Double>) -> Tensor<Double> {
    let largest = rows.abs().argmax(along: 1).scalars
    let width = rows.shape[1]
    let values = rows.scalars
    let signs = largest.enumerated().map { values[$0 * width + $1] < 0 ? -1.0 : 1 }
    return rows * Tensor(signs, shape: [signs.count, 1])
  }

  /// W [D, K] or [D, D]: what centered samples are multiplied by.
  public var matrix: Tensor<Double> { matrices.forward }

  /// The fraction of the training samples' variance along the directions that are kept.
  public var keptShare: Double { min(variances.reduce(0, +) / totalVariance, 1) }

  /// `samples` [N, D], whitened: [N, K] by PCA, [N, D] by ZCA; stops where they have another number of features.
  public func callAsFunction<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Scalar> {
    requireFeatures(samples, mean.count)
    return matmul(samples - samples.perChannel(mean), matrices.forward.cast(to: Scalar.self))
  }

  /// The samples [N, D] that are whitened to `transformed`; what lay along a direction left out is the mean there.
  public func inverse<Scalar: FloatingScalar>(_ transformed: Tensor<Scalar>) -> Tensor<Scalar> {
    requireFeatures(transformed, matrices.back.shape[0])
    return matmul(transformed, matrices.back.cast(to: Scalar.self)) + transformed.perChannel(mean)
  }

  private func requireFeatures<Scalar>(_ samples: Tensor<Scalar>, _ count: Int) {
    check(
      samples.rank == 2 && samples.shape[1] == count, "Whitening",
      "samples \(samples.shape) are not [samples, \(count)]")
  }

  /// Whether method and figures are the same.
  public static func == (a: Whitening, b: Whitening) -> Bool {
    a.method == b.method && a.epsilon == b.epsilon && a.mean == b.mean && a.variances == b.variances
      && a.directions == b.directions && a.totalVariance == b.totalVariance
  }

  /// `mean` [D], `variances` [K], `directions` [K, D], `total_variance` and `epsilon`.
  public var figures: [(name: String, array: StoredArray)] {
    [
      ("mean", StoredArray(mean, shape: [mean.count])),
      ("variances", StoredArray(variances, shape: [variances.count])),
      ("directions", StoredArray(directions)),
      ("total_variance", StoredArray([totalVariance], shape: [])),
      ("epsilon", StoredArray([epsilon], shape: [])),
    ]
  }

  /// `method`.
  public var choices: [String: String] { ["method": method.rawValue] }

  /// The whitening of the figures in a file.
  ///
  /// - Parameter file: The file.
  /// - Throws: `DataError` where one is missing or wrong.
  public init(figuresOf file: SafetensorsFile) throws(DataError) {
    guard let method = file.metadata["method"].flatMap(Method.init(rawValue:)) else {
      throw DataError(
        .malformed, file: file.file, "method \"\(file.metadata["method"] ?? "")\"", expected: "\"pca\" or \"zca\"")
    }
    let mean = try file.figures("mean", [nil])
    let variances = try file.figures("variances", [nil])
    let directions = try Tensor(
      file.figures("directions", [variances.count, mean.count]), shape: [variances.count, mean.count])
    let (total, epsilon) = try (file.figures("total_variance", [])[0], file.figures("epsilon", [])[0])
    let angles = matmul(directions, directions.transposed()) - Tensor(eye: variances.count)
    try file.require(
      variances.allSatisfy { $0 > 0 } && total > 0 && epsilon >= 0 && angles.abs().max().item < 1e-6,
      "the figures are of no whitening",
      expected: "variances above 0, ε at least 0 and directions at right angles to each other")
    self.init(
      method, mean: mean, variances: variances, directions: directions, totalVariance: total, epsilon: epsilon)
  }
}
