import Foundation
import SwiftProtobuf
import TernBackend
import TernData
import TernMessages
import TernTensor
import TernTraining

/// Scalars, histograms, images, text and hyperparameters in an event file that TensorBoard shows.
///
/// ```swift
/// let writer = try TensorBoardWriter("runs/mine")
/// for step in 1...100 { writer.addScalar("loss", 1 / Double(step), step: step) }
/// writer.addHistogram("weights", model.weight.value, step: 100)
/// writer.flush()
/// ```
///
/// What is added is in the file after two seconds at most, where more is added, and when the writer is gone. Where the file
/// cannot be written any more that is said once on standard error, and the program goes on.
public final class TensorBoardWriter {
  /// The folder of the event file.
  public let folder: String
  private let file: EventFile

  /// A new event file in `folder`, which is made where need be.
  ///
  /// - Parameters:
  ///   - folder: the folder; TensorBoard shows all event files in it as one run.
  ///   - step: the first step that is to come: what earlier files have of it and of later ones is no longer shown. For a
  ///     training that goes on.
  /// - Throws: `DataError` where none can be made.
  public init(_ folder: String, from step: Int? = nil) throws(DataError) {
    self.folder = folder
    file = try EventFile(in: folder)
    guard let step else { return }
    var event = Tensorboard_Event()
    event.step = Int64(step)
    event.sessionLog.status = .start
    file.append(event)
    file.flush()
  }

  /// Adds a number, which is kept as a `Float`.
  public func addScalar(_ tag: String, _ value: Double, step: Int) {
    var summary = Tensorboard_Summary.Value()
    summary.tag = tag
    summary.simpleValue = Float(value)
    add(summary, step)
  }

  /// Adds how the values of a tensor are spread, in 64 equal parts from the least to the largest; values that are not finite
  /// do not count.
  public func addHistogram(_ tag: String, _ values: Tensor<some FloatingScalar>, step: Int) {
    var summary = Tensorboard_Summary.Value()
    summary.tag = tag
    summary.histo = withoutGradients { values.detached().contiguous }.withUnsafeScalars { histogram($0) }
    add(summary, step)
  }

  /// Adds a picture [C, H, W] or [H, W] of bytes: one channel is gray, two gray and alpha, three red, green and blue, four
  /// those and alpha. Stops for other shapes.
  public func addImage(
    _ tag: String, _ picture: Tensor<UInt8>, step: Int, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var summary = Tensorboard_Summary.Value()
    summary.tag = tag
    summary.image.encodedImageString = Data(PNGFile.bytes(of: picture))
    summary.image.height = Int32(clamping: picture.shape[picture.rank - 2])
    summary.image.width = Int32(clamping: picture.shape[picture.rank - 1])
    summary.image.colorspace = picture.rank == 2 ? 1 : Int32(clamping: picture.shape[0])
    add(summary, step)
  }

  /// Adds a picture whose values are 0…1; what is beyond is cut off, NaN is black.
  public func addImage<Scalar: FloatingScalar>(
    _ tag: String, _ picture: Tensor<Scalar>, step: Int, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let bytes = withoutGradients { picture.detached().contiguous }.scalars.map { value -> UInt8 in
      let number = value.number
      return number > 0 ? UInt8((min(number, 1) * 255).rounded()) : 0
    }
    addImage(tag, Tensor<UInt8>(bytes).reshaped(picture.shape), step: step)
  }

  /// Adds words, which TensorBoard shows as Markdown.
  public func addText(_ tag: String, _ text: String, step: Int) {
    var summary = Tensorboard_Summary.Value()
    summary.tag = tag
    summary.metadata.pluginData.pluginName = "text"
    summary.metadata.dataClass = .tensor
    summary.tensor.dtype = .dtString
    summary.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    summary.tensor.stringVal = [Data(text.utf8)]
    add(summary, step)
  }

