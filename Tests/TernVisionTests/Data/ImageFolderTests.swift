import Foundation
import TernTensor
import Testing

@testable import TernData
@testable import TernVision

@Suite("Folders of pictures")
struct ImageFolderTests {
  /// A folder of three classes with 4, 3 and 5 pictures of different sizes and formats.
  private func withPictures(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for (label, (name, count)) in [("bird", 4), ("cat", 3), ("Zebra", 5)].enumerated() {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)/deep", withIntermediateDirectories: true)
        for number in 0..<count {
          let (height, width) = (20 + 3 * number, 30 - 2 * label)
          let bytes = (0..<(height * width * 3)).map { UInt8(($0 * (7 + label) + number * 31) % 256) }
          let image = Image(height: height, width: width, format: .rgb, bytes: bytes)
          if number % 2 == 0 {
            try image.write(png: "\(folder)/\(name)/\(number).png")
          } else {
            try image.write(jpeg: "\(folder)/\(name)/deep/\(number).JPG")
          }
        }
        try FileIO.write("text", to: "\(folder)/\(name)/notes.txt")
      }
      try FileIO.write("text", to: "\(folder)/.hidden")
      try body(folder)
    }
  }

  @Test("Classes are the folders in order of their bytes, pictures all files below them")
  func listing() throws {
    try withPictures { folder in
      let set = try ImageFolder(folder, height: 16, width: 24)
      #expect(set.classNames == ["Zebra", "bird", "cat"])
      #expect(set.classCounts == [5, 4, 3])
      #expect(set.labels == [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
      #expect(
        set.paths[5...8].map { String($0.dropFirst(folder.count)) } == [
          "/bird/0.png", "/bird/2.png", "/bird/deep/1.JPG", "/bird/deep/3.JPG",
        ])
      #expect(try ImageFolder.medianSize(of: set.paths) == (24, 32))
      let batch = try set.batch([7, 0])
      #expect(batch.inputs.shape == [2, 3, 16, 24] && batch.labels.scalars == [1, 0])
      // The same as by hand.
      let picture = try Image(contentsOf: set.paths[0]).resized(height: 16, width: 24)
      #expect(batch.inputs[1] == picture.tensor())
      let gray = try ImageFolder(
        folder, height: 5, width: 6, format: .gray, standardization: Standardization(mean: [0.5], deviation: [0.25]))
      let plain = try Image(contentsOf: set.paths[5]).converted(to: .gray).resized(height: 5, width: 6)
      let numbers: [Double] = plain.numbers.map { (Double($0) / 255 - 0.5) / 0.25 }
      let found = try gray.batch([5]).inputs.scalars.map { Double($0) }
      #expect(zip(numbers, found).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test("What is drawn depends on the seed, the epoch and the sample alone")
  func augmentation() throws {
    try withPictures { folder in
      let set = try ImageFolder(folder, height: 16, width: 16) {
        RandomResizedCrop(height: 16, width: 16)
        RandomHorizontalFlip()
        ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
        RandAugment()
        RandomErasing()
      }
      func pictures(_ batchSize: Int, shuffle: Bool, seed: UInt64, epoch: Int, from first: Int = 0) throws -> [Int:
        [Float]]
      {
        let loader = DataLoader(IndexedPictures(pictures: set), batchSize: batchSize, shuffle: shuffle, seed: seed)
        var result: [Int: [Float]] = [:]
        let batches = loader.batches(ofEpoch: epoch, from: first)
        while let batch = try batches.next() { for (index, values) in batch { result[index] = values } }
        return result
      }
      let all = try pictures(4, shuffle: true, seed: 3, epoch: 2)
      #expect(all.count == 12)
      #expect(try pictures(5, shuffle: true, seed: 3, epoch: 2) == all)
      #expect(try pictures(1, shuffle: false, seed: 3, epoch: 2) == all)
      let later = try pictures(4, shuffle: true, seed: 3, epoch: 2, from: 2)
      #expect(later.count == 4 && later.allSatisfy { all[$0.key] == $0.value })
      for other in try [pictures(4, shuffle: true, seed: 4, epoch: 2), pictures(4, shuffle: true, seed: 3, epoch: 3)] {
        #expect(other.count { all[$0.key] == $0.value } < 3)
      }
    }
  }

  @Test("A stage that draws more changes no other")
  func stages() throws {
    struct Drawing: ImageTransform {
      let count: Int
      func callAsFunction(_ image: Image) -> Image {
        for _ in 0..<count { _ = Draw.index(below: 10) }
        return image
      }
    }
    let image = Image(height: 40, width: 40, format: .gray, bytes: (0..<1600).map { UInt8($0 % 251) })
    let results = [0, 1, 7].map { count in
      Random.with(RandomGenerator(seed: 5)) {
        ImageTransforms {
          Drawing(count: count)
          RandomCrop(height: 20, width: 20)
        }(image)
      }
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test("What is wrong with a folder is said in a line")
  func errors() throws {
    try withPictures { folder in
      func open(_ path: String, _ classes: [String]? = nil) throws -> ImageFolder {
        try ImageFolder(path, height: 8, width: 8, classNames: classes)
      }
      expectError(.notFound, "\(folder)/nowhere: there is no such folder") { _ = try open(folder + "/nowhere") }
      expectError(.notFound, "there is no class, but in the folder itself") { _ = try open(folder + "/cat/deep") }
      expectError(.mismatch, "/cat: the class cat is not among those of the training (expected bird, Zebra)") {
        _ = try open(folder, ["bird", "Zebra"])
      }
      #expect(try open(folder, ["bird", "cat", "dog", "Zebra"]).classCounts == [4, 3, 0, 5])
      try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: true)
      expectError(.notFound, "\(folder)/empty: there is no picture in the class") { _ = try open(folder) }
      try FileManager.default.removeItem(atPath: folder + "/empty")

      let set = try open(folder)
      let before = set.fingerprint
      #expect(before == (try open(folder)).fingerprint)
      let whole = try FileIO.read(set.paths[6])
      try FileIO.write(Array(whole.prefix(whole.count / 2)), to: set.paths[6])
      #expect((try open(folder)).fingerprint != before)
      let batches = DataLoader(set, batchSize: 4, seed: 1).makeIterator()
      _ = try batches.next()
      do throws(SampleError<DataError>) {
        _ = try batches.next()
        Issue.record("a truncated file was read")
      } catch {
        #expect(error.index == 6)
        let name = set.paths[6]
        #expect("\(error)".contains("sample 6, in batch 1 of epoch 0: \(name): the PNG is cut short"), "\(error)")
      }
      for workers in [1, 3] {
        let (sound, corrupt) = set.withoutCorrupt(workers: workers)
        #expect(sound.count == 11 && corrupt.map(\.file) == [set.paths[6]])
        #expect(sound.paths == set.paths.filter { $0 != set.paths[6] })
      }
    }
  }

  @Test("Parts have of every class its share, the same every time")
  func splitting() throws {
    try withPictures { folder in
      let set = try ImageFolder(folder, height: 8, width: 8)
      let (first, second) = set.splitIndices(fraction: 0.25, seed: 9)
      #expect(Set(first).isDisjoint(with: second) && first.count + second.count == 12)
      #expect(set.selecting(second).classCounts == [1, 1, 1])
      #expect(set.splitIndices(fraction: 0.25, seed: 9).second == second)
      #expect((10..<20).contains { set.splitIndices(fraction: 0.25, seed: UInt64($0)).second != second })
    }
  }
}

/// The pictures by their indices.
private struct IndexedPictures: Dataset {
  let pictures: ImageFolder
  var count: Int { pictures.count }
  func batch(_ indices: [Int]) throws(DataError) -> [(Int, [Float])] {
    let inputs = try pictures.batch(indices).inputs
    return indices.indices.map { (indices[$0], inputs[$0].scalars) }
  }
}
