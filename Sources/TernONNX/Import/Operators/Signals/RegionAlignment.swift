import TernBackend
import TernTensor

extension NodeCall {
  /// Regions of images, resampled to one size.
  static let regions: [String: GraphOperator] = [
    "RoiAlign": { try $0.floating($0.aligned, $0.aligned) }
  ]

  /// The points of a region that are sampled: the four pixels around each and their weights.
  private struct Samples {
    var places: [Int] = []
    var weights: [Double] = []

    mutating func add(y: Double, x: Double, height: Int, width: Int) {
      guard y >= -1, y <= Double(height), x >= -1, x <= Double(width) else {
        places += [0, 0, 0, 0]
        weights += [0, 0, 0, 0]
        return
      }
      func between(_ position: Double, _ extent: Int) -> (Int, Int, Double) {
        let inside = Swift.max(position, 0)
        let low = Int(inside)
        return low >= extent - 1 ? (extent - 1, extent - 1, 0) : (low, low + 1, inside - Double(low))
      }
      let (top, bottom, down) = between(y, height)
      let (left, right, across) = between(x, width)
      places += [top * width + left, top * width + right, bottom * width + left, bottom * width + right]
      weights += [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across]
    }
  }

  /// The mean, or the largest, of bilinear samples in each cell of a grid over each region.
  private func aligned<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, regions): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    try require(
      x.rank == 4 && !x.isEmpty && regions.rank == 2 && regions.shape[1] == 4,
      "an input of shape \(x.shape) and regions of shape \(regions.shape)")
    let count = regions.shape[0]
    let images = try checked(positions(2), extent: x.shape[0])
    try require(images.shape == [count], "images of shape \(images.shape) for \(count) regions")
    let (rows, columns) = (try int("output_height", 1), try int("output_width", 1))
    let (ratio, scale) = (try int("sampling_ratio", 0), try float("spatial_scale", 1))
    let mode = try text("mode", "avg")
    try require(mode == "avg" || mode == "max", "the mode \"\(mode)\"")
    try require(rows >= 1 && columns >= 1 && ratio >= 0, "a grid of \(rows)×\(columns) with \(ratio) samples a cell")
    let isCentered =
      try text("coordinate_transformation_mode", opset < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel"
    try allow([count, x.shape[1], rows, columns])
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    let (corners, owners) = (regions.scalars.map { Double($0) }, images.scalars)
    let result = try (0..<count).map { region -> Tensor<Scalar> in
      let corner = corners[region * 4..<region * 4 + 4].map { $0 * scale - (isCentered ? 0.5 : 0) }
      try require(corner.allSatisfy { $0.magnitude < 1e9 }, "a region with the corners \(corner)")
      var size = (corner[3] - corner[1], corner[2] - corner[0])
      if !isCentered { size = (Swift.max(size.0, 1), Swift.max(size.1, 1)) }
      let cell = (size.0 / Double(rows), size.1 / Double(columns))
      func samples(_ extent: Double) -> Int { ratio > 0 ? ratio : Swift.max(Int(extent.rounded(.up)), 0) }
      let (down, across) = (samples(cell.0), samples(cell.1))
      let each = down * across
      if each == 0 { return Tensor(zeros: [channels, rows * columns]) }
      try allow([channels, rows * columns, down, across, 4])
      var points = Samples()
      for row in 0..<rows {
        for column in 0..<columns {
          for i in 0..<down {
            for j in 0..<across {
              points.add(
                y: corner[1] + (Double(row) + (Double(i) + 0.5) / Double(down)) * cell.0,
                x: corner[0] + (Double(column) + (Double(j) + 0.5) / Double(across)) * cell.1, height: height,
                width: width)
            }
          }
        }
      }
      let image = x.selected(axis: 0, index: owners[region]).reshaped([channels, height * width])
      let weights = Tensor(points.weights.map { Scalar($0) })
      let terms = image.taking(Tensor(points.places), along: 1) * weights
      let cells = terms.reshaped([channels, rows * columns, each * 4])
      // The largest is that of the weighted pixels, as onnxruntime and the reference have it.
      return mode == "avg" ? cells.sum(along: [2]) / Scalar(each) : cells.amax(along: [2])
    }
    if count == 0 { return ONNXTensor(Tensor<Scalar>(zeros: [0, channels, rows, columns])) }
    return ONNXTensor(stack(result, along: 0).reshaped([count, channels, rows, columns]))
  }
}
