import TernBackend
import TernTensor

/// How one axis is resampled: for each output position the input positions and their weights, tap by tap.
private struct AxisTaps {
  var places: [[Int]]
  /// Empty where there is one tap of weight 1.
  var weights: [[Double]]
}

extension NodeCall {
  /// Resampling.
  static let resizing: [String: GraphOperator] = [
    "Resize": { [try $0.resize($0.scalar)] },
    "Upsample": { [try $0.resize($0.scalar)] },
  ]

  private func resize<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let isOld = operation == "Upsample" || opset < 11
    let named = hasAttribute("axes") ? try axes(ints("axes") ?? [], x.rank) : Array(0..<x.rank)
    var given: [Double]?
    var sizes: [Int]?
    if operation == "Upsample", opset < 9 {
      given = try floats("scales")
    } else {
      let place = isOld ? 1 : 2
      if has(place), try value(place).count > 0 { given = try numbers(place) }
      if !isOld, has(3), try value(3).count > 0 { sizes = try integers(3) }
    }
    try require(
      (given == nil) != (sizes == nil) && (given?.count ?? sizes?.count) == named.count,
      "scales or sizes for \(named.count) axes are wanted")
    var scales = [Double](repeating: 1, count: x.rank)
    var shape = x.shape
    if let given {
      try require(given.allSatisfy { $0 > 0 && $0 <= 0x1p24 }, "scales \(given)")
      for (axis, scale) in zip(named, given) {
        scales[axis] = scale
        // Scales are numbers of single precision: 10 · 0.7 is 7 there.
        let length = Float(shape[axis]) * Float(scale)
        try require(length < 0x1p48, "\(shape[axis]) places by a scale of \(scale)")
        shape[axis] = Int(length.rounded(.down))
      }
    }
    if let sizes {
      try require(
        sizes.allSatisfy { $0 >= 0 && $0 <= 1 << 32 } && named.allSatisfy { x.shape[$0] > 0 },
        "sizes \(sizes) of \(x.shape)")
      var wanted = zip(named, sizes).map { Double(Float($1) / Float(x.shape[$0])) }
      let policy = try text("keep_aspect_ratio_policy", "stretch")
      if policy != "stretch" {
        try require(!wanted.isEmpty, "no sizes")
        let one = policy == "not_larger" ? wanted.min() ?? 1 : wanted.max() ?? 1
        wanted = wanted.map { _ in one }
        for axis in named {
          let length = one * Double(x.shape[axis])
          try require(length < 0x1p48, "\(x.shape[axis]) places by a scale of \(one)")
          shape[axis] = Int(length.rounded(.toNearestOrAwayFromZero))
        }
      } else {
        for (axis, size) in zip(named, sizes) { shape[axis] = size }
      }
      for (axis, scale) in zip(named, wanted) { scales[axis] = scale }
    }
    try allow(shape)
    if shape.contains(0) { return ONNXTensor(Tensor<Scalar>(zeros: shape)) }
    try require(!x.isEmpty, "an input of shape \(x.shape)")
    let mode = try text("mode", "nearest")
    let rule = try text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel")
    try checkLengths(x.shape, shape, scales, rule)
    if shape == x.shape, rule != "tf_crop_and_resize" { return ONNXTensor(x) }
    if let whole = try wholeImages(x, shape, scales, mode, rule) { return whole }
    let roi = rule == "tf_crop_and_resize" ? try numbers(1) : []
    try require(rule != "tf_crop_and_resize" || roi.count == 2 * named.count, "a region of \(roi.count) numbers")
    var result = ONNXTensor(x)
    var outside = [Bool](repeating: false, count: 0)
    let isSmooth = try flag("antialias")
    for axis in 0..<x.rank {
      // With antialiasing ONNX Runtime leaves an axis alone whose length stays, whatever its scale.
      let stays = shape[axis] == x.shape[axis] && (scales[axis] == 1 || isSmooth)
      if stays, rule != "tf_crop_and_resize" { continue }
      let place = named.firstIndex(of: axis)
      let region = place.map { roi.isEmpty ? (0.0, 1.0) : (roi[$0], roi[$0 + named.count]) } ?? (0, 1)
      let coordinates = try coordinates(x.shape[axis], shape[axis], scales[axis], rule, region)
      try require(coordinates.allSatisfy { $0.isFinite && abs($0) < 1e9 }, "positions outside of everything")
      let taps = try taps(coordinates, x.shape[axis], scales[axis], mode)
      result = try resampled(result, taps, axis)
      if rule == "tf_crop_and_resize" {
        let extent = Double(x.shape[axis] - 1)
        outside = coordinates.map { $0 < 0 || $0 > extent }
        if outside.contains(true) {
          var column = [Int](repeating: 1, count: x.rank)
          column[axis] = outside.count
          let mask = Tensor(outside).reshaped(column)
          let value = try float("extrapolation_value", 0)
          result = try extrapolated(result, mask, value)
        }
      }
    }
    return result
  }

  private func extrapolated(_ x: ONNXTensor, _ mask: Tensor<Bool>, _ value: Double) throws -> ONNXTensor {
    if let x = x.tensor(Float.self) { return ONNXTensor(select(mask, Float(value), x)) }
    if let x = x.tensor(Double.self) { return ONNXTensor(select(mask, value, x)) }
    throw error("\(x.dtype) is not extrapolated")
  }

  /// A list of numbers.
  private func numbers(_ index: Int) throws -> [Double] {
    let value = try value(index)
    try require(
      value.rank <= 1 && value.count <= 128 && (value.dtype == .float32 || value.dtype == .float64),
      "input \(index) of shape \(value.shape) is no list of numbers")
    return value.cast(to: Double.self).scalars
  }

  /// Images resampled linearly by the library's own kernel, where its rule is the same; `nil` otherwise.
  private func wholeImages<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ shape: [Int], _ scales: [Double], _ mode: String, _ rule: String
  ) throws -> ONNXTensor? {
    guard Scalar.dtype == .float32, mode == "linear", x.rank == 4, Array(shape[..<2]) == Array(x.shape[..<2]),
      try !flag("antialias"),
      rule == "align_corners" || rule == "half_pixel" || rule == "pytorch_half_pixel" && shape[2] > 1 && shape[3] > 1,
      rule == "align_corners" || (2..<4).allSatisfy({ Double(shape[$0]) == Double(x.shape[$0]) * scales[$0] })
    else { return nil }
    let images = Tensor<Float>(body: x.body)
    return ONNXTensor(
      interpolate(images, size: Array(shape[2...]), mode: .linear, alignsCorners: rule == "align_corners"))
  }

  /// Refuses scales for which the file may mean two things.
  ///
  /// Where the last positions of input and output correspond, runtimes and exporters divide by the rounded length of the output,
  /// ONNX's reference and its test cases by the length before it is rounded. Files of exporters, and those that name no
  /// producer, mean the former.
  private func checkLengths(_ given: [Int], _ shape: [Int], _ scales: [Double], _ rule: String) throws {
    guard ["align_corners", "tf_crop_and_resize"].contains(rule), !run.isOfExporter else { return }
    for axis in given.indices where shape[axis] > 1 {
      let length = Float(given[axis]) * Float(scales[axis])
      try require(
        abs(length - Float(shape[axis])) <= 1e-5 * length,
        "\(given[axis]) places by a scale of \(scales[axis]) to aligned corners, of which ONNX's reference and its runtimes make "
          + "different ones")
    }
  }

  /// Where the output's positions are in the input, in single precision as ONNX Runtime computes them: whether a position is
  /// the half between two pixels depends on it.
  private func coordinates(
    _ extent: Int, _ count: Int, _ scale: Double, _ rule: String, _ region: (Double, Double)
  ) throws -> [Double] {
    let (length, result, scale) = (Float(extent), Float(count), Float(scale))
    func places(_ position: (Float) -> Float) -> [Double] { (0..<count).map { Double(position(Float($0))) } }
    switch rule {
    case "half_pixel": return places { ($0 + 0.5) / scale - 0.5 }
    case "pytorch_half_pixel": return places { count > 1 ? ($0 + 0.5) / scale - 0.5 : 0 }
    case "align_corners": return places { count > 1 ? $0 * (length - 1) / (result - 1) : 0 }
    case "asymmetric": return places { $0 / scale }
    case "tf_half_pixel_for_nn": return places { ($0 + 0.5) / scale }
    case "half_pixel_symmetric":
      let offset = length / 2 * (1 - result / (scale * length))
      return places { Float(Double(offset) + (Double($0) + 0.5) / Double(scale) - 0.5) }
    case "tf_crop_and_resize":
      let (start, end) = (Float(region.0), Float(region.1))
      if count == 1 { return [Double(0.5 * (start + end) * (length - 1))] }
      return places { start * (length - 1) + $0 * (end - start) * (length - 1) / (result - 1) }
    default: throw error("the rule \"\(rule)\"")
    }
  }

  private func taps(_ coordinates: [Double], _ extent: Int, _ scale: Double, _ mode: String) throws -> AxisTaps {
    func inside(_ index: Int) -> Int { Swift.min(Swift.max(index, 0), extent - 1) }
    if mode == "nearest" {
      // Before version 11 nothing was said of it.
      let isOld = opset < 11 || operation == "Upsample"
      let rule = try text("nearest_mode", isOld ? (scale < 1 ? "ceil" : "floor") : "round_prefer_floor")
      let places = try coordinates.map { place -> Int in
        switch rule {
        case "round_prefer_floor":
          inside(Int(place - place.rounded(.towardZero) == 0.5 ? place.rounded(.down) : place.rounded()))
        case "round_prefer_ceil": inside(Int(place.rounded()))
        case "floor": inside(Int(place.rounded(.down)))
        case "ceil": inside(Int(place.rounded(.up)))
        default: throw error("the rule \"\(rule)\"")
        }
      }
      return AxisTaps(places: [places], weights: [])
    }
    let factor = try flag("antialias") ? Swift.min(scale, 1) : 1
    let sharpness = try float("cubic_coeff_a", -0.75)
    func kernel(_ distance: Double) -> Double {
      let t = abs(distance)
      if mode == "linear" || mode == "bilinear" { return Swift.max(1 - t, 0) }
      if t <= 1 { return ((sharpness + 2) * t - (sharpness + 3)) * t * t + 1 }
      return t < 2 ? ((sharpness * t - 5 * sharpness) * t + 8 * sharpness) * t - 4 * sharpness : 0
    }
    try require(["linear", "bilinear", "cubic"].contains(mode), "the mode \"\(mode)\"")
    let radius: Double = (mode == "cubic" ? 2 : 1) / factor
    try require(radius <= 4096, "a scale of \(scale)")
    let first = Int((-radius).rounded(.down)) + 1
    let count = 2 - 2 * first
    try allow([count, coordinates.count])
    let excludes = try flag("exclude_outside")
    var taps = AxisTaps(
      places: [[Int]](repeating: [], count: count), weights: [[Double]](repeating: [], count: count))
    for place in coordinates {
      let floor = place.rounded(.down)
      var weights = (0..<count).map { kernel((Double(first + $0) - (place - floor)) * factor) }
      let indices = (0..<count).map { Int(floor) + first + $0 }
      if excludes { for i in 0..<count where indices[i] != inside(indices[i]) { weights[i] = 0 } }
      let total = weights.reduce(0, +)
      if (excludes || factor < 1), total != 0 { weights = weights.map { $0 / total } }
      for i in 0..<count {
        taps.places[i].append(inside(indices[i]))
        taps.weights[i].append(weights[i])
      }
    }
    return taps
  }

  private func resampled(_ x: ONNXTensor, _ taps: AxisTaps, _ axis: Int) throws -> ONNXTensor {
    func taken<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor {
      ONNXTensor(Tensor<Scalar>(body: x.body).taking(Tensor(taps.places[0]), along: axis))
    }
    if taps.weights.isEmpty { return taken(x.dtype.scalar) }
    func summed<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> ONNXTensor {
      var column = [Int](repeating: 1, count: x.rank)
      column[axis] = taps.places[0].count
      var sum: Tensor<Scalar>?
      for (places, weights) in zip(taps.places, taps.weights) {
        let term = x.taking(Tensor(places), along: axis) * Tensor(weights.map { Scalar($0) }).reshaped(column)
        sum = sum.map { $0 + term } ?? term
      }
      return ONNXTensor(sum ?? x)
    }
    if let x = x.tensor(Float.self) { return summed(x) }
    if let x = x.tensor(Double.self) { return summed(x) }
    throw error("\(x.dtype) is only resized to the nearest")
  }
}
