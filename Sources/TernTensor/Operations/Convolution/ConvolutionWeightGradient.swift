import TernBackend

extension ConvolutionGeometry {
  /// The gradient of the weights: the sum over all output pixels of its gradient times the patch it was computed from;
  /// not recorded.
  func weightGradient<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    if x.isEmpty || gradient.isEmpty { return Tensor(zeros: weightShape) }
    let algorithm = algorithm(for: .weightGradient, of: Scalar.self)
    if readsBFloat16Images(.weightGradient, of: Scalar.self) {
      return Tensor(body: weightGradient(x.bfloat16Images, gradient.bfloat16Images, by: algorithm).body)
    }
    let x = x.channelsLast.operand(roundedByProduct: algorithm.multipliesMatrices)
    let gradient = gradient.channelsLast.operand(roundedByProduct: algorithm.multipliesMatrices)
    switch algorithm {
    case .winograd: return winograd.kernelGradient(x, gradient, of: Scalar.self)
    case .direct, .directScatter, .directDepthwise:
      let sum = withExtendedLifetime((x, gradient)) {
        let (x, gradient) = (x.operandPointer, gradient.operandPointer)
        return algorithm == .directDepthwise
          ? directDepthwiseWeightGradient(x, gradient) : directWeightGradient(x, gradient)
      }
      return Tensor(body: sum.body)
    case .depthwise: return depthwiseWeightGradient(x, gradient)
    case .pointwise, .im2Row: break
    }
    let sum = withExtendedLifetime((x, gradient)) {
      im2Row.multiplyTransposed(x.pointer, by: gradient.pointer, n: outputs / groups)
    }
    if FloatPrecision.multipliesBFloat16(Scalar.self) {
      return sum.reshaped([groups, outputs / groups, kernelHeight, kernelWidth, channels / groups])
        .permuted(0, 1, 4, 2, 3).contiguous.reshaped(weightShape)
    }
    return sum.reshaped([groups, kernelHeight, kernelWidth, channels / groups, outputs / groups])
      .permuted(0, 4, 3, 1, 2).copied().reshaped(weightShape)
  }
}
