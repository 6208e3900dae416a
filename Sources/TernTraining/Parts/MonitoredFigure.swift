/// A figure of every epoch by which trainings are compared, and which way is better.
public struct MonitoredFigure: Sendable, Equatable {
  /// Its name, for messages.
  public let name: String
  /// Whether larger values are better.
  public let isHigherBetter: Bool
  /// Whether it is one of the validation data.
  public let isOfValidation: Bool
  private let kind: Kind

  private enum Kind: Equatable { case loss, accuracy, other(String) }

  private init(_ kind: Kind, _ name: String, isOfValidation: Bool, isHigherBetter: Bool) {
    self.kind = kind
    self.name = (isOfValidation ? "validation " : "training ") + name
    self.isOfValidation = isOfValidation
    self.isHigherBetter = isHigherBetter
  }

  /// The mean loss over the validation data.
  public static let validationLoss = MonitoredFigure(.loss, "loss", isOfValidation: true, isHigherBetter: false)
  /// The fraction of the validation data that is classified rightly.
  public static let validationAccuracy = MonitoredFigure(
    .accuracy, "accuracy", isOfValidation: true, isHigherBetter: true)
  /// The mean loss over the training data.
  public static let trainingLoss = MonitoredFigure(.loss, "loss", isOfValidation: false, isHigherBetter: false)
  /// The fraction of the training data that is classified rightly.
  public static let trainingAccuracy = MonitoredFigure(
    .accuracy, "accuracy", isOfValidation: false, isHigherBetter: true)

  /// Another figure of the validation data, by the name that its loss gives it.
  public static func validation(_ name: String, isHigherBetter: Bool) -> MonitoredFigure {
    MonitoredFigure(.other(name), name, isOfValidation: true, isHigherBetter: isHigherBetter)
  }

  /// Another figure of the training data, by the name that its loss gives it.
  public static func training(_ name: String, isHigherBetter: Bool) -> MonitoredFigure {
    MonitoredFigure(.other(name), name, isOfValidation: false, isHigherBetter: isHigherBetter)
  }

  /// The figure of an epoch; `nil` where it has none.
  public func value(in epoch: TrainingHistory.Epoch) -> Double? {
    switch kind {
    case .loss: isOfValidation ? epoch.testLoss : epoch.trainLoss
    case .accuracy: isOfValidation ? epoch.testAccuracy : epoch.trainAccuracy
    case .other(let name): isOfValidation ? epoch.testFigures[name] : epoch.trainFigures[name]
    }
  }

  /// Whether a value is better than another by more than `change`; one that is no number is better than none.
  public func isBetter(_ value: Double, than other: Double?, byMoreThan change: Double = 0) -> Bool {
    guard !value.isNaN else { return false }
    guard let other, !other.isNaN else { return true }
    return isHigherBetter ? value > other + change : value < other - change
  }
}
