// TernConformance
