import TernBackend
import TernTensor

extension NodeCall {
  /// Patches put back together.
  static let folding: [String: GraphOperator] = [
    "Col2Im": { try $0.floating($0.folded, $0.folded) }
  ]

  /// Patches [N, C·Π block, L] summed where they were taken from: [N, C] + image.
  private func folded<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let (image, block) = (try integers(1), try integers(2))
    let axes = image.count
    try require(
      x.rank == 3 && !x.isEmpty && axes >= 1 && axes <= 8 && block.count == axes && image.allSatisfy { $0 >= 1 },
      "patches of shape \(x.shape), blocks \(block) of images \(image)")
    let window = try window(kernel: block, over: image)
    let counts = (0..<axes).map { axis -> Int in
      let padded = image[axis] + window.before[axis] + window.after[axis]
      return padded < window.reach[axis] ? 0 : (padded - window.reach[axis]) / window.strides[axis] + 1
    }
    try allow(block)
    try allow(counts)
    try allow(image)
    let (size, length) = (block.reduce(1, *), counts.reduce(1, *))
    try require(
      !counts.contains(0) && x.shape[1] % size == 0 && x.shape[2] == length,
      "patches of shape \(x.shape) for \(counts) places of blocks \(block)")
    let channels = x.shape[1] / size
    try allow([x.shape[0], channels] + image)
    // Positions of all elements of one channel; those in the padding fall behind the image.
    let pixels = image.reduce(1, *)
    func positions(_ extents: [Int], _ position: (Int, Int) -> Int) -> [[Int]] {
      (0..<axes).map { axis in (0..<extents[axis]).map { position(axis, $0) } }
    }
    let offsets = positions(block) { $1 * window.dilations[$0] - window.before[$0] }
    let starts = positions(counts) { $1 * window.strides[$0] }
    var places: [Int] = []
    places.reserveCapacity(size * length)
    for element in 0..<size {
      for start in 0..<length {
        var (rest, other, place, stride, inside) = (element, start, 0, 1, true)
        for axis in (0..<axes).reversed() {
          let position = offsets[axis][rest % block[axis]] + starts[axis][other % counts[axis]]
          inside = inside && position >= 0 && position < image[axis]
          place += position * stride
          stride *= image[axis]
          rest /= block[axis]
          other /= counts[axis]
        }
        places.append(inside ? place : pixels)
      }
    }
    let rows = x.reshaped([x.shape[0] * channels, size * length]).transposed()
    let sums = Tensor<Scalar>(zeros: [pixels + 1, x.shape[0] * channels])
      .reducing(rows, at: Tensor(places), along: 0, by: .sum)
    return ONNXTensor(
      sums.narrowed(axis: 0, start: 0, length: pixels).transposed().reshaped([x.shape[0], channels] + image))
  }
}
