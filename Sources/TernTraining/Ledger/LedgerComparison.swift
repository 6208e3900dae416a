/// Where two runs part: the first step and layer whose hashes differ, and what differs before it.
public struct LedgerComparison: Sendable, Equatable, CustomStringConvertible {
  /// The first hash that differs.
  public struct Place: Sendable, Equatable, CustomStringConvertible {
    /// The number of the step, from 1.
    public var step: Int
    /// What was hashed; `nil` where only the loss differs, or the layers that ran.
    public var kind: LedgerStep.Kind?
    /// The layer or parameter.
    public var name: String

    /// `step 812, backward of blocks.3.attention`
    public var description: String {
      switch kind {
      case .output: "step \(step), forward of \(name)"
      case .gradient: "step \(step), backward of \(name)"
      case .update: "step \(step), update of \(name)"
      case .draw: "step \(step), random numbers of \(name)"
      case nil: "step \(step), \(name)"
      }
    }
  }

  /// The first hash that differs; `nil` where none does.
  public var place: Place?
  /// What differs before it, a phrase each, the first cause first.
  public var causes: [String] = []
  /// How many steps both runs have.
  public var steps = 0

  /// Compares two ledgers.
  ///
  /// - Parameters:
  ///   - first: The first.
  ///   - second: The second.
  public init(_ first: Ledger, _ second: Ledger) {
    facts(first.run, second.run)
    let others = Dictionary(second.steps.map { ($0.number, $0) }, uniquingKeysWith: { _, last in last })
    var told: Set<String> = []
    func tell(_ text: String, _ step: Int) {
      if told.insert(text).inserted { causes.append("\(text) from step \(step) on") }
    }
    var sessions: (Ledger.Facts, Ledger.Facts)?
    for step in first.steps {
      guard let other = others[step.number] else { continue }
      steps += 1
      let (mine, its) = (first.session(ofStep: step.number), second.session(ofStep: step.number))
      if sessions.map({ $0 != (mine, its) }) ?? true {
        tellSessions(mine, its, before: sessions, step.number)
        sessions = (mine, its)
      }
      // Each of several ranks has samples and layers' outputs of its own.
      let sameRanks = mine["ranks"] == its["ranks"]
      if sameRanks && step.samples != other.samples {
        tell("the samples", step.number)
      } else if sameRanks && step.values != other.values {
        tell("the values or labels of the batch, of the same samples,", step.number)
      }
      if step.learningRate != other.learningRate {
        if told.insert("rate").inserted {
          causes.append(
            "the learning rate from step \(step.number) on: \(step.learningRate) and \(other.learningRate)")
        }
      } else if step.settings != other.settings {
        tell("the random numbers, momenta or rates", step.number)
      }
      if sameRanks, let name = Self.drawer(step, other, first.names, second.names) {
        tell("the random numbers that \(name) drew", step.number)
      }
      if let found = Self.place(step, other, first.names, second.names, ofUpdates: !sameRanks) {
        place = found
        break
      }
    }
    let last = place?.step ?? .max
    let resumed = [first, second].map { ledger in
      ledger.sessions.dropFirst().compactMap { $0["after step"] }.filter { Int($0) ?? 0 < last }
    }
    if resumed[0] != resumed[1] {
      causes.append("gone on with after steps: \(words(resumed[0])) and \(words(resumed[1]))")
    }
  }

  /// Tells what differs between the sessions of a step that did not differ so in those before.
  private mutating func tellSessions(
    _ a: Ledger.Facts, _ b: Ledger.Facts, before: (Ledger.Facts, Ledger.Facts)?, _ step: Int
  ) {
    for key in Set(a.keys).union(b.keys).sorted() where key != "after step" && a[key] != b[key] {
      if let before, before.0[key] == a[key], before.1[key] == b[key] { continue }
      let values = key == "ranks" ? (a[key] ?? "1", b[key] ?? "1") : (a[key] ?? "unknown", b[key] ?? "unknown")
      causes.append("\(key)\(before == nil ? "" : " from step \(step) on"): \(values.0) and \(values.1)")
    }
  }

