import TernTensor
import TernTestSupport
import Testing

@testable import TernData

/// Mutated and random bytes into every reader: a thrown error or an array that fits its shape, never a trap.
@Suite("Hostile bytes")
struct FuzzTests {
  /// Reads mutations of `seeds` and random bytes; the reader's arrays are converted as far as they can be.
  private func attack(
    _ seeds: [[UInt8]], words: [String] = [], _ read: ([UInt8]) throws -> [StoredArray]
  ) {
    var mutations = Mutations(of: seeds, with: words)
    var (answers, errors) = (0, 0)
    for _ in 0..<Mutations.count {
      let bytes = mutations.next()
      do {
        for array in try read(bytes) {
          #expect(array.type.byteCount(of: array.shape) == array.bytes.count)
          switch array.type {
          case .float16, .bfloat16, .float32, .float64: _ = try array.doubles()
          case .bool: _ = try? array.bools()
          default: _ = try? array.ints()
          }
        }
        answers += 1
      } catch let error as DataError {
        #expect(!error.description.isEmpty)
        errors += 1
      } catch {
        Issue.record("\(error) is no DataError")
      }
    }
    // Both outcomes have to occur, or the mutations are too tame or too wild to test anything.
    #expect(errors > Mutations.count / 10, "\(errors) errors, \(answers) answers")
  }

  @Test("Gzip")
  func gzip() throws {
    attack([try fixture("members.gz"), Gzip.archive(Array("some text, some more text".utf8))]) { bytes in
      _ = try Gzip.contents(of: bytes, file: "x", limit: 1 << 20)
      return []
    }
  }

  @Test("JSON")
  func json() {
    let text = #"{"a": [1, -2.5e3, true, null], "b": {"c": "d\u00e9\n", "e": []}, "f": "\ud83d\ude00"}"#
    attack([Array(text.utf8)], words: ["{", "[[", "\"", "\\u", "1e9", "\"a\":"]) { bytes in
      _ = try JSON(parsing: bytes, file: "x")
      return []
    }
  }

  @Test("Safetensors")
  func safetensors() throws {
    let words = [
      "[0,", "-1", "99999999999999999999", "9223372036854775807", "\"F64\"", "\"BOOL\"", "{}", "[[", "]", "00",
    ]
    attack([try fixture("torch.safetensors")], words: words) { bytes in
      let file = try SafetensorsFile(bytes: bytes)
      return file.entries.map { file[$0] }
    }
  }

  @Test("npy")
  func npy() throws {
    let names = ["f8", "f4_fortran", "v2", "v3", "b1", "i8_empty", "u1_scalar"]
    let words = ["True", "False", "(0,", "-1", "99999999999999999999", "4611686018427387904", "<f2", "|b1", "L", "'"]
    attack(try names.map { try fixture($0 + ".npy") }, words: words) { [try NPYFile.array(from: $0)] }
  }

  @Test("npz")
  func npz() throws {
    let names = ["stored", "deflated", "zip64"]
    let words = ["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", ".npy", "\u{8}\0"]
    attack(try names.map { try fixture($0 + ".npz") }, words: words) { bytes in
      let file = try NPZFile(bytes: bytes)
      return try file.names.map { try file.array($0) }
    }
  }

