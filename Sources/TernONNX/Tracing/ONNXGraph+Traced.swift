import Foundation
import TernBackend
import TernData
import TernMessages
import TernNN
import TernTensor

extension ONNXGraph {
  /// Adds a traced forward pass.
  ///
  /// - Parameter inputs: the values that stand for its inputs.
  func add(_ forward: TracedForward, inputs: [TracedValue]) -> [TracedValue] {
    var writer = TracedWriter(graph: self, forward: forward, inputs: inputs)
    return writer.write()
  }

  // MARK: Numbers and sizes

  /// The type of a tensor's elements in the file: floating-point numbers are of single precision.
  static func type(_ type: DType) -> Onnx_TensorProto.DataType {
    switch type {
    case .float32, .float64, .bfloat16: .float
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .bool: .bool
    }
  }

  /// A number as a tensor without axes.
  func number(_ value: Double, _ type: DType) -> String {
    let key = "\(Self.type(type)) \(value.bitPattern)"
    if let name = numbers[key] { return name }
    func whole<Number: FixedWidthInteger>(_: Number.Type) -> Number {
      value >= Double(Number.max) ? .max : value <= Double(Number.min) ? .min : value.isNaN ? 0 : Number(value)
    }
    let name: String
    switch type {
    case .float32, .float64, .bfloat16: name = constant(Tensor(Float(value)), prefix: "constant")
    case .int32: name = constant(Tensor(whole(Int32.self)), prefix: "constant")
    case .int64: name = constant(Tensor(whole(Int.self)), prefix: "constant")
    case .uint8: name = constant(Tensor(whole(UInt8.self)), prefix: "constant")
    case .bool: name = constant(Tensor(value != 0), prefix: "constant")
    }
    numbers[key] = name
    return name
  }

  /// A number that has these values for ``Extent/batches``: a·N + b, or a/N.
  func number(ofBatches values: [Double], _ type: DType) throws(Refusal) -> String {
    let sizes = Extent.batches.map(Double.init)
    let batch = cast(batchSize(), .int64, to: .float32)
    func node(_ operation: String, _ a: String, _ b: String) -> String {
      let name = fresh(operation.lowercased())
      add(operation, [a, b], [name])
      return name
    }
    func isClose(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude <= 1e-5 * max(a.magnitude, b.magnitude) }
    let slope = values[1] - values[0]
    let offset = values[0] - slope * sizes[0]
    var result: String
    if isClose(values[2], offset + slope * sizes[2]) {
      result = node("Mul", batch, number(slope, .float32))
      if offset != 0 { result = node("Add", result, number(offset, .float32)) }
    } else if isClose(values[0] * sizes[0], values[1] * sizes[1]), isClose(values[0] * sizes[0], values[2] * sizes[2]) {
      result = node("Div", number(values[0] * sizes[0], .float32), batch)
    } else {
      throw Refusal("a number depends on the batch otherwise than in proportion")
    }
    let scalar = fresh("reshape")
    add("Reshape", [result, integers([]).name], [scalar])
    return cast(scalar, .float32, to: type)
  }

  /// The batch as a vector of one whole number.
  func batchSize() -> String {
    if let known = batchName { return known }
    let name = fresh("batch_size")
    add("Shape", [batchSource], [name], ["start": .int(0), "end": .int(1)])
    batchName = name
    return name
  }

  /// One number that may depend on the batch, as a vector.
  private func size(_ extent: Extent) -> String {
    if extent.isFixed { return integers([extent.fixed]).name }
    if let name = sizeNames[extent] { return name }
    var name = batchSize()
    for (operation, value) in [("Mul", extent.perBatch), ("Add", extent.fixed)]
    where value != (operation == "Mul" ? 1 : 0) {
      let result = fresh(operation.lowercased())
      add(operation, [name, integers([value]).name], [result])
      name = result
    }
    sizeNames[extent] = name
    return name
  }

  /// Whole numbers, some of which may depend on the batch, as a vector.
  func sizes(_ extents: [Extent]) -> String {
    if let fixed = extents.fixed { return integers(fixed).name }
    if extents.count == 1 { return size(extents[0]) }
    var parts: [String] = []
    var run: [Int] = []
    for extent in extents {
      if extent.isFixed {
        run.append(extent.fixed)
        continue
      }
      if !run.isEmpty { parts.append(integers(run).name) }
      run = []
      parts.append(size(extent))
    }
    if !run.isEmpty { parts.append(integers(run).name) }
    if parts.count == 1 { return parts[0] }
    let name = fresh("sizes")
    add("Concat", parts, [name], ["axis": .int(0)])
    return name
  }

  /// A value under another shape: one extent that depends on the batch is worked out by ONNX itself.
  func reshaped(_ value: String, from: [Extent], to shape: [Extent]) -> String {
    if from == shape { return value }
    let name = fresh("reshape")
    let moving = shape.indices.filter { !shape[$0].isFixed }
    var wanted = shape.map { $0.isFixed ? $0.fixed : 0 }
    let isEmpty = shape.contains { $0.isFixed && $0.fixed == 0 }
    // 0 keeps the extent of that axis, -1 is what is left.
    let kept = moving.filter { from.indices.contains($0) && from[$0] == shape[$0] }
    let others = moving.filter { !kept.contains($0) }
    if !isEmpty, others.count <= 1 {
      for axis in others { wanted[axis] = -1 }
      add("Reshape", [value, integers(wanted).name], [name])
    } else {
      add("Reshape", [value, sizes(shape)], [name])
    }
    return name
  }

  /// A value in another type.
  func cast(_ value: String, _ from: DType, to type: DType) -> String {
    if Self.type(from) == Self.type(type) { return value }
    let name = fresh("cast")
    add("Cast", [value], [name], ["to": .int(Self.type(type).rawValue)])
    return name
  }

  /// The type that a body's elements have in the file, and its elements.
  func constant(_ body: TensorBody, name: String) -> String {
    switch body.dtype {
    case .float32: constant(Tensor<Float>(body: body.detached), as: name)
    case .float64: constant(Tensor<Double>(body: body.detached), as: name)
    case .int32: constant(Tensor<Int32>(body: body.detached), as: name)
    case .int64: constant(Tensor<Int>(body: body.detached), as: name)
    case .uint8: constant(Tensor<UInt8>(body: body.detached), as: name)
    case .bool: constant(Tensor<Bool>(body: body.detached), as: name)
    case .bfloat16: constant(Tensor<BFloat16>(body: body.detached).cast(to: Float.self), as: name)
    }
    return name
  }
}
