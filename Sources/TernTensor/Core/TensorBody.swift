import TernBackend

/// Elements in memory and how they lie: a block of the pool, or a view of one.
package final class TensorMemory: @unchecked Sendable {
  package let layout: Layout
  package let dtype: DType
  /// The first element.
  package let pointer: UnsafeMutableRawPointer
  /// What owns the block that a view lies in; `nil` for the owner itself.
  @exclusivity(unchecked) fileprivate var base: TensorMemory?
  /// What is kept with the elements until they change, see ``DerivedValues``.
  @exclusivity(unchecked) fileprivate var derived = DerivedValues()

  /// A new block, not yet written.
  fileprivate init(uninitialized layout: Layout, dtype: DType) {
    self.layout = layout
    self.dtype = dtype
    pointer = MemoryPool.allocate(
      byteCount: layout.count &* dtype.byteCount, for: "a tensor \(layout.shape) of \(dtype)")
  }

  /// A view of the elements from `pointer` on.
  fileprivate init(_ owner: TensorMemory, layout: Layout, dtype: DType, pointer: UnsafeMutableRawPointer) {
    self.layout = layout
    self.dtype = dtype
    self.pointer = pointer
    base = owner.base ?? owner
  }

  /// New memory in the layout of another, which is dense; not initialized.
  fileprivate init(like other: TensorMemory) {
    layout = other.layout
    dtype = other.dtype
    pointer = MemoryPool.allocate(byteCount: other.layout.count &* other.dtype.byteCount)
  }

  /// The number of elements where both are dense and small and share one layout.
  func smallCount(like other: TensorMemory, atMost limit: Int) -> Int? {
    layout.count <= limit && layout.isDense && layout.hasLayout(of: other.layout) ? layout.count : nil
  }

  /// What is computed from these elements, kept from the second call on until they change.
  ///
  /// - Parameters:
  ///   - key: tells what is computed apart from what else may be kept here.
  ///   - isValid: whether a kept value still holds, where it depends on more than these elements.
  ///   - make: computes it.
  /// - Returns: `nil` the first time, and for views.
  package func derived<Value: AnyObject & Sendable>(
    _ key: DerivedValues.Key, isValid: (Value) -> Bool = { _ in true }, _ make: () -> Value
  ) -> Value? {
    if base != nil { return nil }
    switch DerivedValues.access({ derived.find(key) }) {
    case .new: return nil
    case .known(let value):
      if let value = value as! Value?, isValid(value) { return value }
      let value = make()
      DerivedValues.access { derived.keep(key, value) }
      return value
    }
  }

  /// The owner of the block, where these are all of its elements in their order, without gaps.
  var whole: TensorMemory? {
    layout.isContiguous ? owner(of: layout.count) : nil
  }

  /// The owner of the block, where it has so many elements, in row-major order.
  func owner(of count: Int) -> TensorMemory? {
    let owner = base ?? self
    return owner.layout.isContiguous && owner.layout.count == count && owner.dtype == dtype ? owner : nil
  }

  /// The elements in bfloat16, for as long as somebody holds them: one copy for all who need them.
  func rounded(_ make: () -> TensorMemory) -> TensorMemory {
    let key = DerivedValues.Key.rounded
    _ = DerivedValues.access { derived.find(key) }
    if case .known(let value) = DerivedValues.access({ derived.find(key) }),
      let memory = (value as! WeakMemory?)?.memory
    {
      return memory
    }
    let memory = make()
    DerivedValues.access { derived.keep(key, WeakMemory(memory)) }
    return memory
  }

  deinit {
    if base == nil { MemoryPool.release(pointer, byteCount: layout.count &* dtype.byteCount) }
  }
}

/// Memory that is not kept.
private final class WeakMemory: @unchecked Sendable {
  weak var memory: TensorMemory?

  init(_ memory: TensorMemory) { self.memory = memory }
}

/// What a tensor refers to: elements in memory, and the node of the graph that computed them.
///
/// It knows its element type only as a value, so that the graph is one type for all of them.
package struct TensorBody: Sendable {
  package private(set) var memory: TensorMemory
  /// The node that computed it; `nil` for a constant.
  package var node: Node?

  package init(_ memory: TensorMemory, node: Node? = nil) {
    self.memory = memory
    self.node = node
  }

  /// New memory, not yet written.
  package init(uninitialized layout: Layout, dtype: DType) {
    memory = TensorMemory(uninitialized: layout, dtype: dtype)
  }

  /// New memory in the layout of another, which is dense; not initialized.
  package init(uninitializedLike memory: TensorMemory) {
    self.memory = TensorMemory(like: memory)
  }

  package var layout: Layout { memory.layout }
  package var dtype: DType { memory.dtype }
  /// The first element; valid while the memory lives.
  package var pointer: UnsafeMutableRawPointer { memory.pointer }

  /// A constant that reads the same memory another way.
  ///
  /// - Parameters:
  ///   - offset: from this body's first element to the view's, in elements of this body.
  ///   - dtype: another type of the same size.
  package func view(_ layout: Layout, offset: Int = 0, as dtype: DType? = nil) -> TensorBody {
    assert(dtype.map { $0.byteCount == self.dtype.byteCount } ?? true)
    return TensorBody(
      TensorMemory(
        memory, layout: layout, dtype: dtype ?? self.dtype, pointer: pointer + offset * self.dtype.byteCount))
  }

  /// The same values as a constant.
  package var detached: TensorBody { TensorBody(memory) }

  /// The same values as the result of a node.
  package func with(node: Node?) -> TensorBody { TensorBody(memory, node: node) }

  /// Whether nothing else refers to the memory, so that it may be written in place: what was derived from it is dropped.
  package mutating func isUnique() -> Bool {
    guard isKnownUniquelyReferenced(&memory) else { return false }
    if memory.base != nil {
      guard isKnownUniquelyReferenced(&memory.base!) else { return false }
      memory.base!.derived.removeAll()
    } else {
      memory.derived.removeAll()
    }
    return true
  }
}
