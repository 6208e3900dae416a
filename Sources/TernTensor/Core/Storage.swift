import TernBackend

/// The memory of one or more tensors, taken from the pool and given back at the end.
package final class Storage: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  package init(byteCount: Int) {
    pointer = MemoryPool.allocate(byteCount: byteCount)
    self.byteCount = byteCount
  }

  deinit {
    MemoryPool.release(pointer, byteCount: byteCount)
  }
}

/// What a tensor refers to: a layout over a storage, and the node of the graph that computed it.
///
/// It knows its element type only as a value, so that the graph is one type for all of them.
package final class TensorBody: @unchecked Sendable {
  package let layout: Layout
  package let dtype: DType
  /// The first element's distance from the storage's start, in elements.
  package let offset: Int
  package var storage: Storage
  /// The node that computed it; `nil` for a constant.
  package let node: Node?

  package init(layout: Layout, dtype: DType, offset: Int = 0, storage: Storage, node: Node? = nil) {
    self.layout = layout
    self.dtype = dtype
    self.offset = offset
    self.storage = storage
    self.node = node
  }

  /// New memory, not yet written.
  package convenience init(uninitialized layout: Layout, dtype: DType) {
    let (bytes, overflow) = layout.count.multipliedReportingOverflow(by: dtype.byteCount)
    check(!overflow, "tensor", "\(layout.shape) of \(dtype) is larger than the address space")
    self.init(layout: layout, dtype: dtype, storage: Storage(byteCount: bytes))
  }

  /// The same values as a constant.
  package var detached: TensorBody {
    node == nil ? self : TensorBody(layout: layout, dtype: dtype, offset: offset, storage: storage)
  }

  package func with(node: Node?) -> TensorBody {
    node === self.node
      ? self : TensorBody(layout: layout, dtype: dtype, offset: offset, storage: storage, node: node)
  }
}
