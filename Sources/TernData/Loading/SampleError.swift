/// A sample that a data set could not read, thrown where the batch it belongs to would have come.
public struct SampleError<Failure: Error>: Error, CustomStringConvertible {
  /// The sample's index in the loader's data set; `nil` where every sample of the batch can be read by itself.
  public let index: Int?
  /// The number of the batch in its epoch.
  public let batch: Int
  /// The number of the epoch.
  public let epoch: Int
  /// What the data set threw.
  public let underlying: Failure

  /// Which sample it was, and what the data set says.
  public var description: String {
    (index.map { "sample \($0), in batch" } ?? "batch") + " \(batch) of epoch \(epoch): \(underlying)"
  }
}
