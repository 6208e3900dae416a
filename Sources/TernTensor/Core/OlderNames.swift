// The names of earlier versions, so that programs written for them still compile.

import TernBackend

/// The older name of `MatrixTriangle`.
@available(*, deprecated, renamed: "MatrixTriangle")
public typealias Triangle = MatrixTriangle

/// The older name of `MatrixSide`.
@available(*, deprecated, renamed: "MatrixSide")
public typealias Side = MatrixSide
