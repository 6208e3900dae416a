import TernBackend

// The rectifier with a learned slope, in one pass forward and one for each derivative.

extension Tensor where Scalar: FloatingScalar {
  /// x above 0, weight·x elsewhere, with a learned weight for each channel, or one for all.
  ///
  /// Derivatives: at x 1 above 0, the weight elsewhere; at the weight min(x, 0).
  /// - Parameter weight: one element, or one for each index of axis 1. Stops for any other number.
  public func prelu(_ weight: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let channels = rank > 1 ? shape[1] : 1
    check(
      weight.rank <= 1 && (weight.count == 1 || weight.count == channels), "prelu",
      "weight \(weight.shape) for \(shape), which has \(channels) channels")
    var extents = [Int](repeating: 1, count: rank)
    if weight.count > 1 { extents[1] = channels }
    return prelued(weight.reshaped(extents))
  }

  /// Of a weight that broadcasts.
  private func prelued(_ weight: Tensor) -> Tensor {
    Tensor.mapSpecial("prelu", .prelu, self, weight)
      .recordedPair(
        "prelu", self, weight, firstNeeds: [.first, .second], secondNeeds: .first,
        { d in
          let (x, weight) = (d.input(0), d.input(1))
          if d.createGraph { return select(x .> 0, d.gradient, select(x .<= 0, zeroProduct(d.gradient, weight), 0)) }
          return Scalar.preluGradient(d.gradient, x, weight)
        },
        { d in
          if d.createGraph { return zeroProduct(d.gradient, d.input(0).clamped(max: 0)) }
          return Tensor.mapSpecial("prelu", .preluWeightGrad, d.gradient, d.input(0))
        })
  }
}

extension FloatingScalar {
  fileprivate static func preluGradient(
    _ g: Tensor<Self>, _ x: Tensor<Self>, _ weight: Tensor<Self>
  ) -> Tensor<Self> {
    .mapRows(g, x, weight, "prelu") { n, out, so, g, sg, x, sx, weight, sw in
      preluGrad(n, out, so, gradient: g, sg, x, sx, slope: weight, sw)
    }
  }
}
