import TernData
import TernTensor

/// A batch whose tensors are known, or a tensor: no reflection is needed to find them.
private protocol TensorHolder {
  var bodies: [TensorBody] { get }
}

extension Tensor: TensorHolder {
  fileprivate var bodies: [TensorBody] { [body] }
}

extension LabeledBatch: TensorHolder {
  fileprivate var bodies: [TensorBody] { [inputs.body, labels.body] }
}

extension PaddedBatch: TensorHolder {
  fileprivate var bodies: [TensorBody] { [values.body, lengths.body, mask.body] }
}

extension TokenBatch: TensorHolder {
  fileprivate var bodies: [TensorBody] { [ids.body, mask.body] }
}

/// The tensors in a batch of any structure, a few levels deep.
func tensors(in batch: Any, depth: Int = 4) -> [TensorBody] {
  if let holder = batch as? any TensorHolder { return holder.bodies }
  if depth == 0 { return [] }
  return Mirror(reflecting: batch).children.prefix(64).flatMap { tensors(in: $0.value, depth: depth - 1) }
}
