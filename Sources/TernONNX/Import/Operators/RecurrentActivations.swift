import TernBackend
import TernTensor

extension NodeCall {
  /// The activation functions of a recurrent node, those of the second direction behind the first's.
  ///
  /// The lists `activation_alpha` and `activation_beta` hold the numbers of only those functions that take one, in the order of
  /// the functions. Where a list is too short, a function has the default of ONNX's operator of its name; one that has none, or
  /// another in ONNX Runtime, is refused.
  func recurrentActivations<Scalar: FloatingScalar>(
    _ names: [String]
  ) throws -> [(Tensor<Scalar>) -> Tensor<Scalar>] {
    var (alphas, betas) = (try floats("activation_alpha") ?? [], try floats("activation_beta") ?? [])
    func next(_ list: inout [Double], _ standard: Double?, _ kind: String, _ name: String) throws -> Scalar {
      guard let number = list.isEmpty ? standard : list.removeFirst() else {
        throw error("the activation \"\(name)\" without a number of \(kind)")
      }
      return Scalar(number)
    }
    return try names.map { name in
      func alpha(_ standard: Double?) throws -> Scalar { try next(&alphas, standard, "activation_alpha", name) }
      func beta(_ standard: Double?) throws -> Scalar { try next(&betas, standard, "activation_beta", name) }
      switch name.lowercased() {
      case "sigmoid": return { $0.sigmoid() }
      case "tanh": return { $0.tanh() }
      case "relu": return { $0.relu() }
      case "softsign": return { $0.softSign() }
      case "softplus": return { $0.softplus() }
      case "affine":
        let (factor, offset) = (try alpha(nil), try beta(0))
        return { $0 * factor + offset }
      case "scaledtanh":
        let (factor, scale) = (try alpha(nil), try beta(nil))
        return { ($0 * scale).tanh() * factor }
      case "hardsigmoid":
        let (factor, offset) = (try alpha(0.2), try beta(0.5))
        return { ($0 * factor + offset).clamped(min: 0, max: 1) }
      case "leakyrelu":
        let slope = try alpha(0.01)
        return { $0.leakyReLU(slope: slope) }
      case "elu":
        let scale = try alpha(1)
        return { $0.elu(alpha: scale) }
      case "thresholdedrelu":
        let threshold = try alpha(nil)
        return { $0.thresholded(at: threshold, value: 0) }
      default: throw error("the activation \"\(name)\"")
      }
    }
  }
}
