import Foundation
import SwiftProtobuf
import TernData
import TernMessages

extension ONNXModel {
  /// The most bytes of weights that a file holds itself: a message has less than two gigabytes.
  public static let largestMessage = 2_000_000_000

  /// The file's contents.
  ///
  /// - Throws: `DataError` where they would exceed the two gigabytes that a message can have.
  public func bytes() throws(DataError) -> [UInt8] {
    do {
      return try proto.serializedBytes()
    } catch {
      throw DataError(.tooLarge, file: "onnx", "the model cannot be one message: \(error)", expected: "less than 2 GB")
    }
  }

  /// Writes the file at `path`, whole or not at all.
  ///
  /// - Parameter largest: the most bytes of weights that stay in the file; where there are more, they go to a second file
  ///   beside it with `.data` behind the name, which the first names.
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String, externalDataAbove largest: Int = ONNXModel.largestMessage) throws(DataError) {
    let total = proto.graph.initializer.reduce(0) { $0 + $1.rawData.count }
    guard total > largest else { return try FileIO.write(bytes(), to: path) }
    let location = (path as NSString).lastPathComponent + ".data"
    var outside = proto
    var data: [UInt8] = []
    data.reserveCapacity(total)
    for place in outside.graph.initializer.indices {
      let tensor = outside.graph.initializer[place]
      // Shapes and numbers are read by who checks the graph.
      guard tensor.rawData.count >= 1024 else { continue }
      data += [UInt8](repeating: 0, count: (64 - data.count % 64) % 64)
      func entry(_ key: String, _ value: String) -> Onnx_StringStringEntryProto {
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = (key, value)
        return entry
      }
      outside.graph.initializer[place].externalData = [
        entry("location", location), entry("offset", "\(data.count)"), entry("length", "\(tensor.rawData.count)"),
      ]
      outside.graph.initializer[place].dataLocation = .external
      data += tensor.rawData
      outside.graph.initializer[place].clearRawData()
    }
    try FileIO.write(data, to: path + ".data")
    try FileIO.write(ONNXModel(proto: outside).bytes(), to: path)
  }
}
