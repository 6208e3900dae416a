import Tern

/// A claim of the literature, tried: what runs under a name from one command and draws its answer.
public protocol Experiment: Sendable {
  /// What the command calls it, such as `batch-norm-gradient`.
  var name: String { get }

  /// What it finds out, in one line.
  var summary: String { get }

  /// Does the work and says what came out.
  ///
  /// It looks at ``ExperimentContext/isStopped`` between steps and, once that is true, gives what it has so far.
  ///
  /// - Throws: `DataError` where files of the data folder are wrong.
  func run(_ context: ExperimentContext) throws -> ExperimentResult
}

/// What an experiment found out.
public struct ExperimentResult: Sendable {
  /// Who claimed what, with the source.
  public var claim: String
  /// What was done.
  public var method: [String]
  /// What came out, each in a sentence with its numbers.
  public var findings: [String]
  /// Figures and tables in the order of the page.
  public var evidence: [Report.Part]
  /// Tables too long for the page.
  public var data: [ReportTable]

  /// What was found out.
  public init(
    claim: String, method: [String], findings: [String], evidence: [Report.Part], data: [ReportTable] = []
  ) {
    self.claim = claim
    self.method = method
    self.findings = findings
    self.evidence = evidence
    self.data = data
  }
}

/// Every experiment, in the order in which they run.
public enum Experiments {
  /// The experiments.
  public static let all: [any Experiment] = [
    RegularizationExperiment(),
    BatchNormExperiment(),
    LearningRateExperiment(),
    InitializationExperiment(),
    InferenceExperiment(),
    AffineExperiment(),
    PlacementExperiment(),
    BatchSizeExperiment(),
    BatchNormGradientExperiment(),
    PreprocessingExperiment(),
    VanishingGradientExperiment(),
    ShuffleExperiment(),
    DropoutExperiment(),
    LocalResponseExperiment(),
    GhostExperiment(),
  ]

  /// The experiment called `name`, where there is one.
  public static func named(_ name: String) -> (any Experiment)? { all.first { $0.name == name } }
}
