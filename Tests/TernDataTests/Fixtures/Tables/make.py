# Tables, and what scikit-learn's ColumnTransformer makes of them: python3 make.py (scikit-learn 1.9, pandas 3.1).
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

random = np.random.default_rng(16)


def table(rows, cities, colors):
    frame = pd.DataFrame({
        "large": random.uniform(10000, 20000, rows),
        "small": random.uniform(1, 2, rows),
        "age": random.normal(40, 12, rows).round(1),
        "income": np.exp(random.normal(10, 1, rows)).round(2),
        "visits": random.integers(0, 50, rows).astype(float),
        "same": np.full(rows, 0.1),
        "city": random.choice(cities, rows),
        "color": random.choice(colors, rows),
        "kind": random.choice(["a", "b", "B", "ab", "Ä"], rows),
    })
    for name in ["age", "income", "visits", "city", "color", "kind"]:
        frame[name] = frame[name].astype(object).where(random.uniform(size=rows) > 0.3, np.nan)
    return frame


train = table(150, ["Paris", "Berlin", "New York, NY", "Zürich"], ["red", "green", "blue"])
test = table(40, ["Paris", "Berlin", "Oslo"], ["red", "violet", "blue"])
train.to_csv("train.csv", index=False)
test.to_csv("test.csv", index=False)
train, test = (pd.read_csv(name) for name in ["train.csv", "test.csv"])

first = ColumnTransformer([
    ("large", StandardScaler(), ["large"]),
    ("small", StandardScaler(), ["small"]),
    ("age", make_pipeline(SimpleImputer(strategy="mean"), StandardScaler()), ["age"]),
    ("age missing", MissingIndicator(), ["age"]),
    ("income", make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler((-1, 1))), ["income"]),
    ("visits", SimpleImputer(strategy="constant", fill_value=-1), ["visits"]),
    ("same", StandardScaler(), ["same"]),
    ("city", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["city"]),
    ("color", make_pipeline(SimpleImputer(strategy="most_frequent"),
                            OneHotEncoder(handle_unknown="ignore", sparse_output=False)), ["color"]),
    ("kind", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"),
                           OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)), ["kind"]),
])
second = ColumnTransformer([("both", MinMaxScaler(), ["large", "small"])])
for name, transformer in [("first", first), ("second", second)]:
    np.save(f"{name}_train.npy", transformer.fit_transform(train).astype(np.float64))
    np.save(f"{name}_test.npy", transformer.transform(test).astype(np.float64))
