import TernBackend

/// Entries among which are index tensors or masks: the others as a view, and what is taken of the view's axes.
struct MixedIndex {
  let views: [AxisIndex]
  let tensors: [TensorIndex]
  /// Whether the view is the whole tensor.
  let takesAll: Bool

  /// Nothing where no entry is a tensor.
  init?(_ entries: [AxisIndex], rank: Int) {
    guard entries.contains(where: \.isTensor) else { return nil }
    let named = entries.reduce(0) { $0 + $1.axisCount }
    check(named <= rank, "subscript", "\(named) axes named of a tensor of rank \(rank)")
    var views: [AxisIndex] = []
    var tensors: [TensorIndex] = []
    var takesAll = true
    for entry in entries {
      switch entry.kind {
      case .tensor(let index):
        views.append(.all)
        tensors.append(.at(index))
      case .mask(let mask):
        views += [AxisIndex](repeating: .all, count: mask.rank)
        tensors.append(.where(mask))
      case .ellipsis:
        views.append(entry)
        tensors += [TensorIndex](repeating: .all, count: rank - named)
      case .index:
        views.append(entry)
        takesAll = false
      case .slice(let start, let stop, let step):
        views.append(entry)
        tensors.append(.all)
        takesAll = takesAll && start == nil && stop == nil && step == 1
      case .newAxis:
        views.append(entry)
        tensors.append(.all)
        takesAll = false
      }
    }
    self.views = views
    self.tensors = tensors
    self.takesAll = takesAll
  }

  /// The mask, where there is nothing but one over all axes of the view.
  func mask(_ shape: [Int]) -> Tensor<Bool>? {
    guard tensors.count == 1, case .where(let mask) = tensors[0], mask.shape == shape else { return nil }
    return mask
  }
}

extension AxisIndex {
  fileprivate var isTensor: Bool {
    switch kind {
    case .tensor, .mask: true
    case .index, .slice, .newAxis, .ellipsis: false
    }
  }

  /// How many axes of the tensor the entry is about.
  fileprivate var axisCount: Int {
    switch kind {
    case .index, .slice, .tensor: 1
    case .newAxis, .ellipsis: 0
    case .mask(let mask): mask.rank
    }
  }
}

/// What of a tensor some entries without index tensors take: strides, and the distance of the first element.
func region(_ indices: [AxisIndex], of layout: Layout) -> (layout: Layout, offset: Int) {
  let named = indices.reduce(0) { $0 + $1.axisCount }
  check(
    named <= layout.rank, "subscript", "\(named) entries for \(layout.shape), which has \(layout.rank) axes")
  var shape: [Int] = []
  var strides: [Int] = []
  var offset = 0
  var axis = 0
  var expanded = false
  func takeWhole(_ count: Int) {
    shape += layout.shape[axis..<axis + count]
    strides += layout.strides[axis..<axis + count]
    axis += count
  }
  for entry in indices {
    switch entry.kind {
    case .newAxis:
      shape.append(1)
      strides.append(0)
    case .ellipsis:
      check(!expanded, "subscript", "the ellipsis appears twice")
      expanded = true
      takeWhole(layout.rank - named)
    case .index(let index):
      let extent = layout.shape[axis]
      let at = index < 0 ? index + extent : index
      check(at >= 0 && at < extent, "subscript", "index \(index) outside axis \(axis) of \(layout.shape)")
      offset &+= at &* layout.strides[axis]
      axis += 1
    case .slice(let start, let stop, let step):
      check(step != 0 && step != .min, "subscript", "a slice with step \(step)")
      let (first, count) = resolveSlice(start, stop, step, extent: layout.shape[axis])
      if count > 0 { offset &+= first &* layout.strides[axis] }
      shape.append(count)
      strides.append(count > 1 ? layout.strides[axis] &* step : layout.strides[axis])
      axis += 1
    case .tensor, .mask: fail("subscript", "an index tensor among the entries of a view")
    }
  }
  takeWhole(layout.rank - axis)
  return (Layout(shape, strides: strides), shape.contains(0) ? 0 : offset)
}

/// Python's rule for `start:stop:step` on an axis.
/// The entries of a view of one shape as numbers, four for each axis of the shape or new axis: the kind (0 a slice, 1 an
/// index, 2 a new axis), the first index, the step and the count.
func regionEntries(_ indices: [AxisIndex], of shape: [Int]) -> [Int] {
  let named = indices.reduce(0) { $0 + $1.axisCount }
  var entries: [Int] = []
  var axis = 0
  func takeWhole(_ count: Int) {
    for extent in shape[axis..<axis + count] { entries += [0, 0, 1, extent] }
    axis += count
  }
  for entry in indices {
    switch entry.kind {
    case .newAxis: entries += [2, 0, 1, 1]
    case .ellipsis: takeWhole(shape.count - named)
    case .index(let index):
      entries += [1, index < 0 ? index + shape[axis] : index, 1, 1]
      axis += 1
    case .slice(let start, let stop, let step):
      let (first, count) = resolveSlice(start, stop, step, extent: shape[axis])
      entries += [0, first, step, count]
      axis += 1
    case .tensor, .mask: return []
    }
  }
  takeWhole(shape.count - axis)
  return entries
}

private func resolveSlice(_ start: Int?, _ stop: Int?, _ step: Int, extent: Int) -> (first: Int, count: Int) {
  func bound(_ value: Int?, _ missing: Int) -> Int {
    guard let value else { return missing }
    let at = value < 0 ? value + extent : value
    return step > 0 ? Swift.min(Swift.max(at, 0), extent) : Swift.min(Swift.max(at, -1), extent - 1)
  }
  let first = bound(start, step > 0 ? 0 : extent - 1)
  let last = bound(stop, step > 0 ? extent : -1)
  let span = step > 0 ? last - first : first - last
  return (first, span <= 0 ? 0 : (span - 1) / abs(step) + 1)
}
