import TernTensor
import Testing

@testable import TernData

@Suite("Tables as tensors")
struct TableFeaturesTests {
  private func table(_ text: String) throws -> CSVFile { try CSVFile(bytes: Array(text.utf8), file: "x.csv") }

  private func expectEqual(_ found: Tensor<Double>, _ name: String) throws {
    let expected = try Tensor<Double>(npy: fixturePath("Tables/\(name).npy"))
    #expect(found.shape == expected.shape)
    var worst = 0.0
    for (a, b) in zip(found.scalars, expected.scalars) { worst = max(worst, abs(a - b) / max(1, abs(b))) }
    #expect(worst <= 1e-12, "\(name): off by \(worst)")
  }

  private let columns: [TableColumn] = [
    .number("large", scaling: .standard), .number("small", scaling: .standard),
    .number("age", missing: .mean, indicator: true, scaling: .standard),
    .number("income", missing: .median, scaling: .minMax(low: -1, high: 1)),
    .number("visits", missing: .constant(-1)), .number("same", scaling: .standard), .category("city"),
    .category("color", missing: .mostFrequent),
    .category("kind", encoding: .ordinal, missing: .constant("missing")),
  ]

  @Test("As scikit-learn's ColumnTransformer, in training rows and in others")
  func scikitLearn() throws {
    let train = try CSVFile(contentsOf: fixturePath("Tables/train.csv"))
    let test = try CSVFile(contentsOf: fixturePath("Tables/test.csv"))
    let features = try TableFeatures(fittedTo: train, columns: columns)
    try expectEqual(features.values(of: train), "first_train")
    try expectEqual(features.values(of: test), "first_test")
    let names = features.names
    #expect(
      names[3] == "age missing"
        && names[7...11] == [
          "city=Berlin", "city=New York, NY", "city=Paris", "city=Zürich", "city missing",
        ])
    #expect(names.count == features.count && features.embeddingSizes.isEmpty)
    let scaled = try TableFeatures(
      fittedTo: train, columns: [.number("large", scaling: .minMax), .number("small", scaling: .minMax)])
    try expectEqual(scaled.values(of: train), "second_train")
    try expectEqual(scaled.values(of: test), "second_test")
  }

  @Test("Saved and read, the same to the last bit")
  func saved() throws {
    let train = try CSVFile(contentsOf: fixturePath("Tables/train.csv"))
    let test = try CSVFile(contentsOf: fixturePath("Tables/test.csv"))
    let all =
      columns.dropLast(3) + [
        .category("city", encoding: .embedding), .category("color", encoding: .oneHotWithUnseen, missing: .dropped),
        .category("kind", missing: .constant("é\"\n")),
      ]
    let features = try TableFeatures(fittedTo: train, columns: Array(all))
    try withTemporaryFolder { folder in
      try features.save(to: folder + "/features.json")
      let again = try TableFeatures(contentsOf: folder + "/features.json")
      #expect(again == features && again.names == features.names)
      let (a, b): (Tensor<Double>, Tensor<Double>) = try (features.values(of: test), again.values(of: test))
      #expect(a.scalars.map(\.bitPattern) == b.scalars.map(\.bitPattern))
      #expect(try features.indices(of: test) == again.indices(of: test))
    }
  }

  @Test("Categories: one-hot, ordinal, embedding indices; those that training rows do not have")
  func categories() throws {
    let train = try table("c\nb\na\n\nb\n".replacing("\n\n", with: "\nNA\n"))
    let other = try table("c\na\nz\n?\nb\n")
    func values(_ encoding: TableColumn.Encoding, _ missing: TableColumn.MissingCategory = .own) throws -> [[Double]] {
      let features = try TableFeatures(
        fittedTo: train, columns: [.category("c", encoding: encoding, missing: missing)])
      let tensor: Tensor<Double> = try features.values(of: other)
      return (0..<tensor.shape[0]).map { tensor[$0].scalars }
    }
    #expect(try values(.oneHot) == [[1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0]])
    #expect(try values(.oneHotWithUnseen) == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])
    #expect(try values(.ordinal) == [[0], [-1], [2], [1]])
    #expect(try values(.ordinal, .mostFrequent) == [[0], [-1], [1], [1]])
    #expect(try values(.oneHot, .dropped) == [[1, 0], [0, 0], [0, 1]])
    let embedded = try TableFeatures(fittedTo: train, columns: [.category("c", encoding: .embedding)])
    #expect(try embedded.indices(of: other) == Tensor([1, 0, 3, 2], shape: [4, 1]))
    #expect(embedded.embeddingSizes == [4] && embedded.count == 0)
    #expect(try embedded.values(of: other, as: Float.self).shape == [4, 0])
  }

  @Test("Rows without a value are left out, everywhere")
  func dropped() throws {
    let csv = try table("x,y\n1,a\n,b\n3,\n5,a\n")
    let features = try TableFeatures(
      fittedTo: csv, columns: [.number("x", missing: .dropped, scaling: .standard), .category("y", missing: .dropped)])
    #expect(try features.rows(of: csv) == [0, 3])
    #expect(try features.values(of: csv, as: Double.self) == Tensor([-1, 1, 1, 1], shape: [2, 2]))
  }

  @Test("Figures of training rows alone")
  func rows() throws {
    let csv = try table("x,y\n1,a\n100,b\n3,c\n")
    let features = try TableFeatures(
      fittedTo: csv, columns: [.number("x", scaling: .minMax), .category("y")], rows: [0, 2])
    let expected: [Double] = [0, 1, 0, 49.5, 0, 0, 1, 0, 1]
    #expect(try features.values(of: csv, as: Double.self) == Tensor(expected, shape: [3, 3]))
  }

  @Test("Dates and their parts, as Python's datetime")
  func dates() throws {
    let parts = TableColumn.DatePart.allCases
    func values(_ text: String, _ format: TableColumn.DateFormat) throws -> [Double] {
      let csv = try table("d,e\n\(text),1\n")
      return try TableFeatures(fittedTo: csv, columns: [.date("d", format: format, parts: parts)])
        .values(of: csv, as: Double.self).scalars
    }
    // days, year, month, day, weekday, dayOfYear, hour: (date - date(1970, 1, 1)).days, isoweekday(), timetuple().tm_yday.
    #expect(try values("1970-01-01", .yearFirst) == [0, 1970, 1, 1, 4, 1, 0])
    #expect(try values("2024-02-29T12:00Z", .yearFirst) == [19782.5, 2024, 2, 29, 4, 60, 12])
    #expect(try values("31.12.1999 6:30:00", .dayFirst) == [10956 + 6.5 / 24, 1999, 12, 31, 5, 365, 6.5])
    #expect(try values("3/1/1900", .monthFirst) == [-25508, 1900, 3, 1, 4, 60, 0])
    #expect(try values("0001-01-01 00:00:01.5", .yearFirst)[1...] == [1, 1, 1, 1, 1, 1.5 / 3600])
    for text in [
      "2023-02-29", "2024-13-01", "2024-1-1x", "24-01-01", "2024-01/01", "2024-01-01 24:00", "2024-01-01 1:5", "2024",
    ] {
      expectError(.mismatch, "line 2, column 1 (\"d\")", text, "a date such as 2024-03-01") {
        _ = try values(text, .yearFirst)
      }
    }
  }

  @Test("What is suggested for a table")
  func suggested() throws {
    let csv = try table("n,x,t,w,target\n1,0.5,true,a,1\n,1.5,false,b,0\n3,NA,true,,1\n")
    let columns = TableFeatures.columns(of: csv, except: ["target"])
    #expect(columns.map(\.name) == ["n", "x", "t", "w"])
    let features = try TableFeatures(fittedTo: csv, columns: columns)
    #expect(features.names == ["n", "x", "t=false", "t=true", "w=a", "w=b", "w missing"])
    #expect(try features.values(of: csv, as: Float.self).shape == [3, 7])
  }

  @Test(
    "Dates are suggested where the texts say how they are written",
    arguments: [
      ("2024-03-01\n2023/12/31 9:30\nNA", "d days, d month, d weekday"),
      ("1.3.2024\n2.3.2024", "d days, d month, d weekday"),
      ("3/1/2024\n3/13/2024", "d days, d month, d weekday"), ("13-3-2024\n1-3-2024", "d days, d month, d weekday"),
      ("3/1/2024\n4/1/2024", "d=3/1/2024, d=4/1/2024"), ("2024-03-01\n2024-02-30", "d=2024-02-30, d=2024-03-01"),
      ("2024-03-01\nlater", "d=2024-03-01, d=later"),
    ])
  func suggestedDates(rows: String, names: String) throws {
    let csv = try table("d\n\(rows)\n")
    let features = try TableFeatures(fittedTo: csv, columns: TableFeatures.columns(of: csv))
    #expect(features.names.joined(separator: ", ") == names)
    if names.contains("days") {
      let values: Tensor<Double> = try features.values(of: csv)
      #expect(values.shape == [csv.rowCount, 3] && values.scalars.allSatisfy(\.isFinite))
    }
  }

  @Test("A description has a line for each column, with the figures")
  func description() throws {
    let csv = try table("x,y,opened\n1,a,2024-03-01\n,b,2024-03-02\n3,a,2024-03-03\n")
    let columns: [TableColumn] = [
      .number("x", missing: .mean, scaling: .standard), .category("y", encoding: .ordinal),
      .date("opened", parts: [.year, .day]),
    ]
    let lines = try TableFeatures(fittedTo: csv, columns: columns).description.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("x: a number, missing: mean (2.0), scaling: standard of (x − 2.0)/0.816"))
    #expect(lines[1] == "y: 2 categories (a, b), encoding: ordinal, missing: own")
    #expect(lines[2].hasPrefix("opened: a date as year, day"))
  }

  @Test("What cannot be read says where")
  func errors() throws {
    let csv = try table("x,y\n1,a\n,b\nz,c\n")
    expectError(.notFound, "there is no column \"w\"") {
      _ = try TableFeatures(fittedTo: csv, columns: [.number("w")])
    }
    expectError(.mismatch, "line 4, column 1 (\"x\")", "\"z\" cannot be read") {
      _ = try TableFeatures(fittedTo: csv, columns: [.number("x", missing: .mean)])
    }
    let missing = try table("x,y\n1,a\n,\n")
    expectError(.mismatch, "line 3, column 1 (\"x\"): there is nothing", "a number") {
      _ = try TableFeatures(fittedTo: missing, columns: [.number("x")])
    }
    expectError(.mismatch, "line 3, column 2 (\"y\"): there is nothing", "a category") {
      _ = try TableFeatures(fittedTo: missing, columns: [.category("y", missing: .refused)])
    }
    expectError(.mismatch, "there are no training rows", "at least one") {
      _ = try TableFeatures(fittedTo: table("x,y\n"), columns: [.number("x"), .category("y")])
    }
    expectError(.mismatch, "every training row lacks a value and is dropped") {
      _ = try TableFeatures(fittedTo: table("x,y\n,a\n,b\n"), columns: [.number("x", missing: .dropped)])
    }
    let features = try TableFeatures(fittedTo: missing, columns: [.number("x", missing: .mean)])
    expectError(.mismatch, "\"many\" cannot be read") {
      _ = try features.values(of: table("x\nmany\n"), as: Float.self)
    }
    expectError(.mismatch, "column 1 (\"x\"): every training row is missing") {
      _ = try TableFeatures(fittedTo: table("x,y\n,1\nNA,2\n"), columns: [.number("x", missing: .median)])
    }
    expectError(.mismatch, "there is an infinity") {
      _ = try TableFeatures(fittedTo: table("x\n1\ninf\n"), columns: [.number("x", missing: .mean)])
    }
  }
}
