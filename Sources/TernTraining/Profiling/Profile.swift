/// Where the time and the memory of a stretch of work went, see ``Profiler``.
///
/// Times are exclusive: what an operation, a derivative or a layer took without what it called that is listed itself. They add
/// up to the time that passed, on one thread.
public struct Profile: Sendable {
  /// What kind of work it was.
  public enum Phase: String, Sendable, Hashable, CaseIterable, Codable {
    /// Operations outside of backward passes.
    case forward
    /// A run through the graph.
    case backward
    /// An update of the parameters.
    case optimizer
    /// Waiting for a batch, or making one.
    case data
    /// Between all that: the loop itself.
    case other
  }

  /// One operation of one layer in one phase.
  public struct Row: Sendable, Hashable {
    /// The layer's path from the model; empty outside of layers, and in the model itself.
    public let layer: String
    /// The operation, as its derivative is called; empty for what a layer did between its operations.
    public let operation: String
    /// The kind of work.
    public let phase: Phase
    /// How often it ran.
    public let count: Int
    /// The time of all runs.
    public let seconds: Double
  }

  /// A layer with all that ran in it and in none below it.
  public struct Layer: Sendable, Hashable {
    /// The path from the model; empty for the model itself.
    public let path: String
    /// What kind of layer it is: `Conv2D`.
    public let kind: String
    /// How often it was called.
    public let calls: Int
    /// Operations on numbers, forward and backward, as ``OperationCounting`` counts them: a derivative with respect to the
    /// parameters counts as the forward pass does, one with respect to the input likewise.
    public let flops: Int
    /// The bytes that a call left in memory for backward, the most of all calls; negative where it freed some.
    public let keptBytes: Int
  }

  /// What was in memory when most was.
  public struct Memory: Sendable, Hashable {
    /// The most bytes that tensors had at once.
    public var peakBytes = 0
    /// Of these: the model's parameters and buffers.
    public var parameterBytes = 0
    /// The parameters' gradients.
    public var gradientBytes = 0
    /// What the optimizer keeps.
    public var optimizerBytes = 0
    /// What was there before and is none of these: data, other models.
    public var otherBytes = 0
    /// What the operation that ran took for itself, and gave back.
    public var workspaceBytes = 0
    /// All else: results of layers, kept for backward, and gradients on the way.
    public var activationBytes: Int {
      max(0, peakBytes - parameterBytes - gradientBytes - optimizerBytes - otherBytes - workspaceBytes)
    }
    /// The layer that ran then.
    public var layer = ""
    /// The operation that ran then.
    public var operation = ""
    /// The kind of work that it was.
    public var phase = Phase.other
  }

  /// A stretch of time, for ``trace``.
  struct Span: Sendable {
    let name: String
    let category: String
    let layer: String
    let start: UInt64
    let end: UInt64
    let thread: Int
  }

  /// The seconds from the first thing seen to the last.
  public let seconds: Double
  /// The steps of a trainer in it; 0 where none ran.
  public let steps: Int
  /// Where the time went, the longest first.
  public let rows: [Row]
  /// The layers that ran, in the order in which they first began.
  public let layers: [Layer]
  /// What was in memory when most was.
  public let memory: Memory
  /// Operations a second that a matrix product reaches on this machine with these threads, measured for this.
  public let peakFLOPS: Double
  /// The threads that worked together.
  public let threads: Int
  /// The bytes in use over time, in seconds from the start, thinned out.
  let memoryCurve: [(seconds: Double, bytes: Int)]
  let spans: [Span]
  /// How many spans there would be, had all been kept.
  let spanCount: Int

  /// The seconds of a kind of work.
  public func seconds(_ phase: Phase) -> Double { rows.reduce(0) { $1.phase == phase ? $0 + $1.seconds : $0 } }

  /// The seconds of a layer without those below it.
  public func seconds(ofLayer path: String, _ phase: Phase? = nil) -> Double {
    rows.reduce(0) { $1.layer == path && (phase ?? $1.phase) == $1.phase ? $0 + $1.seconds : $0 }
  }

  /// The seconds of an operation in all layers.
  public func seconds(ofOperation name: String, _ phase: Phase? = nil) -> Double {
    rows.reduce(0) { $1.operation == name && (phase ?? $1.phase) == $1.phase ? $0 + $1.seconds : $0 }
  }

  /// Operations on numbers of all layers, forward and backward.
  public var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  /// The part of ``peakFLOPS`` that all of it reached; 0 where nothing is known. Operations count as the layers are defined:
  /// convolutions by Winograd's algorithm make fewer, and may reach more than 1.
  public var shareOfPeak: Double {
    seconds > 0 && peakFLOPS > 0 ? Double(flops) / seconds / peakFLOPS : 0
  }
}
