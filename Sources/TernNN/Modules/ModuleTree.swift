import TernBackend
import TernTensor

/// Everything below a module, found once by reflection.
struct ModuleTree {
  private(set) var modules: [(name: String, module: any Module)] = []
  private(set) var parameters: [(name: String, parameter: any AnyParameter)] = []
  private(set) var buffers: [(name: String, buffer: any AnyBuffer)] = []
  private var seen: Set<ObjectIdentifier> = []
  private var open: [(id: ObjectIdentifier, name: String)] = []

  init(_ root: any Module) {
    visit(root, "")
  }

  private mutating func visit(_ module: any Module, _ path: String) {
    let id = ObjectIdentifier(module)
    if let around = open.first(where: { $0.id == id }) {
      let outer = around.name.isEmpty ? "the module" : around.name
      fail("module", "\(type(of: module)) holds itself: \(path) is \(outer) again")
    }
    guard seen.insert(id).inserted else { return }
    modules.append((path, module))
    open.append((id, path))
    let names = module.savedNames
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let current = mirror {
      mirrors.append(current)
      mirror = current.superclassMirror
    }
    for mirror in mirrors.reversed() {
      for child in mirror.children {
        let property = propertyName(child.label ?? "")
        visit(child.value, joined(path, names[property] ?? snakeCase(property)))
      }
    }
    open.removeLast()
  }

  private mutating func visit(_ value: Any, _ path: String) {
    switch value {
    case let module as any Module: return visit(module, path)
    case let parameter as any AnyParameter:
      if seen.insert(ObjectIdentifier(parameter)).inserted { parameters.append((path, parameter)) }
      return
    case let buffer as any AnyBuffer:
      if seen.insert(ObjectIdentifier(buffer)).inserted { buffers.append((path, buffer)) }
      return
    case is any TensorScalar, is String, is [Int], is [Float], is [Double], is [UInt8]: return
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      if let child = mirror.children.first { visit(child.value, path) }
    case .collection:
      for (index, child) in mirror.children.enumerated() { visit(child.value, joined(path, "\(index)")) }
    case .dictionary:
      let entries = mirror.children.compactMap { child -> (key: String, value: Any)? in
        let pair = Mirror(reflecting: child.value).children.map(\.value)
        return pair.count == 2 ? ("\(pair[0])", pair[1]) : nil
      }
      for entry in entries.sorted(by: { $0.key < $1.key }) { visit(entry.value, joined(path, entry.key)) }
    case .tuple:
      for (index, child) in mirror.children.enumerated() {
        let label = child.label.flatMap { $0.hasPrefix(".") ? nil : snakeCase($0) }
        visit(child.value, joined(path, label ?? "\(index)"))
      }
    case .struct:
      // A property wrapper keeps the value in a property of its own, which is not a part of the name.
      for child in mirror.children {
        let label = child.label ?? ""
        let isWrapped = label == "wrappedValue" || label.hasPrefix("_") || label == "value" || label == "storage"
        visit(child.value, isWrapped ? path : joined(path, snakeCase(label)))
      }
    default: break
    }
  }

  private func joined(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
  }

  /// The property behind a label: wrapped and lazy ones are stored under other names.
  private func propertyName(_ label: String) -> String {
    let lazy = "$__lazy_storage_$_"
    if label.hasPrefix(lazy) { return String(label.dropFirst(lazy.count)) }
    return label.hasPrefix("_") ? String(label.dropFirst()) : label
  }
}

/// `runningMean` as `running_mean`, `URLPath` as `url_path`.
func snakeCase(_ name: String) -> String {
  var result = ""
  let letters = Array(name)
  for (i, letter) in letters.enumerated() {
    if letter.isUppercase, i > 0 {
      let nextIsLower = i + 1 < letters.count && letters[i + 1].isLowercase
      let startsWord = !letters[i - 1].isUppercase || nextIsLower
      if startsWord && letters[i - 1] != "_" { result.append("_") }
    }
    result += letter.lowercased()
  }
  return result
}
