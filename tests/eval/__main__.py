"""``make eval``: the table of how well articles are read and filed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .figures import BASELINE, Figure, draw_table, find_fallen, read_baseline, write_baseline
from .own import measure_own, measure_speed

_WRONG_SHOWN = 60


def main() -> int:
    """Measure, print, and say by the exit status whether something fell below its baseline."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, help="a folder of section/*.txt")
    parser.add_argument("--accept", action="store_true", help="make these figures the baseline")
    parser.add_argument("--wrong", action="store_true", help="name what is wrong in each figure")
    options = parser.parse_args()
    if options.corpus is not None:
        return _measure_corpus(options.corpus, options.wrong)
    baseline = read_baseline() if BASELINE.exists() else {}
    figures = measure_own()
    print(draw_table(figures, baseline))
    print(f"\nclean and file, per article: {measure_speed():.2f} ms")
    if options.wrong:
        _print_wrong(figures)
    if options.accept:
        write_baseline(figures)
        print(f"\nThese figures are the baseline now: {BASELINE.name}")
        return 0
    fallen = find_fallen(figures, baseline)
    print("\n".join(("", *fallen)) if fallen else "\nNo figure is below its baseline.")
    return 1 if fallen else 0


def _measure_corpus(folder: Path, wrong: bool) -> int:
    from .corpus import CorpusError, measure_corpus

    try:
        figures, remarks = measure_corpus(folder)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    print(draw_table(figures, {}))
    print("".join(f"\n{remark}" for remark in remarks))
    if wrong:
        _print_wrong(figures)
    return 0


def _print_wrong(figures: list[Figure]) -> None:
    for figure in figures:
        if figure.wrong:
            print(f"\n{figure.name}: {len(figure.wrong)} of {figure.of} wrong")
            print("".join(f"  {what}\n" for what in figure.wrong[:_WRONG_SHOWN]), end="")


sys.exit(main())
