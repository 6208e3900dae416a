import TernBackend
import TernTensor

/// Everything below a module, read from the fields of its classes and, where these cannot say, by reflection.
struct ModuleTree {
  /// Each module once, those around it first; the root's name is empty.
  private(set) var modules: [(name: String, module: any Module)] = []
  private(set) var parameters: [(name: String, parameter: any AnyParameter)] = []
  private(set) var buffers: [(name: String, buffer: any AnyBuffer)] = []
  /// The parameters whose values are computed from others, which stand in their place below `parametrizations`.
  private(set) var computed: [(name: String, parameter: any AnyParameter)] = []
  /// The random generators that modules hold.
  private(set) var generators: [RandomGenerator] = []
  /// For each module the one around it, by position; the root's is 0.
  private(set) var parents: [Int] = []
  /// For each parameter the module that holds it, by position.
  private(set) var parameterOwners: [Int] = []
  /// For each buffer the module that holds it, by position.
  private(set) var bufferOwners: [Int] = []
  /// Further places of what was met before: parameters and buffers by the object, modules by their position.
  private var again: [(path: String, object: ObjectIdentifier)] = []
  private var seen: Set<ObjectIdentifier> = []
  private var open: [(id: ObjectIdentifier, position: Int)] = []
  /// What the parametrized parameters of the module at hand are computed from, to be visited after all else of it.
  private var lists: [(path: String, list: any Module)] = []
  private var roles = ObjectRole.all
  private let isLenient: Bool
  /// Modules inside each other beyond which the stack might not hold.
  private static let deepest = 1000

  /// - Parameter isLenient: passes over what would stop the program, for those who word its last message.
  init(_ root: any Module, isLenient: Bool = false) {
    self.isLenient = isLenient
    visit(root, "")
  }

  /// Visits what an object is, if it is anything that is looked for.
  private mutating func visit(_ object: AnyObject, _ path: String, isWrapper: Bool = false) {
    let type = ObjectIdentifier(Swift.type(of: object))
    let role: ObjectRole
    if let known = roles[type] {
      role = known
    } else {
      role = ObjectRole(of: object)
      roles[type] = role
    }
    switch role {
    case .module(let cast, let fields): visit(cast(object), fields, path)
    case .parameter(let cast): visit(cast(object), path)
    case .buffer(let cast):
      guard seen.insert(ObjectIdentifier(object)).inserted else {
        again.append((path, ObjectIdentifier(object)))
        return
      }
      buffers.append((path, cast(object)))
      bufferOwners.append(open.last?.position ?? 0)
    case .generator:
      let generator = unsafeDowncast(object, to: RandomGenerator.self)
      if seen.insert(ObjectIdentifier(generator)).inserted { generators.append(generator) }
    case .mirrored: reflect(object, path, isWrapper: isWrapper)
    case .other: break
    }
  }

  private mutating func visit(_ parameter: any AnyParameter, _ path: String) {
    guard seen.insert(ObjectIdentifier(parameter)).inserted else {
      again.append((path, ObjectIdentifier(parameter)))
      return
    }
    if let list = parameter.parametrizationList {
      computed.append((path, parameter))
      let above = open.last.map { modules[$0.position].name } ?? ""
      let name = above.isEmpty ? path : String(path.dropFirst(above.count + 1))
      lists.append((joined(above, joined("parametrizations", name)), list))
      return
    }
    parameters.append((path, parameter))
    parameterOwners.append(open.last?.position ?? 0)
  }

  private mutating func visit(_ module: any Module, _ fields: [StoredField]?, _ path: String) {
    let id = ObjectIdentifier(module)
    if let around = open.first(where: { $0.id == id }) { return refuseCycle(module, path, around.position) }
    if open.count >= ModuleTree.deepest {
      if isLenient { return }
      fail("module", "\(type(of: module)) is inside \(open.count) others (at most \(ModuleTree.deepest))")
    }
    guard seen.insert(id).inserted else {
      again.append((path, id))
      return
    }
    parents.append(open.last?.position ?? 0)
    open.append((id, modules.count))
    modules.append((path, module))
    let around = lists
    lists = []
    let names = module.savedNames
    if let fields {
      for field in fields { visit(field, of: module, names.isEmpty ? nil : names[field.name.property], path) }
    } else {
      visitMirrored(module, names, path)
    }
    let own = lists
    lists = around
    for entry in own { visit(entry.list, entry.path) }
    open.removeLast()
  }

  /// Visits what a field holds now.
  private mutating func visit(_ field: StoredField, of module: any Module, _ savedName: String?, _ path: String) {
    let place = UnsafeRawPointer(Unmanaged.passUnretained(module as AnyObject).toOpaque()) + field.offset
    let path = joined(path, savedName ?? field.pathName)
    withExtendedLifetime(module) {
      switch field.contents {
      case .object: visit(place.assumingMemoryBound(to: AnyObject.self).pointee, path, isWrapper: field.name.isWrapper)
      case .optionalObject:
        if let object = place.assumingMemoryBound(to: AnyObject?.self).pointee {
          visit(object, path, isWrapper: field.name.isWrapper)
        } else if field.name.isLazy {
          checkMade(nil, field.type, field.name.property, in: module)
        }
      case .objects(let forEach):
        var index = 0
        forEach(place) { object in
          visit(object, joined(path, "\(index)"))
          index += 1
        }
      case .elements(let forEach):
        var index = 0
        forEach(place) { value in
          visit(value, joined(path, "\(index)"))
          index += 1
        }
      case .value(let read):
        let value = read(place)
        if field.name.isLazy { checkMade(value, field.type, field.name.property, in: module) }
        visit(value, path, isWrapper: field.name.isWrapper)
      }
    }
  }

