import TernTensor
import TernTestSupport
import Testing

@testable import TernData
@testable import TernVision

@Suite("Pictures of files")
struct DecodingTests {
  @Test("PNG of every kind has Pillow's pixels, JPEG the same within 2 of 255")
  func pixels() throws {
    let reference = try ReferencePictures("pixels.npz")
    #expect(reference.names.count == 30)
    for name in reference.names {
      let image = try Image(contentsOf: fixturePath(name))
      let expected = try reference.values(name)
      let distance = try #require(image.distance(to: expected), "\(name): \(image), not \(expected.shape)")
      #expect(distance <= (name.hasSuffix(".jpg") ? 2 : 0), "\(name): off by \(distance)")
      let size = try Image.size(ofFile: fixturePath(name))
      #expect(size == (image.height, image.width))
    }
  }

  @Test("A large JPEG comes at a half, a quarter or an eighth, never smaller than asked for")
  func scaled() throws {
    let path = fixturePath("color.jpg")
    let sizes = [(45, 67, 45, 67), (23, 33, 45, 67), (22, 33, 23, 34), (11, 16, 12, 17), (5, 8, 6, 9), (1, 1, 6, 9)]
    for (height, width, rows, columns) in sizes {
      let image = try Image(contentsOf: path, atLeast: (height, width))
      #expect((image.height, image.width) == (rows, columns), "at least \(height)×\(width)")
    }
    // A turned picture is asked for as it is seen.
    let turned = try Image(contentsOf: fixturePath("turned6.jpg"), atLeast: (14, 9))
    #expect((turned.height, turned.width) == (15, 10))
    let reference = try ReferencePictures("transforms.npz")
    for (name, size) in [("draft/2", (22, 33)), ("draft/4", (11, 16)), ("draft/8", (5, 8))] {
      let distance = try Image(contentsOf: path, atLeast: size).distance(to: reference.values(name))
      #expect(distance.map { $0 <= 2 } == true, "\(name): off by \(distance ?? -1)")
    }
  }

  @Test("What is written as PNG is read again, of 8 and 16 bits, and as JPEG nearly")
  func writing() throws {
    let reference = try ReferencePictures("pixels.npz")
    for name in reference.names {
      let image = try Image(contentsOf: fixturePath(name))
      let again = try Image(bytes: image.png)
      #expect(again == image, "\(name)")
    }
    let image = try Image(contentsOf: fixturePath("full.jpg"))
    let errors = try [20, 70, 95].map { quality in
      let again = try Image(bytes: image.jpeg(quality: quality, subsampled: false))
      return Double(zip(image.numbers, again.numbers).reduce(0) { $0 + abs($1.0 - $1.1) }) / Double(image.numbers.count)
    }
    #expect(errors[2] < 2.5 && errors[2] < errors[1] && errors[1] < errors[0], "\(errors)")
    let small = image.jpeg(quality: 50)
    #expect(small.count < image.jpeg(quality: 50, subsampled: false).count)
    #expect(try Image(bytes: image.converted(to: .grayAlpha).jpeg()).format == .gray)
    try withTemporaryFolder { folder in
      try image.write(png: folder + "/a.png")
      try image.write(jpeg: folder + "/a.jpg")
      #expect(try Image(contentsOf: folder + "/a.png") == image)
      #expect(try Image(contentsOf: folder + "/a.jpg").height == image.height)
    }
  }

  @Test("A tensor as PNG, without this module's reader")
  func tensorWriting() throws {
    let bytes = Tensor<UInt8>((0..<24).map { UInt8($0 * 10) }, shape: [2, 3, 4])
    let image = try Image(bytes: PNGFile.bytes(of: bytes))
    #expect(image.format == .grayAlpha && image.byteTensor == bytes)
    let plane = Tensor<UInt8>((0..<12).map { UInt8($0) }, shape: [3, 4]).transposed()
    #expect(try Image(bytes: PNGFile.bytes(of: plane)).byteTensor == plane.reshaped([1, 4, 3]))
  }

