import TernBackend

/// The optical digits of the UCI repository: 1,797 images of 8×8 with values from 0 to 16, inside the package.
///
/// Source and license: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
/// Repository, 1998 (https://doi.org/10.24432/C50P49), CC BY 4.0; the copy that scikit-learn ships.
public enum Digits {
  /// The values of all images, 64 each, row by row, in the order of the source.
  public static var images: [UInt8] { contents.images }

  /// The digit that each image shows.
  public static var labels: [UInt8] { contents.labels }

  /// The data set with a fixed division: every fifth image of each digit (the 5th, the 10th, …) is to test with.
  public static let split: ImageSplit = {
    var seen = [Int](repeating: 0, count: 10)
    var train: (pixels: [UInt8], labels: [UInt8]) = ([], [])
    var test = train
    for (index, label) in labels.enumerated() {
      seen[Int(label)] += 1
      let pixels = images[(index * 64)..<(index * 64 + 64)]
      if seen[Int(label)].isMultiple(of: 5) {
        test.pixels += pixels
        test.labels.append(label)
      } else {
        train.pixels += pixels
        train.labels.append(label)
      }
    }
    return ImageSplit(name: "Digits", train: part(train), test: part(test))
  }()

  private static func part(_ part: (pixels: [UInt8], labels: [UInt8])) -> LabeledImages {
    LabeledImages(
      pixels: part.pixels, labels: part.labels, channels: 1, height: 8, width: 8, maximum: 16, classCount: 10)
  }

  private static let count = 1797

  /// The images and the labels behind them, from the archive in the source: a resource file would have to lie beside
  /// every program that uses the package.
  private static let contents: (images: [UInt8], labels: [UInt8]) = {
    do throws(DataError) {
      let archive = base64Decoded(digitsArchiveFirst) + base64Decoded(digitsArchiveSecond)
      let bytes = try Gzip.contents(of: archive, file: "digits", limit: count * 65)
      check(bytes.count == count * 65, "Digits", "the archive has \(bytes.count) bytes (\(count * 65) expected)")
      return (Array(bytes[..<(count * 64)]), Array(bytes[(count * 64)...]))
    } catch {
      fail("Digits", "\(error)")
    }
  }()

  /// The bytes behind base64 (RFC 4648) without line breaks.
  static func base64Decoded(_ text: StaticString) -> [UInt8] {
    var values = [UInt32](repeating: 0, count: 256)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for (value, symbol) in alphabet.enumerated() { values[Int(symbol)] = UInt32(value) }
    return text.withUTF8Buffer { symbols in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(symbols.count / 4 * 3)
      for start in stride(from: 0, to: symbols.count, by: 4) {
        let group = symbols[start..<(start + 4)]
        let value = group.reduce(0) { $0 << 6 | values[Int($1)] }
        let missing = group.count { $0 == UInt8(ascii: "=") }
        for index in 0..<(3 - missing) { bytes.append(UInt8(truncatingIfNeeded: value >> (16 - 8 * index))) }
      }
      return bytes
    }
  }
}
