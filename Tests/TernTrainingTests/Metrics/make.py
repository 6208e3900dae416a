"""Writes metrics.json: scikit-learn's metrics of random and degenerate inputs.

    python make.py        (scikit-learn 1.9)

Not a number is null. Calibration errors, which scikit-learn lacks, are NumPy's by the definition.
"""

import json
import pathlib
import warnings

import numpy as np
from scipy.special import logsumexp
from sklearn import metrics as sk

warnings.simplefilter("ignore")
random = np.random.default_rng(7)
DIVISIONS = {"zero": 0.0, "one": 1.0, "skip": np.nan}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    return None if np.isnan(value) else value


def averages(numbers, micro, support):
    """Per class, and the averages, as they are and without what is not a number."""
    numbers, support = np.array(numbers), np.array(support, float)
    known = ~np.isnan(numbers)
    return {
        "per_class": numbers,
        "macro": numbers.mean(),
        "macro_skip": numbers[known].mean() if known.any() else np.nan,
        "weighted_skip": np.average(numbers[known], weights=support[known]) if support[known].sum() else np.nan,
        "micro": micro,
    }


def calibration(probabilities, labels, bins):
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    place = np.clip(np.ceil(confidence * bins) - 1, 0, bins - 1).astype(int)
    weights, distances = [], []
    for bin in np.unique(place):
        inside = place == bin
        weights.append(inside.mean())
        distances.append(abs(confidence[inside].mean() - right[inside].mean()))
    weights, distances = np.array(weights), np.array(distances)
    return {
        "mean": (weights * distances).sum(),
        "rootMeanSquare": np.sqrt((weights * distances**2).sum()),
        "maximum": distances.max(),
    }


def classification(name, scores, labels, probabilities=None):
    """Expected values of logits, and of probabilities: their softmax, which is written too."""
    scores, labels = np.array(scores, float), np.array(labels)
    count, classes = scores.shape
    if probabilities is None:
        probabilities = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
    every, predicted = np.arange(classes), scores.argmax(1)
    support = np.bincount(labels, minlength=classes)
    truth = np.eye(classes, dtype=int)[labels]
    expected = {
        "accuracy": sk.accuracy_score(labels, predicted),
        "confusion": sk.confusion_matrix(labels, predicted, labels=every),
        "matthews": sk.matthews_corrcoef(labels, predicted),
        "brier": sk.brier_score_loss(labels, probabilities, labels=every),
        "log_loss": sk.log_loss(labels, probabilities, labels=every),
        "log_loss_logits": (logsumexp(scores, axis=1) - scores[np.arange(count), labels]).mean(),
        "kappa": {
            key: sk.cohen_kappa_score(labels, predicted, labels=every, weights=weights)
            for key, weights in [("none", None), ("linear", "linear"), ("quadratic", "quadratic")]
        },
        "calibration": {str(bins): calibration(probabilities, labels, bins) for bins in (1, 10, 15)},
    }
    expected["perplexity"] = np.exp(expected["log_loss_logits"])
    expected["top_k"] = {
        str(k): sk.top_k_accuracy_score(labels, scores, k=k, labels=every) if classes > 2 else 1.0
        for k in range(2, classes + 1)
    }
    scorers = {
        "precision": lambda **kind: sk.precision_score(labels, predicted, labels=every, **kind),
        "recall": lambda **kind: sk.recall_score(labels, predicted, labels=every, **kind),
        "f_0.5": lambda **kind: sk.fbeta_score(labels, predicted, beta=0.5, labels=every, **kind),
        "f_1": lambda **kind: sk.f1_score(labels, predicted, labels=every, **kind),
        "f_2": lambda **kind: sk.fbeta_score(labels, predicted, beta=2, labels=every, **kind),
        "jaccard": lambda **kind: sk.jaccard_score(labels, predicted, labels=every, **kind),
    }
    for key, scorer in scorers.items():
        for word, division in DIVISIONS.items():
            if key == "jaccard" and word == "skip":
                continue
            expected[f"{key}/{word}"] = {
                kind or "per_class": scorer(average=kind, zero_division=division)
                for kind in (None, "macro", "micro", "weighted")
            }
    area = [sk.roc_auc_score(truth[:, i], probabilities[:, i]) for i in every]
    precision = [sk.average_precision_score(truth[:, i], probabilities[:, i]) for i in every]
    expected["auroc"] = averages(area, sk.roc_auc_score(truth.ravel(), probabilities.ravel()), support)
    expected["average_precision"] = averages(
        precision, sk.average_precision_score(truth.ravel(), probabilities.ravel()), support
    )
    return {
        "name": name, "classes": classes, "logits": scores.ravel(), "probabilities": probabilities.ravel(),
        "labels": labels, "expected": expected,
    }


