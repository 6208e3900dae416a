import TernBackend

/// Group normalization: the channels of each example in groups, every group with mean 0 and variance 1, then a scale and
/// a shift a channel.
///
/// y = γ·(x − μ)/√(σ² + ε) + β with μ and σ² (biased) over the C/groups channels of a group and all positions of one
/// example; gradients go through both. Source: Wu & He 2018, "Group normalization".
///
/// - Parameters:
///   - x: [N, C] or [N, C, ..].
///   - groups: how many groups; divides C.
///   - scale: γ, [C]; 1 when `nil`.
///   - shift: β, [C]; 0 when `nil`.
///   - epsilon: ε, inside the root.
/// - Returns: y, of the shape of x.
///
/// Stops where the groups do not divide the channels, γ or β is not [C], or each group of all examples together has one
/// value.
public func groupNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, groups: Int, scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  epsilon: Scalar = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let channels = checkChannels(x, [("scale", scale), ("shift", shift)], "groupNorm")
  check(
    groups >= 1 && channels % groups == 0, "groupNorm",
    "\(channels) channels of \(x.shape) do not divide into \(groups) groups")
  check(
    x.count != groups || groups == 0, "groupNorm",
    "one value per group (\(x.shape), \(groups) groups): its variance says nothing")
  Sizes.check(groups, "groupNorm", "a number of groups of")
  let n = x.shape[0]
  let all = Sizes.product([n, groups], "groupNorm", "the groups of all examples")
  let perGroup = channels / groups * Layout.product(Array(x.shape[2...]))
  let limit = withInfiniteScale("groupNorm", x, scale) { x, scale, shifts in
    composedGroupNorm(x, all, perGroup, scale: scale, shift: shifts ? shift : nil, epsilon: epsilon)
  }
  if let limit { return limit }
  if let partition = GroupPartition(x, groups: groups), !OperationObservers.isListening,
    let result = partition.normalized(x, scale: scale, shift: shift, epsilon: epsilon)
  {
    return result
  }
  return composedGroupNorm(x, all, perGroup, scale: scale, shift: shift, epsilon: epsilon)
}

/// Group normalization as that of channels, which the groups of all examples are, and a scale and a shift.
func composedGroupNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ groups: Int, _ perGroup: Int, scale: Tensor<Scalar>?, shift: Tensor<Scalar>?, epsilon: Scalar
) -> Tensor<Scalar> {
  let (output, _) = normalizedOverChannels("groupNorm", x.reshaped(1, groups, perGroup), epsilon: epsilon)
  return channelAffine("groupNorm", output.reshaped(x.shape), scale: scale, shift: shift)
}
