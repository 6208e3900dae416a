// TernBackend
