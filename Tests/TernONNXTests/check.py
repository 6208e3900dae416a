"""Runs exported models beside Tern's own results: python3 check.py FOLDER (with onnx and onnxruntime).

    TERN_ONNX_CHECK=FOLDER scripts/test --filter TernONNXTests

writes the folder. Every model passes the full checker; onnxruntime without and with all its optimizations, and ONNX's
reference, give Tern's results to 1e-5 of the largest, for batches of 1, 3 and 64 from one file.
"""

import glob
import sys

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    runs = {"reference": ReferenceEvaluator(path).run}
    for level in ["ORT_DISABLE_ALL", "ORT_ENABLE_ALL"]:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
        runs[level] = onnxruntime.InferenceSession(path, options).run
    for file in sorted(glob.glob(path[:-5] + ".*.npz")):
        arrays = np.load(file)
        for name, run in runs.items():
            (y,) = run(None, {"input": arrays["x"]})
            assert y.shape == arrays["y"].shape, (file, name, y.shape, arrays["y"].shape)
            error = np.abs(y - arrays["y"]).max() / np.abs(arrays["y"]).max()
            print(f"{file.split('/')[-1]:24} {name:16} {error:.1e}")
            assert error <= 1e-5, (file, name, error)
