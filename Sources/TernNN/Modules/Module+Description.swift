import TernTensor

extension Module {
  /// The tree of modules with their arguments' shapes and parameter counts, as `print` shows it.
  ///
  /// ```
  /// Sequential (1,290 parameters)
  ///   0: Conv2D weight [8, 1, 3, 3], bias [8] (80)
  ///   1: ReLU
  /// ```
  ///
  /// A count is of all that is below; parameters that are frozen are said to be.
  public var summary: String {
    let tree = ModuleTree(self)
    var shapes = Array(repeating: [String](), count: tree.modules.count)
    var counts = Array(repeating: 0, count: tree.modules.count)
    for (entry, owner) in zip(tree.parameters, tree.parameterOwners) {
      let frozen = entry.parameter.isFrozen ? " frozen" : ""
      shapes[owner].append("\(tree.ownName(entry.name, owner)) \(entry.parameter.shape)\(frozen)")
      counts[owner] += entry.parameter.count
    }
    for (entry, owner) in zip(tree.buffers, tree.bufferOwners) {
      shapes[owner].append(tree.ownName(entry.name, owner))
    }
    // A module comes after the one around it, so that sums run from the last to the first.
    var depths = Array(repeating: 0, count: tree.modules.count)
    for i in tree.modules.indices.dropFirst().reversed() { counts[tree.parents[i]] += counts[i] }
    for i in tree.modules.indices.dropFirst() { depths[i] = depths[tree.parents[i]] + 1 }

    let lines = tree.modules.indices.map { i in
      var line = String(repeating: "  ", count: depths[i])
      if i > 0 { line += tree.ownName(tree.modules[i].name, tree.parents[i]) + ": " }
      line += "\(type(of: tree.modules[i].module))".replacingScalarDefault
      if !shapes[i].isEmpty { line += " " + shapes[i].joined(separator: ", ") }
      if counts[i] > 0 { line += " (\(grouped(counts[i]))" + (i == 0 ? " parameters)" : ")") }
      return line
    }
    return lines.joined(separator: "\n")
  }

  /// The tree of modules, see ``summary``.
  public var description: String { summary }
}

extension ModuleTree {
  /// What is left of a name below a module's.
  fileprivate func ownName(_ name: String, _ owner: Int) -> String {
    let prefix = modules[owner].name
    return prefix.isEmpty || !name.hasPrefix(prefix + ".") ? name : String(name.dropFirst(prefix.count + 1))
  }
}

private func grouped(_ count: Int) -> String {
  var digits = Array("\(count)")
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return String(digits)
}

extension String {
  /// `Dense<Float>` is `Dense` to who wrote it.
  fileprivate var replacingScalarDefault: String { hasSuffix("<Float>") ? String(dropLast(7)) : self }
}
