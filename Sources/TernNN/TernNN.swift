// TernNN
