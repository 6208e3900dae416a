import TernBackend
import TernTensor

extension NodeCall {
  /// Operators of networks that find objects.
  static let detection: [String: GraphOperator] = [
    "GridSample": { try $0.floating($0.gridSampled, $0.gridSampled) },
    "AffineGrid": { try $0.floating($0.affineSampling, $0.affineSampling) },
    "NonMaxSuppression": { [try $0.suppressed()] },
  ]

  /// Where an affine map takes every pixel.
  private func affineSampling<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let theta: Tensor<Scalar> = try tensor(0)
    let size = try integers(1)
    try require(size.count == 4 || size.count == 5, "a grid for images of shape \(size)")
    let (axes, extents) = (size.count - 2, Array(size[2...]))
    try require(
      theta.shape == [size[0], axes, axes + 1] && size[0] > 0 && extents.allSatisfy { $0 >= 1 },
      "a map of shape \(theta.shape) for images of shape \(size)")
    try allow([size[0]] + extents + [axes + 1])
    return ONNXTensor(affineGrid(theta, size: extents, alignsCorners: try flag("align_corners")))
  }

  private func gridSampled<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let (x, grid): (Tensor<Scalar>, Tensor<Scalar>) = (try tensor(0), try tensor(1))
    try require(x.rank == 4 || x.rank == 5, "an input of shape \(x.shape)")
    try require(
      grid.rank == x.rank && grid.shape[0] == x.shape[0] && grid.shape[x.rank - 1] == x.rank - 2
        && !x.shape[2...].contains(0), "a grid of shape \(grid.shape) for \(x.shape)")
    try allow(Array(x.shape[..<2]) + grid.shape[1...].dropLast())
    let mode: GridSampleMode
    switch try text("mode", "linear") {
    case "linear", "bilinear": mode = .linear
    case "nearest": mode = .nearest
    case "cubic", "bicubic":
      try require(x.rank == 4, "volumes are not sampled cubically")
      mode = .cubic
    default: throw error("the mode \"\(try text("mode", ""))\"")
    }
    let padding: GridSamplePadding
    switch try text("padding_mode", "zeros") {
    case "zeros": padding = .zeros
    case "border": padding = .border
    case "reflection": padding = .reflection
    default: throw error("padding \"\(try text("padding_mode", ""))\"")
    }
    if x.isEmpty || grid.isEmpty {
      return ONNXTensor(Tensor<Scalar>(zeros: Array(x.shape[..<2]) + grid.shape[1...].dropLast()))
    }
    return ONNXTensor(gridSample(x, at: grid, mode: mode, padding: padding, alignsCorners: try flag("align_corners")))
  }

  /// The boxes of the best scores that overlap none of a better one by more than a threshold.
  private func suppressed() throws -> ONNXTensor {
    let (boxes, scores): (Tensor<Float>, Tensor<Float>) = (try tensor(0), try tensor(1))
    try require(
      boxes.rank == 3 && scores.rank == 3 && boxes.shape[2] == 4 && boxes.shape[0] == scores.shape[0]
        && boxes.shape[1] == scores.shape[2], "boxes \(boxes.shape) and scores \(scores.shape)")
    let most = has(2) ? try integer(2) : 0
    let threshold = has(3) ? try number(3) : 0
    let least = has(4) ? try number(4) : -.infinity
    let isCentered = try flag("center_point_box")
    let (batches, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    let (places, numbers) = (boxes.scalars.map { Double($0) }, scores.scalars)
    func corners(_ batch: Int, _ box: Int) -> (Double, Double, Double, Double) {
      let at = (batch * count + box) * 4
      let (a, b, c, d) = (places[at], places[at + 1], places[at + 2], places[at + 3])
      if isCentered { return (a - c / 2, b - d / 2, a + c / 2, b + d / 2) }
      return (Swift.min(a, c), Swift.min(b, d), Swift.max(a, c), Swift.max(b, d))
    }
    func overlap(_ a: (Double, Double, Double, Double), _ b: (Double, Double, Double, Double)) -> Double {
      let height = Swift.max(Swift.min(a.2, b.2) - Swift.max(a.0, b.0), 0)
      let width = Swift.max(Swift.min(a.3, b.3) - Swift.max(a.1, b.1), 0)
      let common = height * width
      let whole = (a.2 - a.0) * (a.3 - a.1) + (b.2 - b.0) * (b.3 - b.1) - common
      return whole > 0 ? common / whole : 0
    }
    var found: [Int] = []
    for batch in 0..<batches {
      for kind in 0..<classes {
        let base = (batch * classes + kind) * count
        let order = (0..<count).filter { Double(numbers[base + $0]) > least }
          .sorted { (numbers[base + $0], $1) > (numbers[base + $1], $0) }
        var chosen: [(Double, Double, Double, Double)] = []
        for box in order where chosen.count < most {
          let own = corners(batch, box)
          if chosen.contains(where: { overlap($0, own) > threshold }) { continue }
          chosen.append(own)
          found += [batch, kind, box]
        }
      }
    }
    return ONNXTensor(Tensor(found, shape: [found.count / 3, 3]))
  }
}
