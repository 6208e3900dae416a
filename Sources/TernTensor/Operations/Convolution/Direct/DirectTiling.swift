import TernBackend

/// The parts that the results of a direct convolution are split into: some rows, of wide images some columns, of one image.
///
/// They depend on extents alone.
struct DirectTiling {
  private let grid: DirectGrid
  /// Rows and columns of the largest part.
  let rows: Int, columns: Int
  private let down: Int, across: Int
  /// How many parts there are.
  let count: Int

  /// Values that the pixels under a part may take: they stay in the second-level cache beside weights and results.
  private static let room = 40_960
  /// Products that are worth a thread's attention.
  private static let grain = 0x1p19
  /// Columns that fill the tiles.
  private static let columnsOfTile = 14

  /// - Parameters:
  ///   - products: for one pixel of the result.
  ///   - most: pixels of a part.
  ///   - rowsOfTile: rows that are computed together.
  init(_ grid: DirectGrid, images: Int, products: Int, most: Int = .max, rowsOfTile: Int = 1) {
    self.grid = grid
    let line = Swift.max(1, grid.channels * grid.height(of: 1))
    let fitting = (DirectTiling.room / line - grid.width(of: 1)) / grid.columnStride + 1
    var columns = Swift.min(grid.columns, Swift.max(DirectTiling.columnsOfTile, Swift.min(fitting, most)))
    let lines = DirectTiling.room / Swift.max(1, grid.channels * grid.width(of: columns))
    var rows = Swift.min((lines - grid.height(of: 1)) / grid.rowStride + 1, most / columns)
    rows = Swift.max(1, Swift.min(grid.rows, rows))
    // A small batch is split further, so that there is work for all threads.
    let work = Double(images * grid.rows * grid.columns) * Double(products)
    let wanted = (Swift.min(16, Int(work / DirectTiling.grain)) + images - 1) / Swift.max(images, 1)
    if wanted > 1 {
      rows = Swift.min(rows, Swift.max(1, grid.rows / wanted))
      let panels = (wanted + grid.rows - 1) / grid.rows
      if panels > 1 { columns = Swift.min(columns, Swift.max(DirectTiling.columnsOfTile, grid.columns / panels)) }
    }
    let tiles = (grid.rows + rowsOfTile - 1) / rowsOfTile
    let even = DirectTiling.even(tiles, Swift.max(1, rows / rowsOfTile))
    (down, self.rows) = (even.parts, even.length * rowsOfTile)
    (across, self.columns) = DirectTiling.even(grid.columns, columns)
    count = images * down * across
  }

  /// Parts of at most `most` of `whole`, of even length.
  private static func even(_ whole: Int, _ most: Int) -> (parts: Int, length: Int) {
    let length = (whole + (whole + most - 1) / most - 1) / ((whole + most - 1) / most)
    return ((whole + length - 1) / length, length)
  }

  subscript(index: Int) -> DirectPart {
    let (line, panel) = index.quotientAndRemainder(dividingBy: across)
    let (image, band) = line.quotientAndRemainder(dividingBy: down)
    let (row, column) = (band * rows, panel * columns)
    return DirectPart(
      image: image, row: row, rows: Swift.min(rows, grid.rows - row), column: column,
      columns: Swift.min(columns, grid.columns - column))
  }

  /// Values of the pixels under a part.
  var pixelValues: Int { grid.height(of: rows) * grid.width(of: columns) * grid.channels }
  /// Values of a part's results.
  var resultValues: Int { rows * columns * grid.outputs }

  /// At least how many pixels of the results follow a part.
  func pixels(after index: Int) -> Int {
    let smallest = (grid.rows - (down - 1) * rows) * (grid.columns - (across - 1) * columns)
    return (count - 1 - index) * smallest
  }
}
