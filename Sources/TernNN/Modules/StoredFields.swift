import Synchronization
import TernTensor

/// What an object is to a module tree: decided once for each class, and read from the object's memory from then on.
///
/// The fields of a class never change, their values may at any time: a tree reads them all whenever it is made.
enum ObjectRole: @unchecked Sendable {
  /// A module with the fields that may hold something; `nil` where only a mirror shows them.
  case module((AnyObject) -> any Module, [StoredField]?)
  case parameter((AnyObject) -> any AnyParameter)
  case buffer((AnyObject) -> any AnyBuffer)
  case generator
  /// A class that says itself what it is made of.
  case mirrored
  /// Any other object, which holds nothing that is looked for.
  case other

  private static let known = Mutex<[ObjectIdentifier: ObjectRole]>([:])

  /// The roles of all classes met so far.
  static var all: [ObjectIdentifier: ObjectRole] { known.withLock { $0 } }

  /// Finds the role of an object's class.
  init(of object: AnyObject) {
    let type: AnyClass = Swift.type(of: object)
    switch type {
    case let module as any Module.Type: self = .module(asModule(module), StoredField.fields(of: object, type))
    case let parameter as any AnyParameter.Type: self = .parameter(asParameter(parameter))
    case let buffer as any AnyBuffer.Type: self = .buffer(asBuffer(buffer))
    case is RandomGenerator.Type: self = .generator
    case is any CustomReflectable.Type: self = .mirrored
    default: self = .other
    }
    let role = self
    ObjectRole.known.withLock { $0[ObjectIdentifier(type)] = role }
  }
}

private func asModule<M: Module>(_: M.Type) -> (AnyObject) -> any Module { { unsafeDowncast($0, to: M.self) } }
private func asParameter<P: AnyParameter>(_: P.Type) -> (AnyObject) -> any AnyParameter {
  { unsafeDowncast($0, to: P.self) }
}
private func asBuffer<B: AnyBuffer>(_: B.Type) -> (AnyObject) -> any AnyBuffer { { unsafeDowncast($0, to: B.self) } }

/// A stored property that may hold a part of a module.
struct StoredField {
  /// How it is read, given where it lies.
  enum Contents {
    case object
    case optionalObject
    /// Calls the function with each object of an array.
    case objects((UnsafeRawPointer, (AnyObject) -> Void) -> Void)
    /// Calls the function with each element of an array.
    case elements((UnsafeRawPointer, (Any) -> Void) -> Void)
    case value((UnsafeRawPointer) -> Any)
  }

  let name: StoredName
  /// The property's name in paths.
  let pathName: String
  /// From the start of the object, in bytes.
  let offset: Int
  let type: Any.Type
  let contents: Contents

  /// The fields of a class and its superclasses that may hold something, in the order of declaration; `nil` where its
  /// objects show themselves otherwise, or hold a reference that is not strong.
  static func fields(of object: AnyObject, _ type: AnyClass) -> [StoredField]? {
    if type is any CustomReflectable.Type { return nil }
    var children: [Mirror.Child] = []
    var mirror: Mirror? = Mirror(reflecting: object)
    while let current = mirror {
      children = Array(current.children) + children
      mirror = current.superclassMirror
    }
    guard countOfFields(type) == children.count else { return nil }
    var fields: [StoredField] = []
    for (index, child) in children.enumerated() {
      var found = FieldDescription()
      let valueType = fieldType(type, index: index, &found)
      defer { found.free?(found.name) }
      guard found.isStrong, let name = found.name, String(cString: name) == child.label else { return nil }
      if !canHold(valueType) { continue }
      // What cannot be copied is shown as something else.
      let kind = TypeKind(rawValue: kindOfType(valueType))
      if kind == .structure || kind == .tuple, Swift.type(of: child.value) != valueType { return nil }
      let stored = StoredName(child.label ?? "")
      fields.append(
        StoredField(
          name: stored, pathName: snakeCase(stored.property), offset: fieldOffset(type, index: index), type: valueType,
          contents: contents(valueType)))
    }
    return fields
  }

