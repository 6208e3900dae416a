import Foundation
import SwiftProtobuf
import TernBackend
import TernData
import TernMessages

extension ONNXModel {
  /// Reads the file at `path`, and the files with the data of its tensors beside it.
  ///
  /// Nothing outside the file's own folder is read. An ``ONNXNetwork`` made of it runs and trains.
  ///
  /// - Throws: `ONNXError` for what is no ONNX model, or lacks data.
  public init(contentsOf path: String) throws(ONNXError) {
    do {
      var proto = try Self.parse(FileIO.read(path))
      var folder = ExternalFolder(of: path)
      try folder.fill(&proto.graph)
      for index in proto.functions.indices {
        for node in proto.functions[index].node.indices { try folder.fill(&proto.functions[index].node[node]) }
      }
      self.init(proto: proto)
    } catch {
      throw ONNXError(error)
    }
  }

  /// Reads the contents of a file whose tensors are all in it.
  ///
  /// - Throws: `ONNXError` for what is no ONNX model.
  public init(bytes: [UInt8]) throws(ONNXError) {
    do { self.init(proto: try Self.parse(bytes)) } catch { throw ONNXError(error) }
  }

  private static func parse(_ bytes: [UInt8]) throws -> Onnx_ModelProto {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 200
    let proto: Onnx_ModelProto
    do {
      proto = try Onnx_ModelProto(serializedBytes: bytes, extensions: nil, partial: true, options: options)
    } catch {
      throw ONNXError("not an ONNX model: \(error)")
    }
    guard proto.hasGraph, !proto.graph.node.isEmpty || !proto.graph.output.isEmpty else {
      throw ONNXError("not an ONNX model: it has no graph")
    }
    return proto
  }
}

/// The folder of a model, where the data of its large tensors lie in files.
private struct ExternalFolder {
  private let folder: String
  private var files: [String: MappedFile] = [:]

  init(of path: String) {
    let parent = (path as NSString).deletingLastPathComponent
    folder = parent.isEmpty ? "." : parent
  }

  mutating func fill(_ graph: inout Onnx_GraphProto) throws {
    for index in graph.initializer.indices { try fill(&graph.initializer[index]) }
    for index in graph.node.indices { try fill(&graph.node[index]) }
  }

  mutating func fill(_ node: inout Onnx_NodeProto) throws {
    for index in node.attribute.indices {
      if node.attribute[index].hasT { try fill(&node.attribute[index].t) }
      if node.attribute[index].hasG { try fill(&node.attribute[index].g) }
    }
  }

  private mutating func fill(_ tensor: inout Onnx_TensorProto) throws {
    guard tensor.hasDataLocation, tensor.dataLocation == .external else { return }
    let name = "the tensor \"\(tensor.name)\""
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    guard let location = entries["location"], !location.isEmpty else { throw ONNXError("\(name) lacks its file") }
    let file = try open(location, name)
    guard let offset = Int(entries["offset"] ?? "0"), offset >= 0, offset <= file.bytes.count else {
      throw ONNXError("\(name) begins outside of \"\(location)\"")
    }
    guard let kind = Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType)), let type = ElementType(onnx: kind),
      let size = type.byteCount(of: tensor.dims.map { Int($0) })
    else { throw ONNXError("\(name) has elements of \(onnxTypeName(Int(tensor.dataType))) or no valid shape") }
    guard let length = Int(entries["length"] ?? "\(size)"), length == size, length <= file.bytes.count - offset else {
      throw ONNXError("\(name) takes \(size) bytes, more or fewer than \"\(location)\" has for it")
    }
    tensor.rawData = Data(file.bytes[offset..<offset + length])
    tensor.externalData = []
    tensor.clearDataLocation()
  }

  private mutating func open(_ location: String, _ name: String) throws -> MappedFile {
    if let known = files[location] { return known }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.contains("\0") else {
      throw ONNXError("\(name) names the file \"\(location)\", which is outside of the model's folder")
    }
    let path = folder + "/" + location
    let own = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    guard URL(fileURLWithPath: path).resolvingSymlinksInPath().path.hasPrefix(own == "/" ? own : own + "/") else {
      throw ONNXError("\(name) names the file \"\(location)\", which leads out of the model's folder")
    }
    let file = try MappedFile(path)
    files[location] = file
    return file
  }
}
