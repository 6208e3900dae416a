// TernTraining
