import Foundation
import TernTensor
import Testing

@testable import TernData

#if os(Linux)
  /// The most memory that `body` takes at any time beyond what is there before, in bytes; without the pages of the program's
  /// own code, which come in when it first runs.
  private func peak(_ body: () throws -> Void) throws -> Int {
    func field(_ name: String) throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return 1024 * (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0)
    }
    // Makes the highest mark what there is now.
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"), options: [])
    let (before, code) = (try field("VmRSS"), try field("RssFile"))
    try body()
    return try field("VmHWM") - before - max(0, field("RssFile") - code)
  }

  private let isSanitized = ProcessInfo.processInfo.environment["TSAN_OPTIONS"] != nil

  @Suite("Memory that files take", .disabled(if: isSanitized, "sanitizers take memory of their own"))
  struct FileMemoryTests {
    @Test("A table takes its text once and its numbers once, whatever their lengths")
    func tables() async {
      await #expect(processExitsWith: .success) {
        try withTemporaryFolder { folder in
          let path = folder + "/t.csv"
          for field in ["0.12345678901234567", "3"] {
            let row = [String](repeating: field, count: 10).joined(separator: ",") + "\n"
            let text = "a,b,c,d,e,f,g,h,i,j\n" + String(repeating: row, count: 3_000_000 / row.utf8.count)
            try FileIO.write(text, to: path)
            var shape = [0]
            let taken = try peak {
              let table = try CSVFile(contentsOf: path)
              shape = try table.tensor(as: Float.self).shape
            }
            precondition(shape == [3_000_000 / row.utf8.count, 10])
            precondition(taken < 4 * text.utf8.count, "\(field): \(taken) bytes for \(text.utf8.count)")
          }
        }
      }
    }

    @Test("A tensor is written to an npy file and an npz file from where it lies, and read into its place")
    func arrays() async {
      await #expect(processExitsWith: .success) {
        try withTemporaryFolder { folder in
          let size = 16 << 20
          let tensor = Tensor<Float>(shape: [2048, 2048]) { out in
            for index in 0..<2048 * 2048 { out[index] = Float(index) }
          }
          func expect(_ what: String, _ limit: Int, _ body: () throws -> Void) throws {
            let taken = try peak(body)
            precondition(taken < limit + 4 << 20, "\(what) takes \(taken) bytes")
          }
          let path = folder + "/a.npy"
          try expect("writing", 0) { try tensor.write(npy: path) }
          var sum: Float = 0
          try expect("reading", size) { sum = try Tensor<Float>(npy: path)[2047, 2047].item }
          precondition(sum == Float(2048 * 2048 - 1))
          try expect("reading as Double", 2 * size) { _ = try Tensor<Double>(npy: path) }
          try expect("writing a view", 0) { try tensor.transposed().write(npy: path) }
          try expect("reading it", size) { sum = try Tensor<Float>(npy: path)[1, 0].item }
          precondition(sum == 1)
          try expect("writing an archive", 0) { try NPZFile.write([("a", StoredArray(tensor))], to: folder + "/a.npz") }
          try expect("safetensors", 0) { try SafetensorsFile.write([("a", StoredArray(tensor))], to: folder + "/a.s") }
        }
      }
    }
  }
#endif

@Suite("Arrays in chunks")
struct ArrayChunkTests {
  @Test("Large arrays in every order and type come back")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      // More than a chunk of either kind.
      let numbers = Tensor<Int>(0..<600_000).reshaped(3, 400, 500)
      for view in [numbers, numbers.transposed(0, 2), numbers.transposed(0, 1), numbers.flipped([2])] {
        try view.write(npy: path)
        #expect(try Tensor<Int>(npy: path) == view)
        #expect(try NPYFile.read(path).ints() == view.scalars)
        #expect(try Tensor<Int32>(npy: path) == view.cast(to: Int32.self))
        expectError(.mismatch, "value \(view.scalars.firstIndex { $0 > 255 }!) is", "0...255") {
          _ = try Tensor<UInt8>(npy: path)
        }
        let stored = StoredArray(view)
        try FileIO.write(NPYFile.bytes(of: stored, isFortranOrder: true), to: path)
        #expect(try Tensor<Int>(npy: path) == view)
        #expect(try NPYFile.read(path).tensor(as: Int.self) == view)
        for isCompressed in [false, true] {
          try NPZFile.write(
            [("v", stored), ("w", StoredArray([1, 2], shape: [2]))], isCompressed: isCompressed, to: path)
          let archive = try NPZFile(contentsOf: path)
          #expect(try archive.tensor("v", as: Int.self) == view && archive.tensor("w", as: Int.self).scalars == [1, 2])
        }
      }
      let row = Tensor<Int>(0..<300_000).cast(to: Double.self).reshaped(1, 300_000).broadcast(to: [3, 300_000])
      try row.write(npy: path)
      #expect(try Tensor<Double>(npy: path) == row)
    }
  }

  @Test("Both byte orders and both orders of axes, from NumPy")
  func numpy() throws {
    for name in ["big_endian", "big_endian_fortran", "f4_fortran", "f8", "u1_scalar", "i2_one", "i8_empty", "f2", "b1"]
    {
      let path = fixturePath(name + ".npy")
      let array = try NPYFile.read(path)
      switch array.type {
      case .bool: #expect(try Tensor<Bool>(npy: path) == array.tensor(), "\(name)")
      case .float16, .float32, .float64:
        let (read, expected) = (try Tensor<Double>(npy: path), try array.tensor(as: Double.self))
        #expect(read.shape == expected.shape)
        #expect(read.scalars.map(\.bitPattern) == expected.scalars.map(\.bitPattern), "\(name)")
      default: #expect(try Tensor<Int>(npy: path) == array.tensor(), "\(name)")
      }
    }
    expectError(.mismatch, "i8_empty.npy: holds I64", "floating") {
      _ = try Tensor<Float>(npy: fixturePath("i8_empty.npy"))
    }
  }

  @Test("An array made of a tensor stays what it is when the tensor is written")
  func values() throws {
    var tensor = Tensor<Float>([1, 2, 3])
    let array = StoredArray(tensor)
    tensor.withUnsafeMutableScalars { $0[0] = 9 }
    #expect(try array.floats() == [1, 2, 3] && tensor.scalars == [9, 2, 3])
    tensor += 1
    #expect(try array.floats() == [1, 2, 3])
  }

  @Test("Files cut short and too long are refused before anything is read")
  func wrongSizes() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      let bytes = try NPYFile.bytes(of: StoredArray([1, 2, 3], shape: [3]))
      for count in [0, 3, 7, 9, 20, bytes.count - 1] {
        try FileIO.write(Array(bytes[..<count]), to: path)
        #expect(throws: DataError.self) { try Tensor<Int>(npy: path) }
      }
      try FileIO.write(bytes + [0], to: path)
      expectError(.trailingBytes, "25 bytes of data", "24 for shape [3] of I64") { _ = try Tensor<Int>(npy: path) }
      expectError(.notFound, "cannot open") { _ = try Tensor<Int>(npy: folder + "/none") }
      expectError(.unreadable, "is a folder") { _ = try Tensor<Int>(npy: folder) }
    }
  }
}
