// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend
import TernTensor

// PyTorch's names, so that the compiler answers them with Tern's.

@available(*, unavailable, renamed: "Dense")
public typealias Linear = Dense
@available(*, unavailable, renamed: "Conv1D")
public typealias Conv1d = Conv1D
@available(*, unavailable, renamed: "Conv2D")
public typealias Conv2d = Conv2D
@available(*, unavailable, renamed: "ConvTranspose1D")
public typealias ConvTranspose1d = ConvTranspose1D
@available(*, unavailable, renamed: "ConvTranspose2D")
public typealias ConvTranspose2d = ConvTranspose2D
@available(*, unavailable, renamed: "MaxPool1D")
public typealias MaxPool1d = MaxPool1D
@available(*, unavailable, renamed: "MaxPool2D")
public typealias MaxPool2d = MaxPool2D
@available(*, unavailable, renamed: "AvgPool1D")
public typealias AvgPool1d = AvgPool1D
@available(*, unavailable, renamed: "AvgPool2D")
public typealias AvgPool2d = AvgPool2D
@available(*, unavailable, renamed: "AdaptiveAvgPool2D")
public typealias AdaptiveAvgPool2d = AdaptiveAvgPool2D
@available(*, unavailable, renamed: "AdaptiveMaxPool2D")
public typealias AdaptiveMaxPool2d = AdaptiveMaxPool2D
@available(*, unavailable, renamed: "BatchNorm1d")
public typealias BatchNorm1D = BatchNorm1d
@available(*, unavailable, renamed: "BatchNorm2d")
public typealias BatchNorm2D = BatchNorm2d
@available(*, unavailable, renamed: "BatchNorm3d")
public typealias BatchNorm3D = BatchNorm3d
@available(*, unavailable, renamed: "InstanceNorm1d")
public typealias InstanceNorm1D = InstanceNorm1d
@available(*, unavailable, renamed: "InstanceNorm2d")
public typealias InstanceNorm2D = InstanceNorm2d
@available(*, unavailable, renamed: "Dropout1D")
public typealias Dropout1d = Dropout1D
@available(*, unavailable, renamed: "Dropout2D")
public typealias Dropout2d = Dropout2D
@available(*, unavailable, renamed: "ZeroPad2D")
public typealias ZeroPad2d = ZeroPad2D
@available(*, unavailable, renamed: "MultiHeadAttention")
public typealias MultiheadAttention = MultiHeadAttention
@available(*, unavailable, renamed: "SoftPlus")
public typealias Softplus = SoftPlus
@available(*, unavailable, renamed: "SoftSign")
public typealias Softsign = SoftSign
@available(*, unavailable, renamed: "SoftShrink")
public typealias Softshrink = SoftShrink
@available(*, unavailable, renamed: "HardTanh")
public typealias Hardtanh = HardTanh
@available(*, unavailable, renamed: "HardSwish")
public typealias Hardswish = HardSwish
@available(*, unavailable, renamed: "HardSigmoid")
public typealias Hardsigmoid = HardSigmoid
@available(*, unavailable, renamed: "HardShrink")
public typealias Hardshrink = HardShrink
@available(*, unavailable, renamed: "MeanSquaredErrorLoss")
public typealias MSELoss = MeanSquaredErrorLoss
@available(*, unavailable, renamed: "MeanAbsoluteErrorLoss")
public typealias L1Loss = MeanAbsoluteErrorLoss
@available(*, unavailable, renamed: "BinaryCrossEntropyLoss")
public typealias BCELoss = BinaryCrossEntropyLoss
@available(*, unavailable, renamed: "BinaryCrossEntropyWithLogitsLoss")
public typealias BCEWithLogitsLoss = BinaryCrossEntropyWithLogitsLoss
@available(*, unavailable, renamed: "NegativeLogLikelihoodLoss")
public typealias NLLLoss = NegativeLogLikelihoodLoss
@available(*, unavailable, renamed: "KLDivergenceLoss")
public typealias KLDivLoss = KLDivergenceLoss
@available(*, unavailable, renamed: "StepSchedule")
public typealias StepLR = StepSchedule
@available(*, unavailable, renamed: "MultiStepSchedule")
public typealias MultiStepLR = MultiStepSchedule
@available(*, unavailable, renamed: "ExponentialSchedule")
public typealias ExponentialLR = ExponentialSchedule
@available(*, unavailable, renamed: "CosineSchedule")
public typealias CosineAnnealingLR = CosineSchedule
@available(*, unavailable, renamed: "OneCycleSchedule")
public typealias OneCycleLR = OneCycleSchedule
@available(*, unavailable, renamed: "PlateauScheduler")
public typealias ReduceLROnPlateau = PlateauScheduler

@available(*, unavailable, renamed: "crossEntropy(_:_:)")
public func cross_entropy<Scalar: FloatingScalar>(_ logits: Tensor<Scalar>, _ labels: Tensor<Int>) -> Tensor<Scalar> {
  unnamed()
}
@available(*, unavailable, renamed: "meanSquaredError(_:_:)")
public func mse_loss<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ target: Tensor<Scalar>) -> Tensor<Scalar> {
  unnamed()
}

extension Optimizer {
  @available(*, unavailable, renamed: "zeroGradients()")
  public func zero_grad() { unnamed() }
}

extension Module {
  @available(*, unavailable, renamed: "zeroGradients()")
  public func zero_grad() { unnamed() }
  @available(*, unavailable, renamed: "state")
  public func state_dict() -> [StateEntry] { unnamed() }
  @available(*, unavailable, renamed: "load(_:)")
  public func load_state_dict(_ state: [StateEntry]) { unnamed() }
  @available(*, unavailable, renamed: "namedParameters")
  public func named_parameters() -> [(name: String, parameter: any AnyParameter)] { unnamed() }
  @available(*, unavailable, message: "models lie in the memory of the CPU, there is nothing to move")
  public func cuda() -> Self { unnamed() }
  @available(*, unavailable, message: "models lie in the memory of the CPU, there is nothing to move")
  public func to(_ device: Any) -> Self { unnamed() }
}

extension SGD {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(_ model: some ParameterSource, lr: Double, momentum: Double = 0, weight_decay: Double = 0) {
    unnamed()
  }
}

extension RMSprop {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(_ model: some ParameterSource, lr: Double, momentum: Double = 0, weight_decay: Double = 0) {
    unnamed()
  }
}

extension Adagrad {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(_ model: some ParameterSource, lr: Double, momentum: Double = 0, weight_decay: Double = 0) {
    unnamed()
  }
}

extension Adadelta {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(_ model: some ParameterSource, lr: Double, momentum: Double = 0, weight_decay: Double = 0) {
    unnamed()
  }
}

extension Adam {
  @available(*, unavailable, renamed: "init(_:learningRate:)")
  public convenience init(_ model: some ParameterSource, lr: Double, weight_decay: Double = 0) { unnamed() }
}

private func unnamed() -> Never { fail("names", "a name of PyTorch's was called") }
