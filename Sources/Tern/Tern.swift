@_exported import TernBackend
@_exported import TernCharts
@_exported import TernData
@_exported import TernDistributed
@_exported import TernNN
@_exported import TernTensor
@_exported import TernTraining
