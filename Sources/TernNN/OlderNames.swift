// The names of earlier versions, so that programs written for them still compile.

/// The older name of ``ModuleMode``.
@available(*, deprecated, renamed: "ModuleMode")
public typealias Mode = ModuleMode

/// The older name of ``LayerObservation``.
@available(*, deprecated, renamed: "LayerObservation")
public typealias Observation = LayerObservation

/// The older name of ``ConstantFactorSchedule``.
@available(*, deprecated, renamed: "ConstantFactorSchedule")
public typealias ReducedStartSchedule = ConstantFactorSchedule

/// The older name of what all optimizers have in common.
@available(*, deprecated, message: "any Optimizer, or ParameterOptimizer with its hyperparameters")
public typealias SlotOptimizer = any Optimizer
