import TernBackend
import TernTensor

/// A loss whose elements do not depend on each other: its sum is one pass over the memory, and its gradient another.
struct PointwiseTerms<Scalar: FloatingScalar>: Sendable {
  /// The operation's name.
  let name: StaticString
  /// The kernel, and its parameters.
  let kernel: PointwiseLoss
  var parameters: (Scalar, Scalar) = (0, 1)
  /// Whether the loss is a function of x − y, so that its derivative at y is that at x with the other sign.
  var isOfDifference = false
  /// The losses of x and y, made of recorded operations.
  let losses: @Sendable (_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>
  /// Their derivatives at x, likewise.
  let derivatives: @Sendable (_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>

  /// The losses, their sum or their mean.
  func callAsFunction(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ reduction: LossReduction) -> Tensor<Scalar> {
    if reduction == .none || x.shape != y.shape || !isOfDifference && y.requiresGradient {
      return reduction(each(x, y))
    }
    let (p, q) = x.paired(y)
    let sum = p.summed(q) { Scalar.pointwiseLoss(kernel, $0, $1, $2, parameters.0, parameters.1) }
    let factor = reduction == .mean ? 1 / Double(x.count) : 1
    let value = Scalar(reduction == .mean ? sum / Double(x.count) : sum)
    // Parts of a mean may leave the range, or be no numbers.
    if !value.isFinite { return reduction(each(x, y)) }
    return Tensor(value).recorded(name, from: x, y, saving: [.first, .second]) { d in
      let (x, y) = (d.input(0), d.input(1))
      let derivative =
        d.createGraph
        ? zeroProduct(derivatives(x, y), d.gradient * Scalar(factor))
        : derivatives(x, y, scale: Scalar(factor) * d.gradient.item)
      d.send(0) { derivative }
      d.send(1) { -derivative }
    }
  }

  /// The losses one by one. Of a difference they have the derivatives as these are written: what is recorded of the losses may add
  /// infinities of two signs where their weights are infinite.
  private func each(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    guard isOfDifference, x.shape == y.shape else { return losses(x, y) }
    return OperationObservers.inside { withoutGradients { losses(x.detached(), y.detached()) } }
      .recorded(name, fromAll: [x, y], saving: [.first, .second], isComposite: true) { d in
        let derivative = zeroProduct(derivatives(d.input(0), d.input(1)), d.gradient)
        d.send(0) { derivative }
        d.send(1) { -derivative }
      }
  }

  /// The derivatives at x times a scale, in one pass.
  private func derivatives(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>, scale: Scalar) -> Tensor<Scalar> {
    let (x, y) = x.paired(y)
    return x.combined(y) {
      Scalar.pointwiseLossGrad(kernel, $0, $1, $2, $3, parameters.0, parameters.1, scale: scale)
    }
  }
}