  private func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.joined(separator: ", ") }

  private mutating func facts(_ a: Ledger.Facts, _ b: Ledger.Facts) {
    let weights = Set(a.keys).union(b.keys).filter { $0.hasPrefix("weights ") && a[$0] != b[$0] }.sorted()
    for key in Set(a.keys).union(b.keys).sorted() where !key.hasPrefix("weights ") && a[key] != b[key] {
      causes.append("\(key): \(a[key] ?? "none") and \(b[key] ?? "none")")
    }
    if !weights.isEmpty {
      let names = weights.map { String($0.dropFirst("weights ".count)) }
      let more = names.count > 4 ? " and \(names.count - 4) more" : ""
      causes.append("the initial weights of \(names.prefix(4).joined(separator: ", "))\(more)")
    }
  }

  private static func place(
    _ a: LedgerStep, _ b: LedgerStep, _ first: [String], _ second: [String], ofUpdates: Bool
  ) -> Place? {
    func keys(_ step: LedgerStep, _ names: [String]) -> [String] {
      step.entries.map { "\($0.kind.rawValue) \(names[$0.name])" }
    }
    // What was drawn is a cause; where the steps part is told by what was made of it.
    var (a, b) = (a, b)
    a.entries.removeAll { $0.kind == .draw }
    b.entries.removeAll { $0.kind == .draw }
    let (mine, others) = (keys(a, first), keys(b, second))
    if ofUpdates {
      if let place = placeOfUpdates(a, b, first, second) { return place }
    } else if mine == others {
      for (x, y) in zip(a.entries, b.entries) where x.hash != y.hash {
        return Place(step: a.number, kind: x.kind, name: first[x.name])
      }
    } else if let place = placeOfOtherLayers(a, b, first, second) {
      return place
    }
    return a.loss.bitPattern != b.loss.bitPattern ? Place(step: a.number, name: "the loss") : nil
  }

  /// The layer that first drew other random numbers than in the other run, or where there it drew none.
  private static func drawer(_ a: LedgerStep, _ b: LedgerStep, _ first: [String], _ second: [String]) -> String? {
    let mine = a.entries.filter { $0.kind == .draw }.map { (name: first[$0.name], hash: $0.hash) }
    let others = b.entries.filter { $0.kind == .draw }.map { (name: second[$0.name], hash: $0.hash) }
    for index in 0..<max(mine.count, others.count) {
      if index >= mine.count { return others[index].name }
      if index >= others.count || mine[index] != others[index] { return mine[index].name }
    }
    return nil
  }

  /// Of steps in which not the same layers ran, or some ran fused in one run alone: the last output and the updates tell.
  private static func placeOfOtherLayers(
    _ a: LedgerStep, _ b: LedgerStep, _ first: [String], _ second: [String]
  ) -> Place? {
    let updates = placeOfUpdates(a, b, first, second)
    if updates?.kind == nil, updates != nil { return updates }
    if let x = a.entries.last(where: { $0.kind == .output }), let y = b.entries.last(where: { $0.kind == .output }),
      first[x.name] == second[y.name], x.hash != y.hash
    {
      return Place(step: a.number, kind: .output, name: first[x.name])
    }
    return updates
  }

  private static func placeOfUpdates(
    _ a: LedgerStep, _ b: LedgerStep, _ first: [String], _ second: [String]
  ) -> Place? {
    func updates(_ step: LedgerStep) -> [LedgerStep.Entry] { step.entries.filter { $0.kind == .update } }
    let (mine, others) = (updates(a), updates(b))
    for index in 0..<max(mine.count, others.count) {
      let name = index < mine.count ? first[mine[index].name] : "none"
      let other = index < others.count ? second[others[index].name] : "none"
      if name != other {
        return Place(step: a.number, name: "where one network has the parameter \(name), the other \(other)")
      }
    }
    for (x, y) in zip(mine, others) where x.hash != y.hash {
      return Place(step: a.number, kind: .update, name: first[x.name])
    }
    return nil
  }

  /// Where they part and what differs before, a line each.
  public var description: String {
    let shared = "\(steps) \(steps == 1 ? "step" : "steps")"
    var lines = [
      place.map { "The runs part at \($0)." } ?? "No hash of the \(shared) that both runs have differs."
    ]
    lines += causes.map { "Different: \($0)" }
    return lines.joined(separator: "\n")
  }
}
