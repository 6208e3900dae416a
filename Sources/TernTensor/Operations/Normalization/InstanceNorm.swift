import TernBackend

/// Instance normalization: every channel of every example gets mean 0 and variance 1, then a scale and a shift a channel.
///
/// y = γ·(x − μ)/√(σ² + ε) + β with μ and σ² (biased) over the positions of one channel of one example; gradients go
/// through both. With given statistics it is ``batchNorm(_:mean:variance:scale:shift:epsilon:adding:activation:file:line:)``.
/// Source: Ulyanov, Vedaldi & Lempitsky 2016, "Instance normalization: the missing ingredient for fast stylization".
///
/// - Parameters:
///   - x: [N, C, ..].
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
/// - Returns: y of the shape of x; μ and σ² (biased), [N, C] each, as constants; and the number n of positions. Running
///   statistics take the averages over the examples, of σ²·n/(n − 1) for the variance.
///
/// Stops for one position, whose variance says nothing, and where γ or β is not [C].
public func instanceNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil, epsilon: Scalar = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> (output: Tensor<Scalar>, mean: Tensor<Scalar>, variance: Tensor<Scalar>, count: Int) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let channels = checkChannels(x, [("scale", scale), ("shift", shift)], "instanceNorm")
  let n = x.shape[0]
  let count = Layout.product(Array(x.shape[2...]))
  check(count != 1, "instanceNorm", "one value per channel of an example (\(x.shape)): its variance says nothing")
  func repeated(_ tensor: Tensor<Scalar>?) -> Tensor<Scalar>? {
    tensor?.broadcast(to: [n, channels]).reshaped(n * channels)
  }
  let (output, statistics) = normalizedOverChannels(
    "instanceNorm", x.reshaped(1, n * channels, count), scale: repeated(scale), shift: repeated(shift),
    epsilon: epsilon)
  return (
    output.reshaped(x.shape), statistics.mean.reshaped(n, channels), statistics.variance.reshaped(n, channels), count
  )
}