  @Test("What is cut short, too large, or something else is named")
  func errors() throws {
    for name in ["color.jpg", "progressive.jpg", "rgb.png", "interlaced.png"] {
      let bytes = try FileIO.read(fixturePath(name))
      for count in [bytes.count / 3, bytes.count - 40, bytes.count - 3] where count > 0 {
        expectError(.truncated, "x/\(name)", "cut short") {
          _ = try Image(bytes: Array(bytes[..<count]), name: "x/\(name)")
        }
      }
      expectError(.tooLarge, "x/\(name)", "pixels (expected at most 100 pixels") {
        _ = try Image(bytes: bytes, name: "x/\(name)", maximumPixels: 100)
      }
    }
    // 60,000 × 60,000 in a few bytes, below the limit of pixels and above.
    var jpeg = try FileIO.read(fixturePath("gray.jpg"))
    let frame = try #require((0..<jpeg.count).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xEA, 0x60, 0xEA, 0x60])
    for limit in [1 << 20, 1 << 40] {
      do {
        _ = try Image(bytes: jpeg, maximumPixels: limit)
        Issue.record("60,000 × 60,000 pixels out of \(jpeg.count) bytes")
      } catch { #expect([.tooLarge, .truncated].contains(error.kind)) }
    }
    expectError(.notFound, "nothing.jpg") { _ = try Image(contentsOf: "/tmp/nothing.jpg") }
    expectError(.truncated, "the file is empty") { _ = try Image(bytes: []) }
    expectError(.unsupported, "WebP") { _ = try Image(bytes: Array("RIFF1234WEBP".utf8)) }
    expectError(.malformed, "begins with 23 21") { _ = try Image(bytes: Array("#!/bin".utf8)) }
    // A byte of the checksum.
    var png = try FileIO.read(fixturePath("rgb.png"))
    png[png.count - 14] ^= 1
    expectError(.malformed, "damaged") { _ = try Image(bytes: png) }
  }
}

@Suite("Hostile pictures")
struct PictureFuzzTests {
  private func attack(_ names: [String], words: [String]) throws {
    var mutations = Mutations(of: try names.map { try FileIO.read(fixturePath($0)) }, with: words)
    var (answers, errors) = (0, 0)
    for _ in 0..<Mutations.count {
      let bytes = mutations.next()
      do throws(DataError) {
        let image = try Image(bytes: bytes, maximumPixels: 1 << 18)
        #expect(image.numbers.count == image.height * image.width * image.channels)
        answers += 1
      } catch {
        #expect(!error.description.isEmpty)
        errors += 1
      }
    }
    #expect(errors > Mutations.count / 10, "\(errors) errors, \(answers) answers")
  }

  @Test("JPEG")
  func jpeg() throws {
    try attack(
      ["color.jpg", "half.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "turned6.jpg", "full.jpg"],
      words: ["Exif\0\0", "II*\0", "MM\0*", "Adobe", "JFIF", "\0\u{1}", "\u{3}\u{11}"])
  }

  @Test("PNG")
  func png() throws {
    try attack(
      ["rgb.png", "interlaced.png", "palettealpha.png", "rgba16.png", "gray1.png", "turned.png", "transparent.png"],
      words: ["IHDR", "IDAT", "PLTE", "tRNS", "eXIf", "IEND", "gAMA", "\0\0\0\0", "\u{8}\u{6}"])
  }

  @Test("PNG whose checksums are right")
  func checkedPNG() throws {
    // Most damage ends at a checksum: here they are made to fit.
    let names = ["rgb.png", "interlaced.png", "palettealpha.png", "rgba16.png", "gray1.png", "turned.png"]
    let seeds = try names.map { try FileIO.read(fixturePath($0)) }
    var generator = SplitMix(state: 11)
    var errors = 0
    for attempt in 0..<Mutations.count {
      var bytes = seeds[attempt % seeds.count]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let end = Bool.random(using: &generator) ? min(bytes.count, 60) : bytes.count
        bytes[Int.random(in: 8..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      var place = 8
      while place + 12 <= bytes.count {
        let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - place - 12 else { break }
        let end = place + 8 + length
        let sum = bytes.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[(place + 4)..<end])) }
        for k in 0..<4 { bytes[end + k] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(k))) }
        place = end + 4
      }
      do throws(DataError) {
        _ = try Image(bytes: bytes, maximumPixels: 1 << 18)
      } catch { errors += 1 }
    }
    #expect(errors > Mutations.count / 10 && errors < Mutations.count)
  }
}
