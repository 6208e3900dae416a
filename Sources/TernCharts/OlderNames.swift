// The names of earlier versions, so that programs written for them still compile.

/// The older name of ``ChartAxis``.
@available(*, deprecated, renamed: "ChartAxis")
public typealias Axis = ChartAxis

/// The older name of ``ReportFigure``.
@available(*, deprecated, renamed: "ReportFigure")
public typealias Figure = ReportFigure
