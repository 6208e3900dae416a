/// What the steps of a training take in memory, known before the first of them; see ``memoryPlan(of:input:optimizer:loss:limits:file:line:)``.
///
/// **How it is known.** Two steps run with two small batches, B/2ʲ and a quarter of that, where B is the batch asked for. Every
/// operation, derivative and update is an event with the bytes in use after it and the most during it. Both batches make the
/// same events, and the bytes of each are affine in the batch: what is kept between steps is the constant, results, saved values
/// and workspaces are the slope. Extended to B, the largest event is the peak. The pool rounds requests to four sizes a doubling,
/// the same for a size and its double: with batches that are B divided by powers of two the rounding is that of B. The larger
/// batch is the largest of these that takes at most 64 MB, or as much as is kept between steps, and a second, so that what switches with the
/// size, such as the algorithm of a convolution, has switched; a small network is run with B itself.
///
/// The bytes are those of the pool's blocks, which hold all tensors and workspaces; blocks up to 4 KB are not counted. The process
/// has more: code, stacks, OpenBLAS's buffers and the graph itself, see ``MemoryLimit``.
public struct MemoryPlan: Sendable {
  /// A layer with what runs in it and in none below it.
  public struct Layer: Sendable, Hashable {
    /// The path from the model; empty for the model itself.
    public let path: String
    /// What kind of layer it is: `Conv2D`.
    public let kind: String
    /// The bytes that it leaves in memory for backward; negative where it frees some.
    public let keptBytes: Int
    /// The most bytes in use, those of everything else included, while its forward pass runs; 0 where it has none.
    public let forwardPeakBytes: Int
    /// The most bytes in use, those of everything else included, while its derivatives run; 0 where it has none.
    public let backwardPeakBytes: Int
  }

  /// What activation checkpointing would save, see ``Sequential/checkpointed(segments:file:line:)``.
  public struct Checkpointing: Sendable, Hashable {
    /// The segments that take least of those that were tried.
    public let segments: Int
    /// The peak with them.
    public let peakBytes: Int
    /// The largest batch that fits with them; 0 where none does.
    public let largestBatchSize: Int
  }

  /// Samples of a batch.
  public let batchSize: Int
  /// The most bytes that tensors take at once: the batch, the model and all that belongs to it.
  public let peakBytes: Int
  /// At the peak: parameters and buffers of the model.
  public let parameterBytes: Int
  /// At the peak: gradients of the parameters.
  public let gradientBytes: Int
  /// At the peak: what the optimizer keeps.
  public let optimizerBytes: Int
  /// At the peak: what the running operation takes for itself, and gives back.
  public let workspaceBytes: Int
  /// Batches of data that are there at once.
  public let dataBytes: Int
  /// At the peak: all else, results of layers kept for backward and gradients on the way.
  public var activationBytes: Int {
    max(0, peakBytes - parameterBytes - gradientBytes - optimizerBytes - workspaceBytes - dataBytes)
  }
  /// The layer that runs at the peak; empty where it is outside of layers.
  public let layer: String
  /// The operation, derivative or section that runs at the peak.
  public let operation: String
  /// The kind of work at the peak.
  public let phase: Profile.Phase
  /// The layers, in the order in which they begin.
  public let layers: [Layer]
  /// The limit that leaves least.
  public let limit: MemoryLimit
  /// What counts against ``limit``: ``peakBytes`` and, of addresses, what lies unused at the ends of blocks.
  public let neededBytes: Int
  /// The largest batch that fits; 0 where none does, ``mostSamples`` where all do.
  public let largestBatchSize: Int
  /// What checkpointing would save; `nil` where the model is no ``Sequential`` of several layers, or nothing would be saved.
  public let checkpointing: Checkpointing?
  /// The batches that were run.
  public let measuredBatchSizes: [Int]

  /// No batch that is looked for is larger.
  public static let mostSamples = 1 << 24

  /// What the pool will hold where nothing limits it: ``peakBytes``, and blocks that it keeps for steps to come. The process grows
  /// by this.
  public let poolBytes: Int

  /// Whether the batch fits.
  public var fits: Bool { neededBytes <= limit.tensorBytes }
}
