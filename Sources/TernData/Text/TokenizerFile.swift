import TernBackend

/// The contents of a Hugging Face `tokenizer.json`, and what every kind of tokenizer reads of it.
struct TokenizerFile {
  let root: JSON
  let file: String

  /// Parses the contents of a file; `kind` is the type of model that is to be in it.
  init(_ bytes: [UInt8], file: String, model kind: String) throws(DataError) {
    self.file = file
    root = try JSON(parsing: bytes, file: file)
    guard root.members != nil else { throw malformed("the file is \(root.kind)", "an object") }
    let found = try type(of: model, "model")
    guard found == kind else { throw unsupported("the model \"\(found)\" is not this kind of tokenizer", kind) }
  }

  var model: JSON { root["model"] ?? .null }

  func malformed(_ what: String, _ expected: String? = nil) -> DataError {
    DataError(.malformed, file: file, "tokenizer: \(what)", expected: expected)
  }

  func unsupported(_ what: String, _ expected: String? = nil) -> DataError {
    DataError(.unsupported, file: file, "tokenizer: \(what)", expected: expected)
  }

  /// The value of `type` in `part`, which messages call `name`.
  func type(of part: JSON, _ name: String) throws(DataError) -> String {
    guard let type = part["type"]?.string else { throw malformed("\(name) has no type", "an object with a type") }
    return type
  }

  func flag(_ part: JSON, _ key: String, _ name: String, default standard: Bool) throws(DataError) -> Bool {
    switch part[key] {
    case .none, .null: return standard
    case .bool(let value): return value
    case let value?: throw malformed("\(name): \(key) is \(value.kind)", "a truth value")
    }
  }

  func text(_ part: JSON, _ key: String, _ name: String) throws(DataError) -> String {
    guard let text = part[key]?.string else { throw malformed("\(name) has no text \(key)") }
    return text
  }

  /// A part that is there and not null; one that is a sequence of one part is that part, and of none is not there.
  func part(_ key: String, of list: String) throws(DataError) -> JSON? {
    guard let part = root[key], part != .null else { return nil }
    guard try type(of: part, key) == "Sequence" else { return part }
    guard let parts = part[list]?.array else { throw malformed("\(key) is a Sequence without \(list)") }
    guard let only = parts.first else { return nil }
    guard parts.count == 1 else {
      var names: [String] = []
      for part in parts { names.append(try type(of: part, key)) }
      throw unsupported("\(key) is a Sequence of \(names.joined(separator: ", "))", "one part")
    }
    return only
  }

  /// The parts that are there one after another: none, one, or those of a sequence.
  func parts(_ key: String, of list: String) throws(DataError) -> [JSON] {
    guard let part = root[key], part != .null else { return [] }
    var (open, parts): ([JSON], [JSON]) = ([part], [])
    while let part = open.popLast() {
      guard try type(of: part, key) == "Sequence" else {
        parts.append(part)
        continue
      }
      guard let inner = part[list]?.array else { throw malformed("\(key) is a Sequence without \(list)") }
      open += inner.reversed()
    }
    return parts
  }