  /// Adds the settings of a run, and which of its scalars it is judged by.
  ///
  /// - Parameters:
  ///   - values: the settings by name.
  ///   - metrics: tags of scalars.
  public func addHyperparameters(_ values: KeyValuePairs<String, SettingValue>, metrics: [String] = []) {
    addHyperparameters(values.map { (name: $0.key, value: $0.value) }, metrics: metrics)
  }

  package func addHyperparameters(_ values: [(name: String, value: SettingValue)], metrics: [String]) {
    var experiment = Tensorboard_Hparams_Experiment()
    var start = Tensorboard_Hparams_SessionStartInfo()
    start.startTimeSecs = Date().timeIntervalSince1970
    for (name, value) in values {
      var info = Tensorboard_Hparams_HParamInfo()
      info.name = name
      switch value {
      case .number(let number):
        info.type = .float64
        start.hparams[name] = .init(numberValue: number)
      case .text(let text):
        info.type = .string
        start.hparams[name] = .init(stringValue: text)
      case .flag(let flag):
        info.type = .bool
        start.hparams[name] = .init(boolValue: flag)
      }
      experiment.hparamInfos.append(info)
    }
    experiment.metricInfos = metrics.map { tag in .with { $0.name.tag = tag } }
    add("experiment", .with { $0.experiment = experiment })
    add("session_start_info", .with { $0.sessionStartInfo = start })
  }

  /// Says that the run of the hyperparameters is over.
  ///
  /// - Parameter isComplete: whether it got to its end.
  public func endHyperparameters(isComplete: Bool = true) {
    add(
      "session_end_info",
      .with {
        $0.sessionEndInfo.status = isComplete ? .success : .failure
        $0.sessionEndInfo.endTimeSecs = Date().timeIntervalSince1970
      })
  }

  /// Writes what waits to the file.
  public func flush() { file.flush() }

  private func add(_ name: String, _ data: Tensorboard_Hparams_HParamsPluginData) {
    guard let content = try? data.serializedData() else { return }
    var summary = Tensorboard_Summary.Value()
    summary.tag = "_hparams_/\(name)"
    summary.metadata.pluginData.pluginName = "hparams"
    summary.metadata.pluginData.content = content
    summary.metadata.dataClass = .tensor
    // Readers of whole tensors expect one; its value means nothing.
    summary.tensor.dtype = .dtFloat
    summary.tensor.tensorShape.dim = [.with { $0.size = 0 }]
    add(summary, 0)
  }

  private func add(_ value: Tensorboard_Summary.Value, _ step: Int) {
    var event = Tensorboard_Event()
    event.step = Int64(step)
    event.summary.value = [value]
    file.append(event)
  }

  private func histogram<Scalar: FloatingScalar>(
    _ values: UnsafeBufferPointer<Scalar>
  ) -> Tensorboard_HistogramProto {
    var result = Tensorboard_HistogramProto()
    var (low, high, count, sum, squares) = (Double.infinity, -Double.infinity, 0.0, 0.0, 0.0)
    for value in values {
      let number = value.number
      guard number.isFinite else { continue }
      (low, high) = (min(low, number), max(high, number))
      (count, sum, squares) = (count + 1, sum + number, squares + number * number)
    }
    guard count > 0 else { return .with { ($0.bucketLimit, $0.bucket) = ([0], [0]) } }
    (result.min, result.max, result.num, result.sum, result.sumSquares) = (low, high, count, sum, squares)
    let parts = 64
    let width = high / Double(parts) - low / Double(parts)
    guard width > 0 else {
      (result.bucketLimit, result.bucket) = ([high], [count])
      return result
    }
    var counts = [Double](repeating: 0, count: parts)
    for value in values {
      let number = value.number
      guard number.isFinite else { continue }
      counts[min(Int(number / width - low / width), parts - 1)] += 1
    }
    result.bucketLimit = (1...parts).map { $0 == parts ? high : low + width * Double($0) }
    result.bucket = counts
    return result
  }
}
