import TernTensor
import TernTestSupport
import Testing

@testable import TernData

@Suite("PyTorch's files")
struct PyTorchTests {
  private func file(_ name: String) throws -> PyTorchFile {
    try PyTorchFile(contentsOf: fixturePath("PyTorch/\(name).pt"))
  }

  @Test("Every type, to the bit, in protocols 2, 4 and 5", arguments: ["types", "types4", "types5"])
  func types(_ name: String) throws {
    let file = try file(name)
    #expect(file.entries.count == 15 && file.otherNames.isEmpty)
    #expect(try file.array("truth").bools() == [true, false, true, false, false, true])
    #expect(try file.array("truth").shape == [2, 3])
    #expect(try file.array("bytes").uint8s() == [0, 1, 128, 255])
    #expect(try file.array("small").ints() == [-128, 0, 127])
    #expect(try file.array("short").int32s() == [-32768, 32767])
    #expect(try file.array("ushort").ints() == [0, 65535])
    #expect(try file.array("int").int32s() == [.min, .max])
    #expect(try file.array("uint").ints() == [0, 4_294_967_295])
    #expect(try file.array("long").ints() == [.min, .max])
    #expect(try Array(file.array("ulong").bytes) == [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 255, count: 8))
    let half = try file.array("half")
    let halves: [Float] = [1.5, -0.0, 65504, 0x1p-24, .infinity, -.infinity]
    #expect(half.type == .float16)
    #expect(try half.floats()[..<6].map(\.bitPattern) == halves.map(\.bitPattern) && half.floats()[6].isNaN)
    let brain = try file.array("brain")
    let brains: [Float] = [1.5, -0.0, 0x1.FEp127, 0x1p-133, .infinity, -.infinity]
    #expect(brain.type == .bfloat16)
    #expect(try brain.floats()[..<6].map(\.bitPattern) == brains.map(\.bitPattern) && brain.floats()[6].isNaN)
    #expect(try file.tensor("float", as: Float.self).scalars == (0..<6).map { Float($0) / 3 })
    #expect(try file.array("double").doubles() == [.pi])
    #expect(try file.array("double").shape == [])
    #expect(try file.array("empty").shape == [0, 3])
    #expect(try file.array("Größe \"x\"").floats() == [7])
  }

  @Test("Views of one storage", arguments: ["views", "views_legacy", "views_no_checksums"])
  func views(_ name: String) throws {
    let file = try file(name)
    #expect(file.entries.map(\.name).first == "base" && file.entries.count == 9)
    let base = (0..<24).map { Float($0) }
    let grid = Tensor(base, shape: [2, 3, 4])
    let base1: Tensor<Float> = try file.tensor("base")
    #expect(base1.scalars == base)
    let expected: [(String, Tensor<Float>)] = [
      ("grid", grid), ("transposed", grid.transposed(0, 2)), ("stepped", Tensor([1, 6, 11, 16, 21])),
      ("sliced", Tensor([4, 6, 8, 10, 16, 18, 20, 22], shape: [2, 2, 2])),
      ("expanded", Tensor([3, 3, 3, 3, 3, 3], shape: [2, 3])), ("corner", Tensor(23)),
      ("none", Tensor(zeros: [2, 0, 4])),
    ]
    for (name, tensor) in expected {
      let found: Tensor<Float> = try file.tensor(name)
      #expect(found.shape == tensor.shape && found.scalars == tensor.scalars, "\(name)")
    }
    #expect(try file.tensor("channels", as: Int.self).scalars == Array(0..<24))
    #expect(try file.array("channels").shape == [1, 2, 3, 4])
  }