  /// A vocabulary by number and by the UTF-8 of its spellings, with the added tokens in it.
  func vocabulary() throws(DataError) -> (spellings: [String?], ids: [[UInt8]: Int], added: [AddedTokens.Entry]) {
    guard let members = model["vocab"]?.members else { throw malformed("the model has no object vocab") }
    var tokens: [(String, Int)] = []
    tokens.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.int else {
        throw malformed("the token \"\(printable(member.key, limit: 60))\" has no whole number")
      }
      tokens.append((member.key, id))
    }
    return try vocabulary(of: tokens)
  }

  /// The same of a model's tokens with their numbers.
  func vocabulary(
    of tokens: [(String, Int)]
  ) throws(DataError) -> (spellings: [String?], ids: [[UInt8]: Int], added: [AddedTokens.Entry]) {
    let added = try addedTokens()
    let limit = 2 * (tokens.count + added.count) + 65_536
    var spellings: [String?] = []
    var ids: [[UInt8]: Int] = [:]
    ids.reserveCapacity(tokens.count)
    func set(_ spelling: String, _ id: Int) throws(DataError) {
      guard id >= 0, id < limit else {
        throw unsupported("the token \"\(printable(spelling, limit: 60))\" has the number \(id)", "less than \(limit)")
      }
      if id >= spellings.count { spellings += [String?](repeating: nil, count: id + 1 - spellings.count) }
      let isSame = spellings[id].map { $0.utf8.elementsEqual(spelling.utf8) } ?? true
      let known = ids.updateValue(id, forKey: Array(spelling.utf8))
      guard isSame, known == nil || known == id else {
        throw malformed("the token \"\(printable(spelling, limit: 60))\" or its number \(id) is there twice")
      }
      spellings[id] = spelling
    }
    for (spelling, id) in tokens { try set(spelling, id) }
    for entry in added { try set(entry.content, entry.id) }
    return (spellings, ids, added)
  }

  private func addedTokens() throws(DataError) -> [AddedTokens.Entry] {
    guard let list = root["added_tokens"], list != .null else { return [] }
    guard let values = list.array else { throw malformed("added_tokens is \(list.kind)", "an array") }
    var entries: [AddedTokens.Entry] = []
    for value in values {
      guard let id = value["id"]?.int else { throw malformed("an added token has no id") }
      let content = try text(value, "content", "the added token \(id)")
      let name = "the added token \"\(printable(content, limit: 60))\""
      guard !content.isEmpty else { throw malformed("the added token \(id) is empty") }
      guard try !flag(value, "single_word", name, default: false) else {
        throw unsupported("\(name) is a single_word")
      }
      let isSpecial = try flag(value, "special", name, default: false)
      entries.append(
        AddedTokens.Entry(
          id: id, content: content, stripsLeft: try flag(value, "lstrip", name, default: false),
          stripsRight: try flag(value, "rstrip", name, default: false),
          isNormalized: try flag(value, "normalized", name, default: !isSpecial), isSpecial: isSpecial))
    }
    return entries
  }

  /// The tokens that processor `part` sets around a text; `body` is called with the parts that treat offsets.
  func frame(
    _ part: JSON?, _ ids: [[UInt8]: Int], depth: Int = 0, _ body: (JSON) throws(DataError) -> Void
  ) throws(DataError) -> TokenFrame {
    guard let part, part != .null else { return TokenFrame() }
    switch try type(of: part, "post_processor") {
    case "ByteLevel":
      try body(part)
      return TokenFrame()
    case "BertProcessing": return try pair(part, ids)
    case "RobertaProcessing":
      try body(part)
      return try pair(part, ids)
    case "TemplateProcessing": return try template(part, ids)
    case "Sequence":
      guard depth < 8, let parts = part["processors"]?.array else {
        throw malformed("post_processor is a Sequence without processors")
      }
      var frame = TokenFrame()
      for part in parts {
        let outer = try self.frame(part, ids, depth: depth + 1, body)
        frame.before = outer.before + frame.before
        frame.after += outer.after
      }
      return frame
    case let type: throw unsupported("the post_processor \"\(type)\" is not read")
    }
  }

  /// `cls` before and `sep` behind a text: each a spelling with its number.
  private func pair(_ part: JSON, _ ids: [[UInt8]: Int]) throws(DataError) -> TokenFrame {
    func id(_ key: String) throws(DataError) -> Int {
      guard let values = part[key]?.array, values.count == 2, let text = values[0].string, let id = values[1].int,
        ids[Array(text.utf8)] == id
      else { throw malformed("post_processor: \(key) is not a token with its number") }
      return id
    }
    return TokenFrame(before: [try id("cls")], after: [try id("sep")])
  }

  private func template(_ part: JSON, _ ids: [[UInt8]: Int]) throws(DataError) -> TokenFrame {
    guard let single = part["single"]?.array else { throw malformed("TemplateProcessing has no array single") }
    var frame = TokenFrame()
    var isBehind = false
    for item in single {
      if let sequence = item["Sequence"] {
        guard sequence["id"]?.string == "A", !isBehind else {
          throw unsupported("TemplateProcessing: single has another sequence than one A")
        }
        isBehind = true
        continue
      }
      guard let name = item["SpecialToken"]?["id"]?.string,
        let special = part["special_tokens"]?.members?.first(where: { $0.key.utf8.elementsEqual(name.utf8) })?.value,
        let numbers = special["ids"]?.array
      else { throw malformed("TemplateProcessing: single has a token that special_tokens lacks") }
      for number in numbers {
        guard let id = number.int, ids.values.contains(id) else {
          throw malformed("TemplateProcessing: the numbers of \"\(printable(name, limit: 60))\" are no tokens'")
        }
        if isBehind { frame.after.append(id) } else { frame.before.append(id) }
      }
    }
    guard isBehind else { throw malformed("TemplateProcessing: single has no sequence A") }
    return frame
  }

  /// A whole file with `parts` besides the added tokens.
  static func text(added: AddedTokens, _ parts: [JSON.Member]) -> String {
    let tokens = added.entries.sorted { $0.id < $1.id }.map { entry in
      JSON.object([
        .init("id", .integer(entry.id)), .init("content", .string(entry.content)), .init("single_word", .bool(false)),
        .init("lstrip", .bool(entry.stripsLeft)), .init("rstrip", .bool(entry.stripsRight)),
        .init("normalized", .bool(entry.isNormalized)), .init("special", .bool(entry.isSpecial)),
      ])
    }
    let head: [JSON.Member] = [
      .init("version", .string("1.0")), .init("truncation", .null), .init("padding", .null),
      .init("added_tokens", .array(tokens)),
    ]
    var text = ""
    JSON.object(head + parts).write(to: &text, lines: 3)
    return text + "\n"
  }
}
