import TernTensor
import Testing

@testable import TernData

@Suite("Tensors in files")
struct TensorFilesTests {
  @Test("Every scalar type goes through both formats, from every layout")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      func check<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, _ what: String) throws {
        try tensor.write(npy: folder + "/a.npy")
        let read = try Tensor<Scalar>(npy: folder + "/a.npy")
        #expect(read.shape == tensor.shape && read == tensor, "\(what) of \(Scalar.self) in npy")
        try SafetensorsFile.write([("a.b", StoredArray(tensor))], to: folder + "/a.safetensors")
        let file = try SafetensorsFile(contentsOf: folder + "/a.safetensors")
        let again: Tensor<Scalar> = try file.tensor("a.b")
        #expect(again.shape == tensor.shape && again == tensor, "\(what) of \(Scalar.self) in safetensors")
      }
      func layouts<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) throws {
        try check(tensor, "contiguous")
        try check(tensor.transposed(0, 2), "transposed")
        try check(tensor[.all, .slice(step: 2)], "stepped")
        try check(tensor.flipped([1]), "flipped")
        try check(tensor[1].selected(axis: 0, index: 0).expandedAxis(at: 0).broadcast(to: [3, 4]), "broadcast")
        try check(tensor[0..<0], "empty")
        try check(tensor[1, 2, 3], "a single value")
      }
      let numbers = Tensor<Int>(0..<24).reshaped(2, 3, 4) - 5
      try layouts(numbers)
      try layouts(numbers.cast(to: Float.self) / 7)
      try layouts(numbers.cast(to: Double.self) / 7)
      try layouts(numbers.cast(to: Int32.self))
      try layouts((numbers + 5).cast(to: UInt8.self))
      try layouts((numbers + 4).cast(to: Bool.self))
    }
  }

  @Test("What PyTorch wrote: half precision exactly, F64 to the nearest Float; what does not go together is refused")
  func conversions() throws {
    let file = try SafetensorsFile(contentsOf: fixturePath("torch.safetensors"))
    let half: Tensor<Float> = try file.tensor("half")
    #expect(half.scalars[..<4] == [1.5, -0.0, 65504, 0x1p-24])
    let brain: Tensor<Double> = try file.tensor("brain")
    #expect(brain.scalars[..<4] == [1.5, -0.0, 0x1.FEp127, 0x1p-133])
    let double: Tensor<Float> = try file.tensor("double")
    #expect(double.shape == [] && double.item == 0x1.921FB6p1)
    #expect(try file.tensor("float", as: Float.self) == Tensor((0..<6).map { Float($0) / 3 }, shape: [2, 3]))
    #expect(try file.tensor("ushort", as: Int.self) == Tensor([0, 65535]))
    #expect(try file.tensor("bytes", as: UInt8.self) == Tensor([0, 1, 128, 255]))
    #expect(try file.tensor("truth", as: Bool.self).shape == [2, 3])
    expectError(.mismatch, "\"long\": holds I64", "floating") { _ = try file.tensor("long", as: Float.self) }
    expectError(.mismatch, "\"half\": holds F16", "integer") { _ = try file.tensor("half", as: Int.self) }
    expectError(.mismatch, "value 0 is -128") { _ = try file.tensor("small", as: UInt8.self) }
    expectError(.notFound, "torch.safetensors: there is no \"none\"") { _ = try file.tensor("none", as: Float.self) }
  }

  @Test("Bytes that are no truth values are refused, not read")
  func truth() {
    let wrong = StoredArray(type: .bool, shape: [2], bytes: [1, 2], source: "x")
    expectError(.malformed, "value 1 is 2") { _ = try wrong.tensor(as: Bool.self) }
  }

  @Test("NumPy's files, in Fortran order too")
  func numpy() throws {
    let expected = Tensor((0..<24).map { Float($0) / 7 }, shape: [2, 3, 4])
    #expect(try Tensor<Float>(npy: fixturePath("f4_fortran.npy")) == expected)
    #expect(try Tensor<Double>(npy: fixturePath("f8.npy"))[1, 0, 0].item == 12.0 / 7)
    expectError(.mismatch, "f8.npy: holds F64", "integer") { _ = try Tensor<Int>(npy: fixturePath("f8.npy")) }
  }
}
