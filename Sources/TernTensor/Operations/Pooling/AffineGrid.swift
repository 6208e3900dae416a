import TernBackend

/// The grid of an affine map for ``gridSample(_:at:mode:padding:alignsCorners:file:line:)``: θ · (x, y, 1) at every pixel.
///
/// The coordinates of pixel i are (2i + 1)/W − 1, or with `alignsCorners` 2i/(W − 1) − 1, which is 0 where W is 1.
///
/// - Parameters:
///   - theta: [batch, 2, 3] for images, [batch, 3, 4] for volumes.
///   - size: the extents of the images to sample: [height, width] or [depth, height, width].
/// - Returns: [batch, height, width, 2] or [batch, depth, height, width, 3].
public func affineGrid<Scalar: FloatingScalar>(
  _ theta: Tensor<Scalar>, size: [Int], alignsCorners: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let rank = size.count
  check(rank == 2 || rank == 3, "affineGrid", "size \(size) is neither that of images nor of volumes")
  check(
    theta.rank == 3 && Array(theta.shape.dropFirst()) == [rank, rank + 1], "affineGrid",
    "theta \(theta.shape) is not [batch, \(rank), \(rank + 1)]")
  check(!size.contains { $0 < 1 }, "affineGrid", "a grid of \(extents(size))")
  Sizes.check(size, "affineGrid", "a grid of")
  requireImages(theta.shape.prefix(1) + size + [rank + 1], "affineGrid")
  // Positions [points, rank + 1], the last axis first, then 1.
  let lines: [Tensor<Scalar>] = size.indices.reversed().map { axis in
    let extent = size[axis]
    let coordinates = (0..<extent).map { i -> Scalar in
      if alignsCorners { return extent == 1 ? 0 : Scalar(Double(2 * i) / Double(extent - 1) - 1) }
      return Scalar(Double(2 * i + 1) / Double(extent) - 1)
    }
    var shape = size.map { _ in 1 }
    shape[axis] = extent
    return Tensor(coordinates, shape: shape).broadcast(to: size)
  }
  let points = stack(lines + [Tensor(ones: size)], along: -1).reshaped(-1, rank + 1)
  return matmul(points, theta.transposed(1, 2)).reshaped(theta.shape.prefix(1) + size + [rank])
}
