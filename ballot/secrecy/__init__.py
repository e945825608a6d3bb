"""The secrecy meter: what the totals of a result would tell about single votes. Counts in, exact figures out.

| module | what it does |
|---|---|
| `meter` | measures the planned totals of an election, on simulated ballots |
| `model` | how ballots are simulated: a stated voting model, and draws that anyone can repeat |
| `patterns` | how many ways of voting give one result, counted exactly |
| `reveal` | whose vote a result reveals, exactly |
| `exchange` | other ways of voting with the same totals, found quickly |
| `weighting` | what could be published: heads, list sizes, bands, or heads and patients together |
| `words`, `plot` | the measurement in sentences and tables; as bars in text and SVG |
"""
