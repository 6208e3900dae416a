import TernBackend
import TernTensor

/// Images as a data set to train and test with: inputs [N, C, H, W] as Float, labels [N].
///
/// Bytes become numbers when a batch is asked for, so that the set takes no more memory than its file.
public struct ImageDataset: SampleDataset, FingerprintedDataset {
  /// The images behind it.
  public let images: LabeledImages
  /// How the values are shifted and scaled, after they were brought to 0…1; `nil` leaves them there.
  public let standardization: Standardization?
  /// What each byte becomes, 256 numbers a channel.
  private let table: [Float]

  /// A data set of `images`; stops where `standardization` is for another number of channels.
  ///
  /// - Parameters:
  ///   - images: The images.
  ///   - standardization: A standardization to apply.
  public init(
    _ images: LabeledImages, standardization: Standardization? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      standardization.map { $0.mean.count == images.channels } ?? true, "ImageDataset",
      "a standardization of \(standardization?.mean.count ?? 0) channels for images of \(images.channels)")
    self.images = images
    self.standardization = standardization
    table = (0..<images.channels).flatMap { channel in
      (0..<256).map { byte in
        let value = Double(byte) / Double(images.maximum)
        guard let standardization else { return Float(value) }
        return Float((value - standardization.mean[channel]) / standardization.deviation[channel])
      }
    }
  }

  /// How many images there are.
  public var count: Int { images.count }

  /// A short text that depends on the images; not on how their values are scaled.
  public var fingerprint: String { images.fingerprint }

  /// The image at `index` [C, H, W] with its class [], channels-last in memory; stops for one that is not there.
  public func sample(_ index: Int) -> LabeledSample<Float, Int> {
    let image = images(at: [index])
    return LabeledSample(image.inputs[0], label: image.labels[0])
  }

  /// The images at `indices`, channels-last in memory, as convolutions want them; stops for one that is not there.
  public func batch(_ indices: [Int], file: StaticString = #fileID, line: UInt = #line) -> LabeledBatch<Float, Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return images(at: indices)
  }

  /// The images at `indices`, as loaders ask for them.
  @_disfavoredOverload
  public func batch(_ indices: [Int]) -> LabeledBatch<Float, Int> { images(at: indices) }

  private func images(at indices: [Int]) -> LabeledBatch<Float, Int> {
    let (channels, plane) = (images.channels, images.height * images.width)
    let inputs = Tensor<Float>(
      uninitialized: Layout([indices.count, channels, images.height, images.width], order: [0, 2, 3, 1]))
    let out = inputs.mutablePointer
    images.pixels.withUnsafeBufferPointer { pixels in
      table.withUnsafeBufferPointer { table in
        for (row, index) in indices.enumerated() {
          check(index >= 0 && index < count, "ImageDataset", "index \(index) is not in 0 ..< \(count)")
          for channel in 0..<channels {
            let source = (index * channels + channel) * plane
            let target = out + row * channels * plane + channel
            for place in 0..<plane { target[place * channels] = table[channel * 256 + Int(pixels[source + place])] }
          }
        }
      }
    }
    return LabeledBatch(inputs: inputs, labels: Tensor(indices.map { Int(images.labels[$0]) }))
  }
}

extension LabeledImages {
  /// The bytes as a tensor [N, C, H, W].
  public var pixelTensor: Tensor<UInt8> { Tensor(pixels, shape: shape) }

  /// The classes as a tensor [N].
  public var labelTensor: Tensor<Int> { Tensor(labels.map { Int($0) }) }
}
