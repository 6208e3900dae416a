// The names of earlier versions, so that programs written for them still compile.

/// The older name of ``EvaluationScore``.
@available(*, deprecated, renamed: "EvaluationScore")
public typealias Score = EvaluationScore

/// The older name of ``TrainingHistory``.
@available(*, deprecated, renamed: "TrainingHistory")
public typealias History = TrainingHistory

/// The older name of ``InterruptSignal``.
@available(*, deprecated, renamed: "InterruptSignal")
public typealias Interrupt = InterruptSignal
