import Tern

/// What an experiment may use, and whom it tells how far it is.
public final class ExperimentContext {
  /// A folder with data sets; `nil` where the data inside the package have to do.
  public let dataFolder: String?
  /// Whether a first impression in a short time is wanted.
  public let isQuick: Bool

  private let shouldStop: () -> Bool
  private let output: ReportOutput?

  /// A context; progress is shown where there is an output.
  ///
  /// - Parameter shouldStop: asked between steps; once it is true, the experiment ends with what it has.
  public init(
    dataFolder: String? = nil, isQuick: Bool = false, output: ReportOutput? = nil,
    shouldStop: @escaping () -> Bool = { false }
  ) {
    self.dataFolder = dataFolder
    self.isQuick = isQuick
    self.output = output
    self.shouldStop = shouldStop
  }

  /// Whether to end now, keeping what was computed so far.
  public var isStopped: Bool { shouldStop() }

  /// Calls `step` with 0, 1, … `count` − 1 and shows how far it is and the time left; ends early once it is to stop.
  ///
  /// Returns how many steps were made.
  @discardableResult
  public func run(_ label: String, steps count: Int, _ step: (Int) throws -> Void) rethrows -> Int {
    var bar = output.map { ProgressBar(label, total: count, unit: "steps", output: $0) }
    var made = 0
    while made < count, !isStopped {
      try step(made)
      made += 1
      bar?.update(made)
    }
    bar?.finish(made == count ? "\(label): \(count) steps" : "\(label): stopped after \(made) of \(count) steps")
    return made
  }
}
