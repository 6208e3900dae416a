import TernBackend

/// Channels spread out as pixels: [..., C·r², H, W] to [..., C, H·r, W·r], with
/// y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w].
///
/// Stops where r² does not divide the channels.
public func pixelShuffle<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, upscaleFactor r: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(r >= 1, "pixelShuffle", "an upscale factor of \(r)")
  check(x.rank >= 3, "pixelShuffle", "input \(x.shape) is not [..., channels, height, width]")
  let lead = x.rank - 3
  let (front, c, h, w) = (Array(x.shape[..<lead]), x.shape[lead], x.shape[lead + 1], x.shape[lead + 2])
  Sizes.check(r, "pixelShuffle", "an upscale factor of")
  let square = Sizes.product([r, r], "pixelShuffle", "the square of an upscale factor")
  check(c % square == 0, "pixelShuffle", "input \(x.shape) has \(c) channels, which \(r)² does not divide")
  let order = Array(0..<lead) + [0, 3, 1, 4, 2].map { $0 + lead }
  return x.reshaped(front + [c / square, r, r, h, w]).permuted(order).reshaped(front + [c / square, h * r, w * r])
}

/// Pixels gathered as channels: [..., C, H·r, W·r] to [..., C·r², H, W], the inverse of ``pixelShuffle(_:upscaleFactor:file:line:)``.
///
/// Stops where r does not divide height and width.
public func pixelUnshuffle<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, downscaleFactor r: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(r >= 1, "pixelUnshuffle", "a downscale factor of \(r)")
  Sizes.check(r, "pixelUnshuffle", "a downscale factor of")
  check(x.rank >= 3, "pixelUnshuffle", "input \(x.shape) is not [..., channels, height, width]")
  let lead = x.rank - 3
  let (front, c, h, w) = (Array(x.shape[..<lead]), x.shape[lead], x.shape[lead + 1], x.shape[lead + 2])
  check(
    h % r == 0 && w % r == 0, "pixelUnshuffle", "input \(x.shape) has images of \(h)×\(w), which \(r) does not divide")
  let order = Array(0..<lead) + [0, 2, 4, 1, 3].map { $0 + lead }
  return x.reshaped(front + [c, h / r, r, w / r, r]).permuted(order).reshaped(front + [c * r * r, h / r, w / r])
}

/// Channels of groups dealt out in turn: [N, C, ..] read as [N, groups, C/groups, ..] with the two axes exchanged.
///
/// Stops where the groups do not divide the channels. Source: Zhang et al. 2018, "ShuffleNet".
public func channelShuffle<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, groups: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(x.rank >= 2, "channelShuffle", "input \(x.shape) is not [N, C, ..]")
  check(
    groups >= 1 && x.shape[1] % groups == 0, "channelShuffle",
    "\(groups) groups of \(x.shape[1]) channels of \(x.shape)")
  return x.unflattened(1, to: [groups, x.shape[1] / groups]).transposed(1, 2).flattened(from: 1, to: 2)
}
