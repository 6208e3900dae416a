import TernTensor

extension Module {
  /// The tree of modules with their arguments' shapes and parameter counts, as `print` shows it.
  ///
  /// ```
  /// Sequential (1,290 parameters)
  ///   0: Conv2D weight [8, 1, 3, 3], bias [8] (80)
  ///   1: ReLU
  /// ```
  public var summary: String {
    let tree = ModuleTree(self)
    var lines: [String] = []
    for (name, module) in tree.modules {
      let prefix = name.isEmpty ? "" : name + "."
      let own = tree.parameters.filter { isOwn($0.name, prefix, tree, module) }
      let buffers = tree.buffers.filter { isOwn($0.name, prefix, tree, module) }
      let shapes = own.map { "\($0.name.dropFirst(prefix.count)) \($0.parameter.shape)" }
      let count = tree.parameters.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.parameter.count }
      let depth = name.isEmpty ? 0 : name.split(separator: ".").count
      var line = String(repeating: "  ", count: depth)
      if let last = name.split(separator: ".").last { line += "\(last): " }
      line += "\(type(of: module))".replacingScalarDefault
      if !shapes.isEmpty { line += " " + shapes.joined(separator: ", ") }
      if !buffers.isEmpty {
        line += ", " + buffers.map { "\($0.name.dropFirst(prefix.count))" }.joined(separator: ", ")
      }
      if count > 0 { line += name.isEmpty ? " (\(grouped(count)) parameters)" : " (\(grouped(count)))" }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  /// Whether what has `name` belongs to the module itself, not to one below it.
  private func isOwn(_ name: String, _ prefix: String, _ tree: ModuleTree, _ module: any Module) -> Bool {
    guard name.hasPrefix(prefix) else { return false }
    let inner = tree.modules.filter { $0.module !== module && $0.name.hasPrefix(prefix) && !$0.name.isEmpty }
    return !inner.contains { name.hasPrefix($0.name + ".") }
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

extension Module {
  /// The tree of modules, see ``summary``.
  public var description: String { summary }
}
