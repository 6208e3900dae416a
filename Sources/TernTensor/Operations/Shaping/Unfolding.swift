import TernBackend

/// Extent, distance, border and step of the patches of images, as (height, width).
public struct PatchGeometry: Sendable {
  let kernel: [Int], dilation: [Int], padding: [Int], stride: [Int]

  /// Patches of one size at even distances.
  ///
  /// - Parameters:
  ///   - kernel: how high and wide a patch is.
  ///   - dilation: from one element of a patch to the next.
  ///   - padding: rows and columns of zeros on either side.
  ///   - stride: from one patch to the next.
  public init(
    kernel: (Int, Int), dilation: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0), stride: (Int, Int) = (1, 1),
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.kernel = [kernel.0, kernel.1]
    self.dilation = [dilation.0, dilation.1]
    self.padding = [padding.0, padding.1]
    self.stride = [stride.0, stride.1]
    check(
      (self.kernel + self.dilation + self.stride).allSatisfy { $0 > 0 } && self.padding.allSatisfy { $0 >= 0 },
      "patches", "kernel \(kernel), dilation \(dilation), padding \(padding), stride \(stride) out of range")
    Sizes.check(self.kernel + self.dilation + self.padding + self.stride, "patches", "an extent or distance of")
  }

  /// Patches of one size at even distances, each a number for both axes or an array of two: `PatchGeometry(kernel: 3)`.
  ///
  /// - Parameters:
  ///   - kernel: The size of a patch.
  ///   - dilation: The distance of neighbors in a patch.
  ///   - padding: Zeros around the image.
  ///   - stride: The distance of neighboring patches.
  public init(
    kernel: some PairConvertible, dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func both(_ pair: Pair) -> (Int, Int) { (pair.vertical, pair.horizontal) }
    self.init(
      kernel: both(kernel.pair), dilation: both(dilation.pair), padding: both(padding.pair), stride: both(stride.pair),
      file: file, line: line)
  }

  /// How many patches fit along the two axes.
  func counts(_ extents: [Int], _ operation: String) -> [Int] {
    let counts = (0..<2).map { axis in
      let reach = Sizes.product([dilation[axis], kernel[axis] - 1], operation, "the reach of a patch")
      let span = extents[axis] + 2 * padding[axis] - reach - 1
      return span < 0 ? 0 : span / stride[axis] + 1
    }
    check(counts.allSatisfy { $0 > 0 }, operation, "no patch of \(kernel) fits into \(extents)")
    return counts
  }

  /// For every element of a patch and every patch, its position in the padded plane.
  func positions(_ extents: [Int], _ counts: [Int]) -> Tensor<Int> {
    let width = extents[1] + 2 * padding[1]
    return Tensor<Int>(shape: kernel + counts) { out in
      var i = 0
      for u in 0..<kernel[0] {
        for v in 0..<kernel[1] {
          for y in 0..<counts[0] {
            for x in 0..<counts[1] {
              out[i] = (y * stride[0] + u * dilation[0]) * width + x * stride[1] + v * dilation[1]
              i += 1
            }
          }
        }
      }
    }.reshaped([-1])
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The patches of images as columns: [N, C, H, W] to [N, C·kH·kW, L], or without N; L patches in row-major order.
  ///
  /// Gradient: ``folded(into:_:file:line:)`` of dL/dy.
  public func unfolded(_ patches: PatchGeometry, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 3 { return expandedAxis(at: 0).unfolded(patches).squeezed(0) }
    check(rank == 4, "unfolded", "\(shape) is not [N, C, H, W]")
    let extents = [shape[2], shape[3]]
    let counts = patches.counts(extents, "unfolded")
    let wide = extents.indices.map { extents[$0] + 2 * patches.padding[$0] }
    check(
      Layout.holds([shape[0], shape[1]] + wide), "unfolded",
      "padding \(patches.padding) around \(shape) is more than a tensor can hold (2⁴⁸)")
    let plane = patches.padding == [0, 0] ? self : padded(patches.padding.map { ($0, $0) })
    return plane.reshaped([shape[0], shape[1], plane.shape[2] * plane.shape[3]])
      .taking(patches.positions(extents, counts), along: 2)
      .reshaped([shape[0], shape[1] * patches.kernel[0] * patches.kernel[1], counts[0] * counts[1]])
  }

  /// Columns put back as patches of images, added where they overlap: [N, C·kH·kW, L] to [N, C, H, W], or without N.
  ///
  /// Gradient: ``unfolded(_:file:line:)`` of dL/dy. Stops when the number of columns is not that of the patches.
  /// - Parameter size: H and W.
  public func folded(into size: (Int, Int), _ patches: PatchGeometry, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 2 { return expandedAxis(at: 0).folded(into: size, patches).squeezed(0) }
    check(rank == 3, "folded", "\(shape) is not [N, C·kH·kW, L]")
    Sizes.check([size.0, size.1], "folded", "an extent of")
    check(size.0 >= 0 && size.1 >= 0, "folded", "images of \(size)")
    let counts = patches.counts([size.0, size.1], "folded")
    let elements = Sizes.product(patches.kernel, "folded", "the elements of a patch")
    let columns = Sizes.product(counts, "folded", "the patches of an image")
    check(
      shape[1] % elements == 0 && shape[2] == columns, "folded",
      "\(shape) for images \(size): \(columns) columns of C·\(elements) are wanted")
    let (h, w) = (size.0 + 2 * patches.padding[0], size.1 + 2 * patches.padding[1])
    let channels = shape[1] / elements
    check(
      Layout.holds([shape[0], channels, h, w]), "folded",
      "images \(size) with padding \(patches.padding) are more than a tensor can hold (2⁴⁸)")
    let planes = Tensor(zeros: [shape[0], channels, h * w])
      .adding(
        reshaped([shape[0], channels, elements * columns]), at: patches.positions([size.0, size.1], counts), along: 2)
    return planes.reshaped([shape[0], channels, h, w])
      .padded(patches.padding.map { (-$0, -$0) })
  }
}
