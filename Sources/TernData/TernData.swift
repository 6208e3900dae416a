// TernData
