"""The figures of bench/replay.py as a table and a plot in docs/explanation/performance.md."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PAGE = Path("docs/explanation/performance.md")
PLOT = PAGE.with_suffix(".svg")
_BLOCK = re.compile(r"(<!-- measured: replay -->\n)(.*?)(<!-- end measured -->)", re.DOTALL)
_GRAY = "#808080"

WAYS = {
    "scan": "bare scan of the five columns (DuckDB on sorted Parquet)",
    "naer": "**Naer, from its store**",
    "naer-fifty": "Naer, 50 clauses",
    "naer-build": "Naer, building the store from the feed, once",
    "naer-keep": "Naer, keeping what is settled beside the store",
    "naer-day": "Naer, a day appended and the figures refreshed",
    "naer-append": "Naer, a day appended to the store",
    "naer-again": "Naer, the figures refreshed after that day",
    "naer-spark": "Naer on Spark local[2], from the feed",
    "polars-sorted": "Polars streaming, sorted Parquet",
    "polars-feed": "Polars streaming, feed",
    "duckdb-sorted": "DuckDB, best hand-written SQL, sorted Parquet",
    "duckdb-feed": "DuckDB, the same, feed",
    "pandas-sorted": "pandas, sorted Parquet",
    "pandas-feed": "pandas, feed",
    "pyspark": "PySpark local[2], feed, aggregations",
    "pyspark-windows": "PySpark local[2], feed, windows",
    "pm4py": "pm4py, a smaller question, sorted Parquet",
}
"""In the order of the table."""
PLOTTED = {
    "scan": "bare scan",
    "naer": "Naer",
    "polars-sorted": "Polars, sorted",
    "duckdb-sorted": "DuckDB, sorted",
    "pandas-feed": "pandas",
    "pyspark": "PySpark",
    "pm4py": "pm4py*",
}


def write(known: Mapping[str, Any]) -> None:
    """Put the table between its markers and the plot beside the page."""
    page = PAGE.read_text(encoding="utf-8")
    fresh, places = _BLOCK.subn(lambda found: found[1] + rendered(known) + found[3], page)
    if places != 1:
        raise SystemExit(f"{PAGE}: the markers of the measured part are not there once")
    PAGE.write_text(fresh, encoding="utf-8")
    plot(known, PLOT)
    print(f"{PAGE} and {PLOT} written")


def rendered(known: Mapping[str, Any]) -> str:
    """The measured part of the page."""
    return "\n".join(_lines(known)) + "\n"


def _lines(known: Mapping[str, Any]) -> Iterator[str]:
    sizes = list(known)
    if not sizes:
        yield "Nothing is measured yet: `./run bench replay`."
        return
    heads = [f"{int(size) / 1e6:g} million" for size in sizes]
    yield f"![Seconds by events, both on logarithmic scales: the lines of the table below]({PLOT.name})\n"
    yield "Wall s / processor s / peak MB of the whole process, and how many times Naer's wall time:\n"
    yield "| way | " + " | ".join(f"{head} | ×" for head in heads) + " |"
    yield "|---|" + "---:|---:|" * len(sizes)
    for name, label in WAYS.items():
        cells = [cell for size in sizes for cell in _cells(known[size], name)]
        if any(cells):
            yield f"| {label} | " + " | ".join(cells) + " |"
    yield ""
    for size, head in zip(sizes, heads, strict=True):
        for name, why in known[size]["skipped"].items():
            yield f"- {WAYS.get(name, name)}, {head}: skipped, {why}.{_instead(known[size], name)}"
    yield from _growth(known)
    yield ""
    for size, head in zip(sizes, heads, strict=True):
        yield f"{head}: {_conditions(known[size]['conditions'])}\n"


def _cells(run: Mapping[str, Any], name: str) -> tuple[str, str]:
    one, naer = run["took"].get(name), run["took"].get("naer")
    if one is None:
        return "", ""
    ratio = f"{one['wall'] / naer['wall']:.1f}" if naer and name != "naer" else "1"
    return f"{one['wall']:.2f} / {one['cpu']:.1f} / {one['megabytes']:,.0f}", ratio


def _instead(run: Mapping[str, Any], name: str) -> str:
    """What a skipped way did on a smaller log, with Naer beside it there."""
    for other, one in run["took"].items():
        if other.startswith(f"{name}@"):
            events = int(other.partition("@")[2])
            beside = run["took"][f"naer@{events}"]
            times = one["wall"] / beside["wall"]
            return (
                f" On {events / 1e6:g} million: {one['wall']:.1f} s, {one['megabytes']:,.0f} MB, "
                f"{times:.0f} times Naer there ({beside['wall']:.2f} s)."
            )
    return ""


def _growth(known: Mapping[str, Any]) -> Iterator[str]:
    small, large = "10000000", "100000000"
    if all("naer" in known.get(size, {}).get("took", {}) for size in (small, large)):
        factor = known[large]["took"]["naer"]["wall"] / (10 * known[small]["took"]["naer"]["wall"])
        word = "within" if factor <= 1.2 else "beyond"
        yield f"- Growth from 10 to 100 million: {factor:.2f} of linear, {word} the 20 % allowed."
    for size, run in known.items():
        took = run["took"]
        if "naer-append" in took and "naer-again" in took:
            both = took["naer-append"]["wall"] + took["naer-again"]["wall"]
            yield f"- A day appended to {int(size) / 1e6:g} million, and the figures refreshed: {both:.2f} s."
        if "naer" in took and "naer-fifty" in took:
            times = took["naer-fifty"]["wall"] / took["naer"]["wall"]
            yield f"- Fifty clauses at {int(size) / 1e6:g} million: {times:.1f} times the time of these nine."


def _conditions(given: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in given["packages"].items())
    return (
        f"{given['date']}, {given['cores']} cores of {given['cpu']}, {given['memory_gb']} GB, load before "
        f"the run {given['load']}, a Python loop of ten million additions {given['loop_seconds']} s; "
        f"Python {given['python']}, {packages}."
    )


def plot(known: Mapping[str, Any], path: Path) -> None:
    """A line for each way, readable on light and dark ground."""
    import altair as alt

    points = [
        {"way": label, "events": int(size), "seconds": run["took"][name]["wall"]}
        for size, run in known.items()
        for name, label in PLOTTED.items()
        if name in run["took"]
    ]
    order = list(PLOTTED.values())
    colours = ["#999999", "#d1495b", "#2e86ab", "#e0a100", "#7b5ea7", "#e8743b", "#3a9d5d"]
    millions = "datum.value / 1000000 + ' million'"
    base = alt.Chart({"values": points}).encode(
        x=alt.X(
            "events:Q",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(values=[int(size) for size in known], labelExpr=millions, title="events"),
        ),
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), axis=alt.Axis(title="seconds", format="~g")),
        color=alt.Color(
            "way:N",
            sort=order,
            scale=alt.Scale(domain=order, range=colours),
            legend=alt.Legend(title=None),
        ),
    )
    chart = (base.mark_line() + base.mark_point(filled=True, size=45)).properties(
        width=420, height=260, background="transparent"
    )
    quiet = {"labelColor": _GRAY, "titleColor": _GRAY}
    chart = chart.configure_axis(
        gridColor=_GRAY, gridOpacity=0.25, domainColor=_GRAY, tickColor=_GRAY, **quiet
    )
    chart.configure_legend(**quiet).configure_view(stroke=None).save(str(path))
