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
}
