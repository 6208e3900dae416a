import Foundation
import Tern
import TernData
import Testing

@testable import TernCLI

@Suite("tern convert")
struct ConvertTests {
  @Test("Every form into every other keeps types and bytes")
  func everyForm() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let weight = StoredArray([1.5, -2, .nan, 3] as [Float], shape: [2, 2])
    let arrays: [(name: String, array: StoredArray)] = [
      ("model.a.weight", weight), ("model.b.weight", weight), ("model.count", StoredArray([Int(-3)], shape: [])),
      ("model.mask", StoredArray([true, false], shape: [2])), ("other", StoredArray([0.1], shape: [1])),
    ]
    try PyTorchFile.write(arrays, to: folder + "/0.pt")
    // Through every form and back.
    let names = ["0.pt", "1.safetensors", "2.npz", "3.pth", "4.npz", "5.safetensors", "6.pt"]
    for (from, to) in zip(names, names.dropFirst()) {
      try ConvertCommand.parse(["\(folder)/\(from)", "\(folder)/\(to)"]).run()
      let file = try ArrayFile(contentsOf: "\(folder)/\(to)")
      #expect(file.names.sorted() == arrays.map(\.name).sorted(), "\(to)")
      for (name, array) in arrays {
        let found = try file.array(name)
        #expect(found.type == array.type && found.shape == array.shape && found.bytes == array.bytes, "\(to): \(name)")
      }
    }
    try ConvertCommand.parse(["\(folder)/6.pt", "\(folder)/7.safetensors", "--at", "model"]).run()
    #expect(
      try ArrayFile(contentsOf: folder + "/7.safetensors").names.sorted() == [
        "a.weight", "b.weight", "count", "mask",
      ])
    #expect(throws: (any Error).self) {
      try ConvertCommand.parse(["\(folder)/6.pt", "\(folder)/8.npz", "--at", "none"]).run()
    }
    #expect(throws: (any Error).self) { try ConvertCommand.parse(["\(folder)/6.pt", "\(folder)/8.bin"]) }
  }

  /// Before 1.6 `torch.save` wrote one pickle after the other; of protocol 4 and 5 they begin with a frame and its length.
  @Test(arguments: [4, 5] as [UInt8]) func framedPicklesWithoutAnArchive(_ version: UInt8) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // torch.save({"w": torch.tensor([1.0, -2.0])}, …, pickle_protocol=4, _use_new_zipfile_serialization=False)
    let text = """
      gASVDQAAAAAAAACKCmz8nEb5IGqoUBkugASVBAAAAAAAAABN6QMugASVWAAAAAAAAAB9lCiMEHByb3RvY29sX3ZlcnNpb26UTekDjA1saXR0bGVfZW5kaWFu
      lIiMCnR5cGVfc2l6ZXOUfZQojAVzaG9ydJRLAowDaW50lEsEjARsb25nlEsEdXUugASVoAAAAAAAAAB9lIwBd5SMDHRvcmNoLl91dGlsc5SMEl9yZWJ1aWxk
      X3RlbnNvcl92MpSTlCgojAdzdG9yYWdllIwFdG9yY2iUjAxGbG9hdFN0b3JhZ2WUk5SMDjk0MzQzMjQ2MTc0MjI0lIwDY3B1lEsCTnSUUUsASwKFlEsBhZSJ
      jAtjb2xsZWN0aW9uc5SMC09yZGVyZWREaWN0lJOUKVKUdJRSlHMugASVFQAAAAAAAABdlIwOOTQzNDMyNDYxNzQyMjSUYS4CAAAAAAAAAAAAgD8AAADA
      """
    var bytes = [UInt8](try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters)))
    for place in bytes.indices.dropLast() where bytes[place] == 0x80 && bytes[place + 1] == 4 {
      bytes[place + 1] = version
    }
    try Data(bytes).write(to: URL(filePath: "\(folder)/old.pt"))
    #expect(try ArrayFile(contentsOf: "\(folder)/old.pt").names == ["w"])
    try ConvertCommand.parse(["\(folder)/old.pt", "\(folder)/new.safetensors"]).run()
    #expect(try SafetensorsFile(contentsOf: "\(folder)/new.safetensors").tensor("w") == Tensor<Float>([1, -2]))
  }
}
