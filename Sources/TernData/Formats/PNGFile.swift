import TernBackend
import TernTensor

/// Portable network graphics (ISO/IEC 15948), written: each row filtered as makes it shortest, then deflated; the same
/// bytes for the same picture.
///
/// The product TernVision reads them, and other pictures.
public enum PNGFile {
  /// The most rows or columns the format has room for.
  static let maximumExtent = Int(Int32.max)

  /// The file of a picture [C, H, W] or [H, W] of bytes: one channel is gray, two gray and alpha, three red, green and
  /// blue, four those and alpha.
  ///
  /// Stops for other shapes, and where a side is 0.
  public static func bytes(of picture: Tensor<UInt8>, file: StaticString = #fileID, line: UInt = #line) -> [UInt8] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let shape = picture.rank == 2 ? [1] + picture.shape : picture.shape
    check(
      shape.count == 3 && 1...4 ~= shape[0] && shape[1...].allSatisfy { 1...maximumExtent ~= $0 }, "PNGFile",
      "a picture of shape \(picture.shape), expected [C, H, W] with 1 to 4 channels, or [H, W]")
    let interleaved = withoutGradients { picture.detached().reshaped(shape).permuted([1, 2, 0]).scalars }
    return bytes(interleaved, height: shape[1], width: shape[2], channels: shape[0])
  }

  /// Writes a picture [C, H, W] or [H, W], see ``bytes(of:file:line:)``; whole or not at all.
  public static func write(
    _ picture: Tensor<UInt8>, to path: String, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try FileIO.write(bytes(of: picture), to: path)
  }

  /// The file of a picture whose values lie pixel by pixel; of 16 bits with the most significant byte first.
  package static func bytes(_ samples: [UInt8], height: Int, width: Int, channels: Int, bitDepth: Int = 8) -> [UInt8] {
    let pixel = channels * bitDepth / 8
    precondition(samples.count == height * width * pixel)
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let colorType: UInt8 = [0, 4, 2, 6][channels - 1]
    append("IHDR", bigEndian(height, after: bigEndian(width)) + [UInt8(bitDepth), colorType, 0, 0, 0], to: &file)
    let rows = filtered(samples, rowBytes: width * pixel, pixel: pixel)
    append("IDAT", deflated([SharedBytes(rows)], level: 6, windowBits: 15), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private static func bigEndian(_ number: Int, after before: [UInt8] = []) -> [UInt8] {
    before + withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
  }

  /// Appends a chunk: its length, its name, its contents and their checksum. What is longer than a chunk may be goes on
  /// in a next one.
  private static func append(_ name: String, _ contents: [UInt8], to file: inout [UInt8]) {
    var start = 0
    repeat {
      let part = contents[start..<min(start + 1 << 30, contents.count)]
      let body = Array(name.utf8) + part
      file += bigEndian(part.count) + body
      file += bigEndian(Int(checksum([SharedBytes(body)])))
      start += part.count
    } while start < contents.count
  }

  /// The rows, each behind the number of its filter: the one whose differences have the least sum of absolute values.
  private static func filtered(_ samples: [UInt8], rowBytes: Int, pixel: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(samples.count + samples.count / rowBytes)
    samples.withUnsafeBufferPointer { samples in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 5 * rowBytes) { tries in
        for start in stride(from: 0, to: samples.count, by: rowBytes) {
          var sums = (0, 0, 0, 0, 0)
          for i in 0..<rowBytes {
            let value = samples[start + i]
            let left = i >= pixel ? samples[start + i - pixel] : 0
            let up = start > 0 ? samples[start + i - rowBytes] : 0
            let corner = i >= pixel && start > 0 ? samples[start + i - rowBytes - pixel] : 0
            func attempt(_ filter: Int, _ prediction: UInt8, _ sum: inout Int) {
              let difference = value &- prediction
              tries[filter * rowBytes + i] = difference
              sum &+= Int(Int8(bitPattern: difference).magnitude)
            }
            attempt(0, 0, &sums.0)
            attempt(1, left, &sums.1)
            attempt(2, up, &sums.2)
            attempt(3, UInt8((Int(left) + Int(up)) / 2), &sums.3)
            attempt(4, nearest(left, up, corner), &sums.4)
          }
          let all = [sums.0, sums.1, sums.2, sums.3, sums.4]
          let best = all.indices.min { all[$0] < all[$1] } ?? 0
          result.append(UInt8(best))
          result += tries[(best * rowBytes)..<((best + 1) * rowBytes)]
        }
      }
    }
    return result
  }

  /// Of three neighbors the one nearest to left + up − corner (Paeth).
  private static func nearest(_ left: UInt8, _ up: UInt8, _ corner: UInt8) -> UInt8 {
    let estimate = Int(left) + Int(up) - Int(corner)
    let (a, b, c) = (abs(estimate - Int(left)), abs(estimate - Int(up)), abs(estimate - Int(corner)))
    return a <= b && a <= c ? left : b <= c ? up : corner
  }
}
