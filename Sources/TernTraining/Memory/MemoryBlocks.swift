import TernBackend
import TernNN
import TernTensor

/// The sizes of the pool's blocks, which a tensor's bytes are rounded up to.
enum MemoryBlocks {
  /// The bytes of the block of a request: multiples of 64 up to 512, then four sizes a doubling.
  ///
  /// For requests above 512 bytes twice the request takes twice the block, so that what is measured with a batch holds for
  /// 2, 4, 8 … times as many samples to the byte.
  static func bytes(for request: Int) -> Int {
    if request <= 512 { return max(request + 63, 64) / 64 * 64 }
    let exponent = Int.bitWidth - 1 - (request - 1).leadingZeroBitCount
    let step = 1 << (exponent - 2)
    return 1 << exponent + ((request - 1 - 1 << exponent) / step + 1) * step
  }

  /// The bytes of a block that ``MemoryPool/bytesInUse`` counts: those above 4 KB.
  static func counted(for request: Int) -> Int {
    let size = bytes(for: request)
    return size > 4096 ? size : 0
  }

  /// The addresses that a block of 2 MB and more takes beside its bytes: it lies on whole huge pages.
  static func unusedAddresses(_ block: Int) -> Int {
    block < hugePage ? 0 : (block + hugePage - 1) / hugePage * hugePage - block
  }

  /// The bytes of a huge page.
  static let hugePage = 2 << 20
}

extension MemoryBlocks {
  /// The blocks of what a model keeps between steps.
  static func parameters(of model: any Module) -> Int {
    let parameters = model.parameters.reduce(0) { $0 + counted(for: $1.count * $1.dtype.byteCount) }
    return model.namedBuffers.reduce(parameters) { $0 + counted(for: $1.buffer.count * $1.buffer.dtype.byteCount) }
  }

  /// The blocks of the gradients that parameters have now.
  static func gradients(of parameters: [any AnyParameter]) -> Int {
    func bytes(_ parameter: some AnyParameter) -> Int {
      parameter.typed.gradient == nil ? 0 : counted(for: parameter.count * parameter.dtype.byteCount)
    }
    return parameters.reduce(0) { $0 + bytes($1) }
  }

  /// The blocks of what optimizers keep.
  static func moments(of optimizers: [any Optimizer]) -> Int {
    optimizers.reduce(0) { sum, optimizer in
      optimizer.state.tensors.reduce(sum) { $0 + counted(for: $1.body.layout.count * $1.body.dtype.byteCount) }
    }
  }
}