  @Test("A mapped file gives the same arrays")
  func mapped() throws {
    for name in ["types", "views", "views_legacy"] {
      let file = try file(name)
      let mapped = try PyTorchFile(mapping: fixturePath("PyTorch/\(name).pt"))
      #expect(mapped.entries.map(\.name) == file.entries.map(\.name))
      for (name, _) in file.entries { #expect(try mapped.array(name).bytes == file.array(name).bytes, "\(name)") }
    }
  }

  @Test("Numbers, texts and tensors in nested containers", arguments: ["nested", "nested4", "nested_legacy"])
  func nested(_ name: String) throws {
    let file = try file(name)
    #expect(file["epoch"]?.integer == 3 && file["epoch"]?.number == 3 && file["loss"]?.number == 0.25)
    #expect(file["name"]?.string == "résumé" && file["done"]?.bool == true && file["offset"]?.integer == -3)
    #expect(file["large"]?.number == 0x1p70 && file["negative"]?.number == -0x1p70)
    guard case .none? = file["nothing"] else { return #expect(Bool(false), "nothing is there") }
    guard case .bytes([0, 255])? = file["raw"] else { return #expect(Bool(false), "\(file["raw"]?.kind ?? "")") }
    #expect(file["type"]?.string == "torch.float32" && file["device"]?.string == "cuda:1")
    #expect(file["size"]?.list?.compactMap(\.integer) == [2, 3] && file["set.0"]?.integer == 5)
    #expect(file["tuple.1.0"]?.number == 2.5 && file["tuple.1.1"]?.string == "x" && file["tuple.2"]?.list?.count == 0)
    #expect(file["counts.10"]?.integer == 1)
    #expect(file["none"] == nil && file["tuple.3"] == nil && file["tuple.-1"] == nil && file["epoch.x"] == nil)
    #expect(try file.tensor("7.a.b.c", as: Int.self).scalars == [9])
    #expect(try file["7.a.b.c"]?.tensor?.tensor(as: Int.self).scalars == [9])
    #expect(try file.tensor("parameter", as: Float.self).scalars == [4])
    #expect(try file.tensor("attributes", as: Float.self).scalars == [1, 2])
    #expect(
      file["model"]?.members?.map(\.key) == [
        "embed.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
        "norm.num_batches_tracked", "head.weight",
      ])
    // Tied weights share the file's memory.
    let (embed, head) = (try file.array("model.embed.weight"), try file.array("model.head.weight"))
    #expect(try embed.floats() == [0, 1, 2, 3, 4, 5])
    #expect(embed.stored.withUnsafeBytes { $0.baseAddress } == head.stored.withUnsafeBytes { $0.baseAddress })
    #expect(file.otherNames.contains("epoch") && file.otherNames.contains("tuple.1.1"))
    expectError(.notFound, "there is no tensor \"epoch\"") { _ = try file.array("epoch") }
  }

  @Test("A single tensor")
  func single() throws {
    let file = try file("tensor")
    #expect(try file.value.tensor?.tensor(as: Int.self).scalars == [0, 1, 2])
    #expect(try file.tensor("tensor", as: Int.self).scalars == [0, 1, 2])
  }

  @Test("What is not read is refused by name")
  func refused() throws {
    let hint = "torch.save(model.state_dict(), path)"
    expectError(.unsupported, "whole object of class __main__.Model, not a state dict", hint) { _ = try file("whole") }
    expectError(.unsupported, "class torch.nn.modules.linear.Linear", hint) { _ = try file("whole_member") }
    expectError(.unsupported, "TorchScript", "torch.jit.load(path).state_dict()") { _ = try file("script") }
    expectError(.unsupported, "torch.ComplexFloatStorage", "torch.bfloat16") { _ = try file("complex") }
    expectError(.unsupported, "a sparse tensor") { _ = try file("sparse") }
    expectError(.unsupported, "torch.QUInt8Storage") { _ = try file("quantized") }
    expectError(.unsupported, "device meta") { _ = try file("meta") }
    expectError(.unsupported, "a pickle that torch.save did not write") {
      _ = try PyTorchFile(contentsOf: fixturePath("PyTorch/plain.pkl"))
    }
    expectError(.unsupported, "NumPy's npz") { _ = try PyTorchFile(bytes: fixture("stored.npz")) }
    expectError(.malformed, "no file of torch.save") { _ = try PyTorchFile(bytes: fixture("torch.safetensors")) }
    expectError(.malformed, "no file of torch.save") { _ = try PyTorchFile(bytes: []) }
    var tar = [UInt8](repeating: 0, count: 512)
    tar.replaceSubrange(257..<262, with: "ustar".utf8)
    expectError(.unsupported, "tar archive", "torch.save(torch.load(path), path)") { _ = try PyTorchFile(bytes: tar) }
  }

  @Test("Damaged numbers are noticed when they are read")
  func damaged() throws {
    var bytes = try fixture("PyTorch/tensor.pt")
    let file = try PyTorchFile(bytes: bytes)
    let stored = try Array(file.array("tensor").bytes)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: stored) })
    bytes[place + 8] ^= 4
    let damaged = try PyTorchFile(bytes: bytes)
    expectError(.malformed, "data/0", "checksum") { _ = try damaged.array("tensor") }
  }

  @Test("What is written is read back, with tied arrays over one storage, and the same every time")
  func writing() throws {
    let file = try file("types")
    var arrays = try file.entries.map { (name: $0.name, array: try $0.tensor.array()) }
    arrays.append(("tied", try file.array("float")))
    let bytes = PyTorchFile.bytes(of: arrays)
    #expect(bytes == PyTorchFile.bytes(of: arrays))
    let again = try PyTorchFile(bytes: bytes)
    #expect(again.entries.map(\.name) == arrays.map(\.name))
    for (name, array) in arrays {
      let found = try again.array(name)
      #expect(found.type == array.type && found.shape == array.shape && found.bytes == array.bytes, "\(name)")
    }
    let places = try ["float", "tied"].map { try again.array($0).stored.withUnsafeBytes { $0.baseAddress } }
    #expect(places[0] == places[1])
    let archive = try ZipArchive(SharedBytes(bytes), file: "x")
    let storages = archive.members.filter { $0.name.hasPrefix("archive/data/") }
    #expect(storages.count == 15 && storages.allSatisfy { $0.start % 64 == 0 })
    try withTemporaryFolder { folder in
      try PyTorchFile.write(arrays, to: folder + "/x.pt")
      #expect(try FileIO.read(folder + "/x.pt") == bytes)
    }
    #expect(try PyTorchFile(bytes: PyTorchFile.bytes(of: [])).entries.isEmpty)
  }

  @Test("Numbers of 8 bits are those of PyTorch, and keep their bytes in every form that has them")
  func eightBits() throws {
    #expect(try file("float8").array("f").floats() == [0, 0])
    let cases: [(ElementType, [UInt8], [Float])] = [
      (
        .float8E4M3, [0x00, 0x01, 0x07, 0x08, 0x38, 0x7E, 0x7F, 0x80, 0x81, 0xB9, 0xFE, 0xFF],
        [0, 0.001953125, 0.013671875, 0.015625, 1, 448, .nan, -0.0, -0.001953125, -1.125, -448, .nan]
      ),
      (
        .float8E5M2, [0x00, 0x01, 0x03, 0x04, 0x3C, 0x7B, 0x7C, 0x7E, 0x80, 0xBD, 0xFC],
        [
          0, 1.52587890625e-05, 4.57763671875e-05, 6.103515625e-05, 1, 57344, .infinity, .nan, -0.0, -1.25,
          -.infinity,
        ]
      ),
    ]
    for (type, bytes, numbers) in cases {
      let array = StoredArray(type: type, shape: [bytes.count], bytes: bytes[...], source: "here")
      let floats = try array.floats()
      #expect(zip(floats, numbers).allSatisfy { $0 == $1 && $0.sign == $1.sign || $0.isNaN && $1.isNaN }, "\(floats)")
      try withTemporaryFolder { folder in
        for path in [folder + "/x.pt", folder + "/x.safetensors"] {
          try ArrayFile.write([("x", array)], as: ArrayFile.Format(path: path)!, to: path)
          let back = try ArrayFile(contentsOf: path).array("x")
          #expect(back.type == type && back.bytes.elementsEqual(bytes), "\(path)")
        }
        expectError(.unsupported, "NumPy has no \(type.rawValue)") {
          try ArrayFile.write([("x", array)], as: .npz, to: folder + "/x.npz")
        }
      }
    }
  }

  @Test("What is no file of arrays is told by its first bytes", arguments: ["x.pt", "x.npz", "x.bin"])
  func noArrays(name: String) throws {
    try withTemporaryFolder { folder in
      for (text, words) in [("", "the file is empty"), ("hello", "begins with 68 65 6C 6C 6F")] {
        try FileIO.write(text, to: folder + "/" + name)
        expectError(.malformed, words, "expected a file of torch.save, safetensors or npz") {
          _ = try ArrayFile(contentsOf: folder + "/" + name)
        }
      }
    }
  }

  /// `torch.load(path, weights_only=True)` read the fixture, and gave the values of `check.py`.
  @Test("The bytes are those that PyTorch was seen to read")
  func sameBytes() throws {
    let weight = StoredArray([1.5, -2, 0.25, 3] as [Float], shape: [2, 2])
    let arrays: [(name: String, array: StoredArray)] = [
      ("embed.weight", weight), ("head.weight", weight), ("count", StoredArray([Int(300)], shape: [])),
      ("none", StoredArray([Double](), shape: [0, 3])),
      ("wide", StoredArray(type: .uint16, shape: [2], bytes: [1, 0, 255, 255], source: "x")),
    ]
    let read = try fixture("PyTorch/written.pt")
    #expect(PyTorchFile.bytes(of: arrays) == read)
  }
}