  @Test("PyTorch's files")
  func pyTorch() throws {
    // Read without checksums, so that changed pickles and storages are looked at.
    func plain(_ bytes: [UInt8]) throws -> [UInt8] {
      let archive = try ZipArchive(SharedBytes(bytes), file: "x")
      var writer = ZipWriter(isCompressed: false)
      var result: [UInt8] = []
      for member in archive.members where !member.name.contains("/.") && !member.name.hasSuffix("/version") {
        let (header, data) = writer.member(member.name, [try archive.contents(of: member, checksumMayBeZero: true)])
        result += header + data.flatMap { Array($0.array) }
      }
      return result + writer.end()
    }
    let words = [
      "PK\u{1}\u{2}", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n", "Q", "R", "q\0", "h\0", "(", "t",
      "}",
      "]", "u", "e", ".", "\u{1}\u{1}", "NN", "K\u{1}", "0", "1", "2", "builtins", "X\u{7F}\0\0\0",
    ]
    func read(_ bytes: [UInt8]) throws -> [StoredArray] {
      let file = try PyTorchFile(bytes: bytes)
      _ = file["model.weight"]
      return try file.entries.filter { $0.tensor.count < 1 << 16 }.map { try $0.tensor.array() }
    }
    let archives = try ["types", "types4", "views", "nested", "nested4"].map { try plain(fixture("PyTorch/\($0).pt")) }
    attack(archives, words: words, read)
    attack(try ["views_legacy", "nested_legacy"].map { try fixture("PyTorch/\($0).pt") }, words: words, read)
    // The pickle alone, whose archive is sound.
    let pickles = try ["types", "nested", "nested4"].map { name in
      let archive = try ZipArchive(SharedBytes(fixture("PyTorch/\(name).pt")), file: "x")
      return try Array(archive.contents(of: archive.members.first { $0.name.hasSuffix("data.pkl") }!).array)
    }
    attack(pickles, words: words) { bytes in
      var writer = ZipWriter(isCompressed: false)
      var archive: [UInt8] = []
      for (name, contents) in [("x/data.pkl", bytes)]
        + (0..<15).map({ ("x/data/\($0)", [UInt8](repeating: 1, count: 96)) })
      {
        let (header, data) = writer.member(name, [SharedBytes(contents)])
        archive += header + data.flatMap { Array($0.array) }
      }
      return try read(archive + writer.end())
    }
  }

  @Test("The directory of an npz file, whose bytes are all sound but for some")
  func npzDirectory() throws {
    // Small archives, so that most mutations hit records and sizes.
    let arrays = [("a", StoredArray([UInt8(1)], shape: [1])), ("b", StoredArray([UInt8](), shape: [0]))]
    var seeds = [try NPZFile.bytes(of: arrays), try NPZFile.bytes(of: arrays, isCompressed: true)]
    var writer = ZipWriter(isCompressed: false, limit: 1)
    seeds.append([])
    try NPZFile.write(arrays, &writer) { seeds[2] += $0.array }
    let mutable = seeds.map { seed in seed.indices.filter { seed[$0] == 0 || seed[$0] == 0xFF || $0 > seed.count - 200 }
    }
    var generator = SplitMix(state: 7)
    var answers = 0
    for attempt in 0..<Mutations.count {
      var bytes = seeds[attempt % 3]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = mutable[attempt % 3].randomElement(using: &generator)!
        bytes[place] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator)!
      }
      let found = Result {
        let file = try NPZFile(bytes: bytes)
        return try file.names.map { try file.array($0) }
      }
      if case .success = found { answers += 1 }
    }
    #expect(answers > 0 && answers < Mutations.count * 3 / 4)
  }

  @Test("CSV")
  func csv() throws {
    let words = ["\"", "\"\"", ",", "\r\n", "\r", "\n", "1e400", "-", "nan", "NA", "0x1p3", "\u{FEFF}", "true"]
    let plain = "a,b,c\n1,2.5,x\n,-3e2,\"y, z\"\r\n9223372036854775808,inf,NA\n"
    attack([try fixture("table.csv"), Array(plain.utf8)], words: words) { bytes in
      let table = try CSVFile(bytes: bytes)
      for (name, type) in zip(table.columnNames, table.types) {
        let texts = try table.texts(name)
        #expect(texts.count == table.rowCount)
        switch type {
        case .integer: _ = try table.tensor(name, as: Int.self, missing: .replaced(by: 0))
        case .number: _ = try table.tensor(name, as: Double.self, missing: .replaced(by: .nan))
        case .truth: _ = try table.tensor(name, as: Bool.self, missing: .replaced(by: 0))
        case .text: _ = try? table.classes(name)
        }
      }
      // What was read is written such that it reads the same.
      let columns = try table.columnNames.map { CSVColumn($0, try table.texts($0)) }
      let again = try CSVFile(bytes: Array(CSVFile.text(of: columns).utf8))
      #expect(again.columnNames == table.columnNames)
      for name in table.columnNames {
        let (written, read) = (try again.texts(name), try table.texts(name))
        #expect(written == read)
      }
      return []
    }
  }

  @Test("CSV that is not plain")
  func formats() throws {
    let format = CSVFormat(delimiter: ";", skippedLines: 1, comment: "#", decimalMark: ",", shortRows: .filled)
    let text = "a title; x\na;b;c\n1,5;2;\"x; \"\"y\"\"\"\n# 1;2\n1.234,5;\r\n-3,0e2;7;z\n"
    let words = ["\"", ";", "\r\n", "\n", "#", ",", ".", "1.23", "1.234.567", "\n#", "\"\n#\""]
    attack([Array(text.utf8)], words: words) { bytes in
      let table = try CSVFile(bytes: bytes, format: format)
      for (name, type) in zip(table.columnNames, table.types) {
        #expect(try table.texts(name).count == table.rowCount)
        switch type {
        case .integer: _ = try table.tensor(name, as: Int.self, missing: .replaced(by: 0))
        case .number: _ = try table.tensor(name, as: Double.self, missing: .replaced(by: .nan))
        case .truth: _ = try table.tensor(name, as: Bool.self, missing: .replaced(by: 0))
        case .text: _ = try? table.tensor(name, as: Float.self, missing: .replaced(by: 0))
        }
      }
      return []
    }
  }

  @Test("Tables, and the figures of their columns")
  func tables() throws {
    let plain = "n,x,when,kind\n1,2.5,2024-03-01,b\n,-3e2,1999-12-31T23:59:59.5Z,\"a, \"\"z\"\"\"\r\n3,NA,,é\n"
    let words = [
      "\"", ",", "\r\n", "\n", "1e308", "-1e308", "nan", "inf", "NA", "2024-02-30", "T", ":", "-", "\u{301}",
    ]
    func columns(_ table: CSVFile) -> [TableColumn] {
      zip(table.columnNames, TableFeatures.columns(of: table)).enumerated().map { place, column in
        switch (place + table.rowCount) % 5 {
        case 0: .category(column.0, encoding: .embedding)
        case 1:
          .date(column.0, parts: TableColumn.DatePart.allCases, missing: .mean, indicator: true, scaling: .standard)
        case 2: .number(column.0, missing: .mean, indicator: true, scaling: .minMax)
        case 3: .category(column.0, encoding: .oneHotWithUnseen, missing: .mostFrequent)
        default: column.1
        }
      }
    }
    let known = try CSVFile(bytes: Array(plain.utf8))
    let features = try TableFeatures(
      fittedTo: known,
      columns: [
        .number("n", missing: .median, scaling: .standard), .number("x", missing: .mean, scaling: .minMax),
        .date("when", parts: [.days, .weekday], missing: .constant(0), indicator: true), .category("kind"),
      ])
    attack([Array(plain.utf8)], words: words) { bytes in
      let table = try CSVFile(bytes: bytes)
      let own = try TableFeatures(fittedTo: table, columns: columns(table))
      let values: Tensor<Double> = try own.values(of: table)
      #expect(values.shape == [table.rowCount, own.count] && values.scalars.allSatisfy { $0.isFinite })
      #expect(try own.indices(of: table).shape == [table.rowCount, own.embeddingSizes.count])
      #expect(
        try TableFeatures(json: JSON(parsing: Array(own.json.description.utf8)[...], file: "x"), file: "x") == own)
      return [StoredArray(try features.values(of: table, as: Float.self))]
    }
    attack([Array(features.json.description.utf8)], words: ["null", "[]", "{}", "-1", "0", "1e308", "\"a\":", "true"]) {
      bytes in
      let damaged = try TableFeatures(json: JSON(parsing: bytes[...], file: "x"), file: "x")
      return [StoredArray(try damaged.values(of: known, as: Double.self))]
    }
  }

  @Test("tokenizer.json")
  func tokenizers() throws {
    let trained = BytePairTokenizer.train(on: ["a text, a text"], vocabularySize: 270, specialTokens: ["<s>"])
    let words = [
      "null", "true", "[]", "{}", "\"id\":", "99999999", "-1", "\"é\"", "\"\"", "ByteLevel", "Sequence", "\"a\":",
    ]
    let text = "<s> A text, é 😀 [SEP]\u{0}\u{301}"
    func use(_ tokenizer: some Tokenizer) {
      let found = tokenizer.encode(text)
      #expect(found.ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize })
      #expect(found.offsets.allSatisfy { $0.upperBound <= text.unicodeScalars.count })
      _ = tokenizer.decode(found.ids)
    }
    attack([Array(trained.json.utf8)], words: words) { bytes in
      let tokenizer = try BytePairTokenizer(bytes: bytes)
      use(tokenizer)
      use(try BytePairTokenizer(bytes: Array(tokenizer.json.utf8)))
      return []
    }
    attack([try fixture("Text/wordpiece.json")], words: words) { bytes in
      let tokenizer = try WordPieceTokenizer(bytes: bytes)
      use(tokenizer)
      use(try WordPieceTokenizer(bytes: Array(tokenizer.json.utf8)))
      return []
    }
    // A short one, with the map of characters first.
    let mapped = try UnigramFixture().file(of: "mapped", tokens: 40)
    attack([mapped], words: words + ["Precompiled", "Metaspace", "AAAA", "NFKC", "-1e308", "unk_id"]) { bytes in
      let tokenizer = try UnigramTokenizer(bytes: bytes)
      use(tokenizer)
      use(try UnigramTokenizer(bytes: Array(tokenizer.json.utf8)))
      return []
    }
  }

  @Test("IDX, CIFAR-10")
  func datasets() {
    let image: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    let double: [UInt8] = [0, 0, 0x0E, 1, 0, 0, 0, 1, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
    attack([image, double]) { [try IDXFile.array(from: $0)] }
    attack([[UInt8](repeating: 3, count: 3073 * 2)]) { bytes in
      var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
      try CIFAR10.append(bytes, file: "x", to: &pixels, &labels)
      #expect(pixels.count == labels.count * 3072)
      return []
    }
  }
}
