import Tern

/// A set of images that experiments learn.
package enum ExperimentImages: String, Sendable {
  /// Written digits, 28×28.
  case mnist
  /// Clothes, 28×28.
  case fashion = "fashion-mnist"
  /// Things and animals, 3×32×32.
  case cifar10

  /// Where its files are: in the folder of its name below `data`, or in `data` itself.
  fileprivate func folder(_ data: String) -> String {
    let below = data.hasSuffix("/") ? data + rawValue : "\(data)/\(rawValue)"
    return FileIO.isFolder(below) ? below : data
  }
}

extension ExperimentContext {
  /// The images of a set from the data folder; the 8×8 digits inside the package where no folder is given.
  ///
  /// - Throws: `DataError` where the folder has no images or a file of it is wrong.
  package func images(_ images: ExperimentImages) throws(DataError) -> ImageSplit {
    guard let dataFolder else { return Digits.split }
    return try ImageSplit.read(images.folder(dataFolder))
  }
}
