import Tern
import TernVision

extension TrainCommand {
  /// Writes how the samples were learned, where that is kept.
  func writeSamples(
    _ trainer: Trainer<Sequential<Float>, TrainingSamples>, _ folder: TrainingRun, _ task: TrainingTask
  ) throws {
    guard let history = trainer.sampleHistory else { return }
    let report = SampleReport(
      history, title: "\(task.title): samples", classNames: task.interface.classNames, name: task.train.name,
      picture: task.train.picture)
    try report.write(to: folder.folder)
  }
}

extension LabeledImages {
  /// The image at `index` [C, H, W], where it is gray or has three colors.
  func picture(_ index: Int) -> Tensor<UInt8>? {
    guard channels == 1 || channels == 3, maximum > 0 else { return nil }
    let size = channels * height * width
    let bytes = pixels[index * size..<(index + 1) * size].map { UInt8(Int($0) * 255 / Int(maximum)) }
    return Tensor(bytes, shape: [channels, height, width])
  }
}

/// A picture's file made to fit 96×96 pixels [C, H, W]; `nil` where it cannot be read.
func thumbnail(of path: String) -> Tensor<UInt8>? {
  guard let picture = try? Image(contentsOf: path, atLeast: (96, 96)) else { return nil }
  let scale = min(1, 96 / Double(max(picture.height, picture.width)))
  let (height, width) = (Int(Double(picture.height) * scale), Int(Double(picture.width) * scale))
  return picture.converted(toBitDepth: 8).resized(height: max(height, 1), width: max(width, 1)).byteTensor
}
