import TernTensor
import TernTestSupport

/// Products of matrices and what is written with them.
let productTable: [TensorOperation] = [
  TensorOperation("matmul", [3, 4], [4, 2], also: [[[3, 0], [0, 2]], [[0, 3, 4], [4, 2]], [[0], [0]]]) {
    matmul($0[0], $0[1])
  },
  TensorOperation("matmul of batches", [2, 3, 4], [2, 4, 2]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of broadcast batches", [2, 1, 2, 3], [3, 3, 2]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a batch and a matrix", [2, 3, 4], [4, 2]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a matrix and a batch", [3, 4], [2, 4, 2]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a matrix and a vector", [3, 4], [4]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a vector and a matrix", [3], [3, 4]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a row and a matrix", [1, 3], [3, 4]) { matmul($0[0], $0[1]) },
  TensorOperation("matmul of a column and a row", [3, 1], [1, 4]) { matmul($0[0], $0[1]) },
  TensorOperation("dot", [5], [5]) { dot($0[0], $0[1]) },
  TensorOperation("outer", [3], [4], also: [[[0], [4]]]) { outer($0[0], $0[1]) },
  TensorOperation("kron", [2, 3], [2, 2], also: [[[], [2]], [[0, 2], [2, 2]]]) { kron($0[0], $0[1]) },
  TensorOperation("kron of different ranks", [3], [2, 2]) { kron($0[0], $0[1]) },
  TensorOperation("tensordot", [2, 3, 4], [3, 4, 2]) { tensordot($0[0], $0[1]) },
  TensorOperation("tensordot of named axes", [2, 3, 4], [4, 2]) { tensordot($0[0], $0[1], axes: [0, 2], [1, 0]) },
  TensorOperation("linear", [2, 3], [4, 3], [4], also: [[[0, 3], [4, 3], [4]], [[3], [4, 3], [4]]]) {
    linear($0[0], $0[1], bias: $0[2])
  },
  TensorOperation("linear of a batch", [2, 2, 3], [4, 3], [4]) { linear($0[0], $0[1], bias: $0[2]) },
  TensorOperation("linear without bias", [2, 3], [4, 3]) { linear($0[0], $0[1]) },
  TensorOperation("bilinear", [3, 2], [3, 4], [2, 2, 4], [2]) { bilinear($0[0], $0[1], $0[2], bias: $0[3]) },
  TensorOperation("addmm", [4], [2, 3], [3, 4]) { addmm($0[0], $0[1], $0[2], beta: 0.5, alpha: -2) },
  TensorOperation("baddbmm", [2, 1, 4], [2, 2, 3], [2, 3, 4]) { baddbmm($0[0], $0[1], $0[2], beta: 2, alpha: 0.5) },
  TensorOperation("einsum of three", [2, 3], [3, 4], [4, 2], also: [[[2, 3], [3, 0], [0, 2]]]) {
    einsum("ij,jk,kl->il", $0.tensors)
  },
  TensorOperation("einsum of rows", [3, 2], [3, 2]) { einsum("ij,ij->i", $0.tensors) },
  TensorOperation("einsum of axes in another order", [3, 2, 4], [4, 3, 2]) { einsum("abc,cab->cb", $0.tensors) },
  TensorOperation("einsum with a diagonal", [3, 3, 2], [3, 2]) { einsum("iij,ij->ji", $0.tensors) },
  TensorOperation("einsum with an ellipsis", [2, 3, 2], [2, 4]) { einsum("...ij,jk->...ik", $0.tensors) },
  TensorOperation("einsum with repetition", [2, 1], [3, 4]) { einsum("ij,jk->ik", $0.tensors) },
  TensorOperation("mm", [2, 3], [3, 4], also: [[[2, 0], [0, 4]], [[0, 3], [3, 4]]]) { mm($0[0], $0[1]) },
  TensorOperation("bmm", [2, 2, 3], [2, 3, 2]) { bmm($0[0], $0[1]) },
  TensorOperation("mv", [2, 3], [3]) { mv($0[0], $0[1]) },
].map { $0.within(1e-13) }