def binary(name, scores, labels):
    scores, labels = np.array(scores, float), np.array(labels)
    predicted = (scores > 0.5).astype(int)
    return {
        "name": name, "scores": scores, "labels": labels,
        "expected": {
            "auroc": sk.roc_auc_score(labels, scores),
            "average_precision": sk.average_precision_score(labels, scores),
            "accuracy": sk.accuracy_score(labels, predicted),
            "precision": sk.precision_score(labels, predicted, zero_division=0),
            "f_1": sk.f1_score(labels, predicted, zero_division=0),
            "brier": sk.brier_score_loss(labels, scores, labels=[0, 1]),
            "log_loss": sk.log_loss(labels, scores, labels=[0, 1]),
        },
    }


def regression(name, predictions, targets):
    predictions, targets = np.array(predictions, float), np.array(targets, float)
    outputs = 1 if targets.ndim == 1 else targets.shape[1]
    scorers = {
        "mae": sk.mean_absolute_error, "mse": sk.mean_squared_error, "rmse": sk.root_mean_squared_error,
        "r2": sk.r2_score, "explained_variance": sk.explained_variance_score,
    }
    expected = {key: scorer(targets, predictions) for key, scorer in scorers.items()}
    for key, scorer in scorers.items():
        raw = scorer(targets, predictions, multioutput="raw_values")
        # Of a single row scikit-learn says one not a number, whatever there are of outputs.
        expected[key + "_each"] = np.broadcast_to(raw, [outputs])
    return {
        "name": name, "outputs": outputs, "predictions": predictions.ravel(), "targets": targets.ravel(),
        "expected": expected,
    }


def logits(count, classes, decimals=None):
    scores = 2 * random.standard_normal([count, classes])
    return scores if decimals is None else scores.round(decimals)


def labels(count, classes):
    return random.integers(0, classes, count)


tied = np.array([random.permutation([0.125, 0.125, 0.25, 0.5]) for _ in range(40)])
classes = [
    classification("random", logits(40, 3), labels(40, 3)),
    classification("five", logits(60, 5), labels(60, 5)),
    classification("two", logits(30, 2), labels(30, 2)),
    classification("ties", np.log(tied), labels(40, 4), tied),
    classification("never", logits(30, 5) * [1, 1, -0.0, 1, 1] - [0, 0, 50, 0, 0], labels(30, 4)),
    classification("one label", logits(20, 3), np.full(20, 1)),
    classification("one class", np.tile([0.0, 3.0, 1.0], [8, 1]), np.full(8, 1)),
    classification("one prediction", np.tile([0.0, 3.0, 1.0], [12, 1]), labels(12, 3)),
    classification("single", [[0.5, 0.25, -1.0]], [2]),
]
right = (random.random(30) < 0.6).astype(int)
scores = [
    binary("random", random.random(30), right),
    binary("ties", random.integers(0, 5, 30) / 4, right),
    binary("equal", np.full(9, 0.5), [0, 1, 1, 0, 1, 0, 0, 0, 1]),
    binary("perfect", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]),
    binary("wrong", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1]),
    binary("only positives", [0.9, 0.3, 0.3], [1, 1, 1]),
    binary("only negatives", [0.9, 0.3, 0.3], [0, 0, 0]),
    binary("certain", [0.0, 1.0, 1.0, 0.0], [1, 1, 0, 0]),
    binary("single", [0.75], [1]),
]
targets = random.standard_normal([30, 3])
numbers = [
    regression("random", random.standard_normal(30), targets[:, 0]),
    regression("near", targets[:, 1] + 0.1 * random.standard_normal(30), targets[:, 1]),
    regression("far from 0", 1e6 + targets[:, 1] + random.standard_normal(30), 1e6 + targets[:, 1]),
    regression("outputs", targets + random.standard_normal([30, 3]) * [0.1, 1, 2], targets),
    regression("equal targets", [1.0, 2.0, 3.5], [2.0, 2.0, 2.0]),
    regression("equal and right", [2.0, 2.0, 2.0], [2.0, 2.0, 2.0]),
    regression("equal errors", [1.5, 2.5, 4.5], [1.0, 2.0, 4.0]),
    regression("some equal", [[1.0, 2.0], [3.0, 2.5], [0.5, 2.0]], [[1.0, 2.0], [2.0, 2.0], [0.0, 2.0]]),
    regression("single", [1.5], [1.0]),
    regression("single row", [[1.5, 2.0]], [[1.0, 2.0]]),
]
contents = {"classification": classes, "binary": scores, "regression": numbers}
path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps(plain(contents), separators=(",", ":")) + "\n")