  private static func contents(_ type: Any.Type) -> Contents {
    if type is AnyClass { return .object }
    if let optional = type as? any OptionalType.Type, optional.wrapped is AnyClass { return .optionalObject }
    if let array = type as? any ArrayType.Type {
      return array.element is AnyClass ? .objects(array.forEachObject) : .elements(array.forEachElement)
    }
    func value<T>(_: T.Type) -> Contents { .value { $0.assumingMemoryBound(to: T.self).pointee } }
    return _openExistential(type, do: value)
  }

  /// Whether values of a type may be or hold modules, parameters, buffers or generators. What is nested deeply may.
  private static func canHold(_ type: Any.Type, depth: Int = 0) -> Bool {
    if depth > 8 { return true }
    switch type {
    case is any TensorScalar.Type, is any FixedWidthInteger.Type, is String.Type, is any TensorType.Type: return false
    case let optional as any OptionalType.Type: return canHold(optional.wrapped, depth: depth + 1)
    case let array as any ArrayType.Type: return canHold(array.element, depth: depth + 1)
    case is any CustomReflectable.Type: return true
    default: break
    }
    switch TypeKind(rawValue: kindOfType(type)) {
    case .enumeration, .opaque, .function, .metatype, .existentialMetatype: return false
    case .structure, .tuple:
      return (0..<countOfFields(type)).contains { index in
        var found = FieldDescription()
        let valueType = fieldType(type, index: index, &found)
        defer { found.free?(found.name) }
        return canHold(valueType, depth: depth + 1)
      }
    default: return true
    }
  }
}

/// The property behind a label of reflection: wrapped and lazy ones are stored under other names.
struct StoredName {
  let property: String
  let isLazy: Bool
  let isWrapper: Bool

  init(_ label: String) {
    let lazy = "$__lazy_storage_$_"
    isLazy = label.hasPrefix(lazy)
    isWrapper = !isLazy && label.hasPrefix("_")
    property = String(label.dropFirst(isLazy ? lazy.count : isWrapper ? 1 : 0))
  }
}

protocol OptionalType {
  static var wrapped: Any.Type { get }
}

extension Optional: OptionalType {
  static var wrapped: Any.Type { Wrapped.self }
}

protocol ArrayType {
  static var element: Any.Type { get }
  static func forEachObject(_ array: UnsafeRawPointer, _ body: (AnyObject) -> Void)
  static func forEachElement(_ array: UnsafeRawPointer, _ body: (Any) -> Void)
}

extension Array: ArrayType {
  static var element: Any.Type { Element.self }

  static func forEachObject(_ array: UnsafeRawPointer, _ body: (AnyObject) -> Void) {
    for element in array.assumingMemoryBound(to: Self.self).pointee {
      body(unsafeBitCast(element, to: AnyObject.self))
    }
  }

  static func forEachElement(_ array: UnsafeRawPointer, _ body: (Any) -> Void) {
    for element in array.assumingMemoryBound(to: Self.self).pointee { body(element) }
  }
}

private protocol TensorType {}

extension Tensor: TensorType {}

// What Swift's own mirrors are made of: they look all of it up for every value.

private struct FieldDescription {
  var name: UnsafePointer<CChar>?
  var free: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong = false
  var isVariable = false
}

private enum TypeKind: UInt {
  case structure = 0x200
  case enumeration = 0x201
  case opaque = 0x300
  case tuple = 0x301
  case function = 0x302
  case metatype = 0x304
  case existentialMetatype = 0x306
}

@_silgen_name("swift_reflectionMirror_recursiveCount") private func countOfFields(_ type: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func fieldType(
  _ type: Any.Type, index: Int, _ description: UnsafeMutablePointer<FieldDescription>
) -> Any.Type

@_silgen_name("swift_reflectionMirror_recursiveChildOffset")
private func fieldOffset(_ type: Any.Type, index: Int) -> Int

@_silgen_name("swift_getMetadataKind") private func kindOfType(_ type: Any.Type) -> UInt
