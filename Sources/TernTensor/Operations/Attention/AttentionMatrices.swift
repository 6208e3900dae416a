import TernBackend

/// The matrices of a tensor's last two axes, each row's elements side by side.
struct MatrixStack<Scalar: TensorScalar> {
  let tensor: Tensor<Scalar>
  let pointer: UnsafeMutablePointer<Scalar>
  /// Where each matrix begins, in row-major order of the other axes; empty where one follows the other.
  private let starts: [Int]
  private let size: Int
  /// From one row to the next.
  let step: Int
  let columns: Int

  init(_ tensor: Tensor<Scalar>) {
    let (rows, columns) = (tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
    let layout = tensor.layout
    let isReadable =
      (columns <= 1 || layout.strides[layout.rank - 1] == 1)
      && (rows <= 1 || layout.strides[layout.rank - 2] >= columns)
    let source = isReadable ? tensor : tensor.detached().copied()
    self.tensor = source
    pointer = source.mutablePointer
    size = rows * columns
    starts = source.layout.isContiguous ? [] : matrixStarts(source.layout)
    step = rows <= 1 ? Swift.max(columns, 1) : source.layout.strides[layout.rank - 2]
    self.columns = columns
  }

  func matrix(_ index: Int, row: Int = 0) -> UnsafeMutablePointer<Scalar> {
    pointer + (starts.isEmpty ? index * size : starts[index]) + row * step
  }
}

/// Matrices that are read: of the scalar type, or in bfloat16 as they waited, which are widened one by one.
enum ReadMatrices<Scalar: TensorScalar> {
  case plain(MatrixStack<Scalar>)
  case waiting(MatrixStack<BFloat16>)

  init(_ tensor: Tensor<Scalar>) { self = .plain(MatrixStack(tensor)) }
  init(waiting tensor: Tensor<BFloat16>) { self = .waiting(MatrixStack(tensor)) }

  /// Values of scratch for so many rows.
  func scratch(_ rows: Int) -> Int {
    switch self {
    case .plain: 0
    case .waiting(let stack): rows * stack.columns
    }
  }

  /// Some rows of a matrix.
  func rows(_ matrix: Int, _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Scalar>) -> ReadRows<Scalar> {
    switch self {
    case .plain(let stack):
      return ReadRows(pointer: stack.matrix(matrix, row: rows.lowerBound), step: stack.step, first: rows.lowerBound)
    case .waiting(let stack):
      let columns = stack.columns
      for row in rows {
        BFloat16.convert(
          columns, floats(scratch + (row - rows.lowerBound) * columns), 1, stack.matrix(matrix, row: row), 1)
      }
      return ReadRows(pointer: scratch, step: columns, first: rows.lowerBound)
    }
  }
}

/// Rows of a matrix from `first` on.
struct ReadRows<Scalar> {
  let pointer: UnsafeMutablePointer<Scalar>
  let step: Int
  let first: Int

  func row(_ row: Int) -> UnsafeMutablePointer<Scalar> { pointer + (row - first) * step }
}

/// Where each matrix of a layout's last two axes begins.
func matrixStarts(_ layout: Layout) -> [Int] {
  let axes = Array(layout.shape.dropLast(2))
  MemoryPool.require(count: Layout.product(axes), of: 24, "attention", "a batch \(axes) of matrices")
  var starts = [0]
  for axis in axes.indices {
    let step = layout.strides[axis]
    starts = starts.flatMap { start in (0..<layout.shape[axis]).map { start + $0 * step } }
  }
  return starts
}
