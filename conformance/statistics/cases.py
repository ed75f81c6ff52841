"""Cases for the statistics of monitoring, with the answers of scipy and scikit-learn: one JSON object a line."""

import json
import math
import sys
import warnings

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
SEED = 20261127
ROUNDS = 60


def samples(random: np.random.Generator):
    """Pairs of samples of many shapes: ties, constants, tiny and uneven sizes, skew, far outliers."""
    normal = lambda n, shift=0.0: random.normal(shift, 1, n)
    shapes = [
        lambda n, m: (normal(n), normal(m, random.choice([0, 0.02, 0.3, 2]))),
        lambda n, m: (np.round(normal(n), 1), np.round(normal(m, 0.1), 1)),
        lambda n, m: (random.integers(0, 4, n).astype(float), random.integers(0, 5, m).astype(float)),
        lambda n, m: (random.lognormal(0, 2, n), random.lognormal(0.2, 2, m)),
        lambda n, m: (np.full(n, 3.0), np.full(m, 3.0)),
        lambda n, m: (np.full(n, 3.0), normal(m, 3)),
        lambda n, m: (np.append(normal(n - 1), 1e12), normal(m)),
        lambda n, m: (np.where(random.random(n) < 0.9, 0.0, random.exponential(5, n)), random.exponential(0.4, m)),
        lambda n, m: (normal(n) * 1e-300, normal(m) * 1e-300),
        lambda n, m: (normal(n), normal(m, 50)),
    ]
    sizes = [(1, 1), (2, 1), (3, 7), (10, 10), (50, 20), (97, 101), (200, 200), (500, 400), (1000, 300), (144, 60)]
    for _ in range(ROUNDS):
        for shape in shapes:
            n, m = sizes[random.integers(len(sizes))]
            yield shape(n, m)


def numbers(random: np.random.Generator):
    for a, b in samples(random):
        exact = stats.ks_2samp(a, b, method="exact")
        asymptotic = stats.ks_2samp(a, b, method="asymp")
        yield {
            "kind": "numbers",
            "a": a.tolist(),
            "b": b.tolist(),
            "ks": exact.statistic,
            "ksExact": exact.pvalue,
            "ksAsymptotic": optional(asymptotic.pvalue),
            "wasserstein": stats.wasserstein_distance(a, b),
            "mean": math.fsum(a) / len(a),
            "std": float(np.std(a)),
            "quantiles": np.quantile(a, [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1]).tolist(),
        }


def kolmogorov(random: np.random.Generator):
    for n in [1, 2, 3, 5, 10, 31, 100, 140, 141, 500, 3000, 25_000, 100_000, 100_001, 3_000_000]:
        for t in [0.1, 0.3, 0.5, 0.6, 0.8, 0.95, 1.1, 1.4, 1.48, 1.49, 1.9, 2.3, 3, 4, 4.3, 6, 12]:
            x = t / math.sqrt(n)
            if x < 1:
                yield {"kind": "kolmogorov", "n": n, "x": x, "above": float(stats.kstwo.sf(x, n))}


def filled(counts: np.ndarray) -> np.ndarray:
    counts = np.where(counts == 0, 0.5, counts)
    return counts / counts.sum()


def counts(random: np.random.Generator):
    for _ in range(ROUNDS * 4):
        bins = int(random.integers(1, 30))
        scale = random.choice([0.5, 3, 100, 1e6])
        p = random.poisson(scale * random.random(bins)).astype(float)
        q = random.poisson(scale * random.random(bins)).astype(float)
        if p.sum() == 0 or q.sum() == 0:
            continue
        both = (p > 0) | (q > 0)
        a, b = filled(p[both]), filled(q[both])
        table = np.array([p[both], q[both]])
        case = {
            "kind": "counts",
            "p": p.tolist(),
            "q": q.tolist(),
            "psi": float(rel_entr(a, b).sum() + rel_entr(b, a).sum()),
            "js": float(jensenshannon(p, q)),
            "js2": float(jensenshannon(p, q, 2)),
        }
        for name, correction in [("plain", False), ("yates", True)]:
            found = stats.chi2_contingency(table, correction=correction)
            case[name] = [float(found.statistic), float(found.pvalue), int(found.dof)]
        yield case


def chi2(random: np.random.Generator):
    for df in [1, 2, 3, 9, 50, 999]:
        for share in [0.999, 0.5, 0.05, 0.001, 1e-9]:
            x = float(stats.chi2.isf(share, df))
            yield {"kind": "chi2", "df": df, "x": x, "above": float(stats.chi2.sf(x, df)), "share": share}


def classes(random: np.random.Generator):
    for _ in range(ROUNDS):
        n = int(random.choice([1, 2, 5, 50, 1000]))
        names = np.array(["a", "b", "c"][: int(random.integers(2, 4))])
        actual = random.choice(names, n)
        predicted = np.where(random.random(n) < 0.6, actual, random.choice(names, n))
        case = {"kind": "classes", "actual": actual.tolist(), "predicted": predicted.tolist()}
        case["accuracy"] = metrics.accuracy_score(actual, predicted)
        for name, average, labels in [("macro", "macro", None), ("a", None, ["a"])]:
            given = {"average": average, "labels": labels, "zero_division": np.nan}
            scores = [f(actual, predicted, **given) for f in (metrics.precision_score, metrics.recall_score, metrics.f1_score)]
            case[name] = [optional(np.ravel(score)[0]) for score in scores]
        yield case


def optional(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def probabilities(random: np.random.Generator):
    for _ in range(ROUNDS):
        n = int(random.choice([1, 2, 5, 50, 1000]))
        score = random.beta(0.5, 0.5, n)
        if random.random() < 0.4:
            score = np.round(score, 1)
        actual = (random.random(n) < score).astype(int)
        if random.random() < 0.1:
            actual[:] = 1
        observed, predicted = calibration_curve(actual, score, n_bins=10)
        two = len(set(actual)) == 2
        yield {
            "kind": "probabilities",
            "score": score.tolist(),
            "actual": actual.tolist(),
            "logLoss": float(metrics.log_loss(actual, score, labels=[0, 1])),
            "brier": float(np.mean((score - actual) ** 2)),
            "rocAuc": float(metrics.roc_auc_score(actual, score)) if two else None,
            "observed": observed.tolist(),
            "predicted": predicted.tolist(),
        }


def regressions(random: np.random.Generator):
    for _ in range(ROUNDS):
        n = int(random.choice([1, 2, 5, 50, 1000]))
        actual = random.choice([random.normal(0, 1, n), random.lognormal(0, 3, n), np.full(n, 2.0)])
        predicted = actual + random.normal(random.normal(), random.choice([0, 1e-9, 1]), n)
        yield {
            "kind": "regression",
            "actual": actual.tolist(),
            "predicted": predicted.tolist(),
            "mae": float(metrics.mean_absolute_error(actual, predicted)),
            "rmse": float(metrics.root_mean_squared_error(actual, predicted)),
            "r2": optional(metrics.r2_score(actual, predicted)),
            "bias": math.fsum(predicted - actual) / n,
        }


def main() -> None:
    random = np.random.default_rng(SEED)
    for family in (numbers, kolmogorov, counts, chi2, classes, probabilities, regressions):
        for case in family(random):
            sys.stdout.write(json.dumps(case) + "\n")


main()
