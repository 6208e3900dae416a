import TernBackend
import TernTensor

/// Matrices with orthonormal columns, or rows where they are wide: B·Q(X), as
/// `torch.nn.utils.parametrizations.orthogonal`.
///
/// For X [.., n, k] with n ≥ k, a wide one transposed, Q(X) is the first k columns of a map of its lower triangle, and B
/// [.., n, n] an orthogonal matrix, the buffer `base`, so that learning goes on from the value that was set: a dynamic
/// trivialization. Setting a value makes it orthonormal by a QR decomposition where it is not, completes it to B by random
/// columns, and X is −I, for which Q(X) is the identity.
///
/// Source: Lezcano-Casado 2019, "Trivializations for gradient-based optimization on manifolds".
public final class OrthogonalParametrization<Scalar: FloatingScalar>: Parametrization {
  /// How a matrix gives an orthogonal one.
  public enum Map: Sendable {
    /// exp(A) for the skew-symmetric A of the lower triangle L, A = L − Lᵀ.
    case matrixExponential
    /// (I − A/2)⁻¹·(I + A/2) for the skew-symmetric A of the lower triangle L, A = L − Lᵀ.
    case cayley
    /// The product of the Householder reflections of the columns below the diagonal, with the signs of the diagonal, 1 for 0.
    ///
    /// PyTorch multiplies by the diagonal's whole part instead, which is the same where its magnitude is at least 1 and
    /// below 2, and else gives columns that are not of length 1: zeros below 1, where weight decay brings it.
    case householder
  }

  /// The map; `nil` is the exponential for square matrices and Householder reflections for others.
  public let map: Map?
  /// B; `nil` before it is given to a parameter.
  public private(set) var base: Buffer<Scalar>?

  /// Creates an orthogonal parametrization.
  ///
  /// - Parameter map: how a matrix gives an orthogonal one; `nil` is the exponential for square matrices and Householder
  ///   reflections for others.
  public init(map: Map? = nil) { self.map = map }

  /// Makes the base. Stops for a parameter that is not a matrix or a batch of them.
  public func prepare(for value: Tensor<Scalar>) {
    check(value.rank >= 2, "OrthogonalParametrization", "a parameter \(value.shape), expected [.., rows, columns]")
    check(base == nil, "OrthogonalParametrization", "it is another parameter's already: each takes one of its own")
    let n = max(value.shape[value.rank - 2], value.shape[value.rank - 1])
    base = Buffer(Tensor(eye: n).broadcast(to: value.shape.dropLast(2) + [n, n]).contiguous)
  }

  /// −I, for a base made of the value.
  public func originals(of value: Tensor<Scalar>) -> [Tensor<Scalar>] {
    withoutGradients {
      let tall = tall(value)
      let (n, k) = (tall.shape[tall.rank - 2], tall.shape[tall.rank - 1])
      if n == k {
        base?.value = isOrthogonal(tall) ? tall : orthonormal(tall)
      } else {
        let others = Tensor<Scalar>(randomNormal: Array(tall.shape.dropLast()) + [n - k])
        base?.value = orthonormal(concatenate([tall, others], along: -1))
      }
      let (rows, columns) = (value.shape[value.rank - 2], value.shape[value.rank - 1])
      return [(-Tensor(eye: rows, columns: columns)).broadcast(to: value.shape).contiguous]
    }
  }

  /// B·Q(X) of X.
  public func value(of originals: [Tensor<Scalar>]) -> Tensor<Scalar> {
    let given = originals[0]
    let x = tall(given)
    let (n, k) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let q =
      switch map ?? (n == k ? .matrixExponential : .householder) {
      case .matrixExponential: skew(x, n, k).matrixExponential().narrowed(axis: -1, start: 0, length: k)
      case .cayley: cayley(skew(x, n, k), n).narrowed(axis: -1, start: 0, length: k)
      case .householder: householder(x, n, k)
      }
    let result = base.map { matmul($0.value, q) } ?? q
    return given.shape == x.shape ? result : result.transposed()
  }

  private func tall(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.shape[x.rank - 2] < x.shape[x.rank - 1] ? x.transposed() : x
  }

  /// L − Lᵀ for the lower triangle L, with columns of zeros to be square.
  private func skew(_ x: Tensor<Scalar>, _ n: Int, _ k: Int) -> Tensor<Scalar> {
    var lower = x.lowerTriangle()
    if n > k { lower = concatenate([lower, Tensor(zeros: Array(x.shape.dropLast()) + [n - k])], along: -1) }
    return lower - lower.transposed()
  }

  private func cayley(_ a: Tensor<Scalar>, _ n: Int) -> Tensor<Scalar> {
    let identity = Tensor<Scalar>(eye: n)
    let half = a * 0.5
    do { return try solve(identity - half, identity + half) } catch { fail("OrthogonalParametrization", "\(error)") }
  }

  /// H₁·…·H_k, the first k columns, as E − V·U⁻¹·(the first k rows of V)ᵀ with Vᵀ·V = U + Uᵀ.
  ///
  /// V has ones on the diagonal and X below it, E is the identity's first k columns.
  private func householder(_ x: Tensor<Scalar>, _ n: Int, _ k: Int) -> Tensor<Scalar> {
    let start = Tensor<Scalar>(eye: n, columns: k)
    let v = x.lowerTriangle(diagonal: -1) + start
    let products = matmul(v.transposed(), v)
    let upper = products.upperTriangle(diagonal: 1) + products * (Tensor<Scalar>(eye: k) * 0.5)
    let top = v.narrowed(axis: -2, start: 0, length: k).transposed()
    do {
      return (start - matmul(v, try solveTriangular(upper, top, .upper))) * signs(x.detached())
    } catch { fail("OrthogonalParametrization", "\(error)") }
  }

  private func isOrthogonal(_ q: Tensor<Scalar>) -> Bool {
    let n = q.shape[q.rank - 1]
    let identity = Tensor<Scalar>(eye: n)
    let errors = (matmul(q.transposed(), q) - identity).abs()
    return (errors .<= identity * 1e-5 + 10 * Scalar(n) * Scalar.ulpOfOne).all().item
  }

  /// The signs of the diagonal as a row, 1 for 0.
  private func signs(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let diagonal = x.diagonal(axes: -2, -1)
    return select(diagonal .< 0, Scalar(-1), Tensor(onesLike: diagonal)).expandedAxis(at: -2)
  }

  /// Q of the QR decomposition whose R has no negative diagonal; its columns are orthonormal at any rank.
  private func orthonormal(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    let (q, r) = a.qrDecomposition()
    return q * signs(r)
  }
}

extension OrthogonalParametrization: SelfCopying {
  func duplicate() -> any Module {
    let copy = OrthogonalParametrization(map: map)
    copy.base = base.map { Buffer(Tensor(zeros: $0.shape)) }
    return copy
  }
}