  private mutating func visitMirrored(_ module: any Module, _ names: [String: String], _ path: String) {
    var mirrors: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let current = mirror {
      mirrors.append(current)
      mirror = current.superclassMirror
    }
    for mirror in mirrors.reversed() {
      for child in mirror.children {
        let name = StoredName(child.label ?? "")
        if name.isLazy { checkMade(child.value, type(of: child.value), name.property, in: module) }
        let saved = names[name.property] ?? snakeCase(name.property)
        visit(child.value, joined(path, saved), isWrapper: name.isWrapper)
      }
    }
  }

  private mutating func visit(_ value: Any, _ path: String, isWrapper: Bool = false) {
    if type(of: value) is AnyClass { return visit(value as AnyObject, path, isWrapper: isWrapper) }
    switch value {
    case is any TensorScalar, is String, is [Int], is [Float], is [Double], is [UInt8]: return
    default: reflect(value, path, isWrapper: isWrapper)
    }
  }

  private mutating func reflect(_ value: Any, _ path: String, isWrapper: Bool) {
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
      for entry in entries.sorted(by: { precedes($0.key, $1.key) }) { visit(entry.value, joined(path, entry.key)) }
    case .tuple:
      for (index, child) in mirror.children.enumerated() {
        let label = child.label.flatMap { $0.hasPrefix(".") ? nil : snakeCase($0) }
        visit(child.value, joined(path, label ?? "\(index)"))
      }
    case .struct:
      for child in mirror.children {
        let name = StoredName(child.label ?? "")
        // A property wrapper keeps the value in a property of its own, which is not a part of the name.
        let isInner = isWrapper && (name.isWrapper || ["wrappedValue", "value", "storage"].contains(name.property))
        visit(child.value, isInner ? path : joined(path, snakeCase(name.property)), isWrapper: name.isWrapper)
      }
    default: break
    }
  }

  /// The further names of parameters and buffers that are in several places, by the name that they are found under.
  var tiedNames: [String: [String]] {
    if again.isEmpty { return [:] }
    var names: [ObjectIdentifier: String] = [:]
    for entry in modules { names[ObjectIdentifier(entry.module)] = entry.name }
    for entry in parameters { names[ObjectIdentifier(entry.parameter)] = entry.name }
    for entry in buffers { names[ObjectIdentifier(entry.buffer)] = entry.name }
    let own = parameters.map(\.name) + buffers.map(\.name)
    // Pairs of a name and one it goes back to; those below a module are all there when its own further place is met.
    var tied: [(name: String, of: String)] = []
    for place in again {
      guard let first = names[place.object] else { continue }
      let prefix = first + "."
      let below = own.map { (name: $0, of: $0) } + tied
      for entry in below where entry.name == first || entry.name.hasPrefix(prefix) {
        tied.append((place.path + entry.name.dropFirst(first.count), entry.of))
      }
    }
    return Dictionary(tied.map { ($0.of, [$0.name]) }, uniquingKeysWith: +)
  }

  private func refuseCycle(_ module: any Module, _ path: String, _ position: Int) {
    if isLenient { return }
    let outer = modules[position].name
    fail("module", "\(type(of: module)) holds itself: \(path) is \(outer.isEmpty ? "the module" : outer) again")
  }

  /// Stops where a lazy property that would hold parameters was not made yet: they would be left out in silence.
  private func checkMade(_ value: Any?, _ type: Any.Type, _ property: String, in module: any Module) {
    guard !isLenient, let type = type as? any OptionalType.Type, holdsState(type.wrapped),
      value.map({ Mirror(reflecting: $0).children.isEmpty }) ?? true
    else { return }
    fail(
      "module",
      "the lazy property \(property) of \(Swift.type(of: module)) was not made yet, and what it holds would be left "
        + "out: read it once in the initializer")
  }

  private func joined(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : name.isEmpty ? path : path + "." + name
  }
}

/// The order of keys: numbers by value, all else by letters.
private func precedes(_ a: String, _ b: String) -> Bool {
  switch (Int(a), Int(b)) {
  case (let x?, let y?): x < y
  case (_?, nil): true
  case (nil, _?): false
  default: a < b
  }
}

/// Whether values of a type are modules, parameters or buffers, or arrays of them.
private func holdsState(_ type: Any.Type) -> Bool {
  if let array = type as? any ArrayType.Type { return holdsState(array.element) }
  return type is any Module.Type || type is any AnyParameter.Type || type is any AnyBuffer.Type
    || type == (any Module).self || type == (any Layer<Float>).self || type == (any Layer<Double>).self
}

/// `runningMean` as `running_mean`, `URLPath` as `url_path`, `conv2D` as `conv2d`.
func snakeCase(_ name: String) -> String {
  var result = ""
  let letters = Array(name)
  for (i, letter) in letters.enumerated() {
    if letter.isUppercase, i > 0 {
      let nextIsLower = i + 1 < letters.count && letters[i + 1].isLowercase
      let startsWord = letters[i - 1].isLowercase || nextIsLower
      if startsWord && letters[i - 1] != "_" { result.append("_") }
    }
    result += letter.lowercased()
  }
  return result
}

extension Module {
  /// The random generators that this module and those below it hold.
  package var randomGenerators: [RandomGenerator] { ModuleTree(self).generators }
}
