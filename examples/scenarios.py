"""Twenty cases on one economy: solved together, as a table and as a picture.

    python examples/scenarios.py [ECONOMY] [PICTURE.svg]

No `if __name__ == "__main__":` is needed for the worker processes.
"""

import sys
from pathlib import Path

import lustrum as lu
from lustrum.accounts.embedded import embedded_folder

name = sys.argv[1] if len(sys.argv) > 1 else "us-2019-16"
picture = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("scenarios.svg")
economy = lu.load_economy(name)
spec = lu.PlanSpec.from_yaml(embedded_folder(name) / "lustrum.yaml")
base = lu.Scenario(economy, spec)
first = base.solve()

years = f"{economy.base_year + 2}-{economy.base_year + 3}"
cases = [lu.Case("as planned")]
cases += [lu.Case(f"labour {k:+d} %", f"scale labour {1 + k / 100} in {years}") for k in (-3, -2, -1, 1, 2)]
cases += [lu.Case(f"floor under {need} 1.03", f"floor {need} >= 1.03 in {years}") for need in economy.codes("need")[:6]]
largest = sorted(zip(economy.values("imports").sum(axis=1), economy.codes("product"), strict=True), reverse=True)
cases += [lu.Case(f"imports of {code} at most 0.97", f'imports "{code}" <= 0.97 in {years}') for _, code in largest[:4]]
cases += [
    lu.Case("5 % of equipment lost", f"lose 5% of {economy.codes('asset')[0]} in {economy.base_year + 2}"),
    lu.Case("exports may move faster", "set trade.export_band = 0.03"),
    lu.Case("output may move faster", "set adjustment.output.up = 0.1"),
    lu.Case("needs may fall", "set living_standard.no_fall = false"),
]
results = base.solve_many(cases, workers=2)
table = results.to_frame()
print(table.to_string(float_format=lambda v: f"{v:,.0f}"))
print()
print(lu.compare(first, results[2]))

# The picture: a bar for each case, to the right where the objective gains.
change = table["change"].where(table["status"] == "optimal")
widest = float(change.abs().max()) or 1.0
bars = []
for row, (label, value) in enumerate(change.items()):
    top = 24 + 22 * row
    bars.append(f'<text x="232" y="{top + 11}" text-anchor="end">{label}</text>')
    if value != value:
        bars.append(f'<text x="460" y="{top + 11}" fill="#a33">no plan</text>')
        continue
    length = 130 * abs(value) / widest
    left = 450 if value >= 0 else 450 - length
    colour = "#2a7" if value >= 0 else "#c63"
    bars.append(f'<rect x="{left:.1f}" y="{top}" width="{max(length, 0.5):.1f}" height="14" fill="{colour}"/>')
    anchor, at = ("start", 456 + length) if value >= 0 else ("end", 444 - length)
    bars.append(f'<text x="{at:.1f}" y="{top + 11}" text-anchor="{anchor}">{value:+,.0f}</text>')
height = 40 + 22 * len(change)
title = f"{name}: change of the objective against the plan, {economy.source.money} of base-year consumption"
picture.write_text(
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="11">'
    f'<text x="8" y="14" font-size="12">{title}</text>{"".join(bars)}</svg>\n',
    encoding="utf-8",
)
print(f"\npicture: {picture}")
