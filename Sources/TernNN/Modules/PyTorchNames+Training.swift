// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend
import TernTensor

// PyTorch's names of losses, of training and of what models and parameters have, so that the compiler answers them with
// Tern's.

@available(*, unavailable, renamed: "crossEntropy(_:_:)")
public func cross_entropy<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Int>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "negativeLogLikelihood(_:_:)")
public func nll_loss<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Int>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "meanSquaredError(_:_:)")
public func mse_loss<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Scalar>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "meanAbsoluteError(_:_:)")
public func l1_loss<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Scalar>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "binaryCrossEntropy(_:_:)")
public func binary_cross_entropy<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Scalar>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "binaryCrossEntropy(logits:_:)")
public func binary_cross_entropy_with_logits<Scalar: FloatingScalar>(_: Tensor<Scalar>, _: Tensor<Scalar>) -> Tensor<
  Scalar
> {
  unnamed()
}

@available(*, unavailable, message: "clipGradients(of: model, norm: 1)")
public var clip_grad_norm_: OtherName<Double> { unnamed() }
@available(*, unavailable, message: "clipGradients(of: model, value: 1)")
public var clip_grad_value_: OtherName<Double> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, StepSchedule(size: 30))")
public var StepLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, MultiStepSchedule(milestones: [30, 80]))")
public var MultiStepLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, ExponentialSchedule(factor: 0.95))")
public var ExponentialLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, CosineSchedule(length: 90))")
public var CosineAnnealingLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, OneCycleSchedule(maximum: 0.1, length: 1000))")
public var OneCycleLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "Scheduler(optimizer, a type of your own that conforms to Schedule)")
public var LambdaLR: OtherName<Scheduler> { unnamed() }
@available(*, unavailable, message: "PlateauScheduler(optimizer, patience: 3)")
public var ReduceLROnPlateau: OtherName<PlateauScheduler> { unnamed() }
@available(
  *, unavailable, message: "functionalCall(model, [\"weight\": w], x), or model.withParameters([\"weight\": w]) { … }"
)
public var functional_call: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "ParameterDictionary([\"key\": parameter])")
public var ParameterDict: OtherName<ParameterDictionary<Float>> { unnamed() }
@available(*, unavailable, message: "model.parameterVector()")
public var parameters_to_vector: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "model.setParameters(from: vector)")
public var vector_to_parameters: OtherName<Void> { unnamed() }
@available(*, unavailable, message: "model.totalGradientNorm()")
public var get_total_norm: OtherName<Double> { unnamed() }
@available(*, unavailable, message: "layer.weight.parametrize(with: WeightNormalization())")
public var weight_norm: OtherName<Void> { unnamed() }
@available(*, unavailable, message: "layer.weight.parametrize(with: SpectralNormalization())")
public var spectral_norm: OtherName<Void> { unnamed() }
@available(*, unavailable, message: "layer.weight.parametrize(with: OrthogonalParametrization())")
public var orthogonal: OtherName<Void> { unnamed() }
@available(
  *, unavailable, message: "layer.weight.parametrize(with: a type of your own that conforms to Parametrization)"
)
public var register_parametrization: OtherName<Void> { unnamed() }
@available(*, unavailable, message: "layer.weight.removeParametrizations()")
public var remove_parametrizations: OtherName<Void> { unnamed() }

extension Module {
  @available(*, unavailable, renamed: "zeroGradients()")
  public func zero_grad() { unnamed() }
  @available(
    *, unavailable,
    message: "the model itself is given: SGD(model, learningRate: 0.1); one by one: for parameter in model.parameters"
  )
  public func parameters() -> Self { unnamed() }
  @available(*, unavailable, renamed: "namedParameters")
  public func named_parameters() -> [(name: String, parameter: any AnyParameter)] { unnamed() }
  @available(*, unavailable, message: "model.namedModules")
  public func modules() -> [any Module] { unnamed() }
  @available(*, unavailable, message: "model.namedModules")
  public func named_modules() -> [(name: String, module: any Module)] { unnamed() }
  @available(
    *, unavailable,
    message: "the children are properties: model.encoder; all modules with their paths: model.namedModules"
  )
  public func children() -> [any Module] { unnamed() }
  @available(*, unavailable, renamed: "state")
  public func state_dict() -> [StateEntry] { unnamed() }
  @available(*, unavailable, message: "try model.load(state); of a file: try model.load(from: path)")
  public func load_state_dict(_ state: [StateEntry], strict: Bool = true) { unnamed() }
  @available(*, unavailable, message: "models lie in the memory of the CPU, there is nothing to move")
  public func cuda() -> Self { unnamed() }
  @available(*, unavailable, message: "models lie in the memory of the CPU, there is nothing to move")
  public func cpu() -> Self { unnamed() }
  @available(*, unavailable, message: "models lie in the memory of the CPU, there is nothing to move")
  public func to(_ device: Any) -> Self { unnamed() }
  @available(*, unavailable, message: "model.freeze() and model.unfreeze()")
  public func requires_grad_(_ requires: Bool = true) -> Self { unnamed() }
}

extension Parameter: PyTorchNamed {}

extension AnyParameter {
  @available(*, unavailable, message: "weight.value")
  public var data: Any {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "weight.gradient")
  public var grad: Any? {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "the opposite: weight.isFrozen = true")
  public var requires_grad: Bool {
    get { unnamed() }
    set { unnamed() }
  }
}

extension Optimizer {
  @available(*, unavailable, renamed: "zeroGradients()")
  public func zero_grad() { unnamed() }
  @available(*, unavailable, renamed: "learningRate")
  public var lr: Double {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "optimizer.learningRate; of each group: optimizer.learningRates")
  public var param_groups: [[String: Double]] {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, renamed: "state")
  public func state_dict() -> OptimizerState { unnamed() }
  @available(*, unavailable, message: "try optimizer.load(state)")
  public func load_state_dict(_ state: Any) { unnamed() }
}

extension SGD {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, momentum: Double = 0, dampening: Double = 0, weight_decay: Double = 0,
    nesterov: Bool = false
  ) { unnamed() }
}

extension RMSprop {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, alpha: Double = 0.99, eps: Double = 0, weight_decay: Double = 0,
    momentum: Double = 0, centered: Bool = false
  ) { unnamed() }
}

extension Adagrad {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, lr_decay: Double = 0, weight_decay: Double = 0
  ) { unnamed() }
}

extension Adadelta {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, rho: Double = 0.9, eps: Double = 0, weight_decay: Double = 0
  ) { unnamed() }
}

extension Adam {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, betas: (Double, Double) = (0.9, 0.999), eps: Double = 0, weight_decay: Double = 0,
    amsgrad: Bool = false
  ) { unnamed() }
}

extension AdamVariant {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(
    _ parameters: Any, lr: Double, betas: (Double, Double) = (0.9, 0.999), eps: Double = 0, weight_decay: Double = 0
  ) { unnamed() }
}

extension AnyParameter {
  @available(*, unavailable, message: "model.typedParameters have values and gradients, of the model's scalar type")
  public var value: Tensor<Float> {
    get { unnamed() }
    set {}
  }
  @available(*, unavailable, message: "model.typedParameters have values and gradients, of the model's scalar type")
  public var gradient: Tensor<Float>? {
    get { unnamed() }
    set {}
  }
}
