"""The live core against its peers on one machine in one run, then as a whole: boards, replay, a storm.

`./dev bench realtime [--rounds N] [--only compare|boards]`. Servers take turns, each in a fresh process, and goals are
judged by the median of the ratios within a round: the machine's speed changes more between rounds than between
neighbours. `--only` keeps what an earlier run wrote of the other half.
"""

import argparse
import asyncio
import statistics
import sys

from tests.bench.boards import measure_boards
from tests.bench.report import Report
from tests.bench.rivals import Rival, Round, measure, rivals
from tests.bench.services import services

SIZES = (200, 1000)
GOALS = (  # at the largest size: whose processor time per delivery is compared, with which ratio as the limit
    ("Socket.IO on Node", ("Socket.IO, Node",), 0.75),
    ("Django Channels, its faster layer", ("Django Channels, pubsub", "Django Channels, core"), 0.1),
    ("the raw asyncio floor", ("asyncio floor",), 2.0),
)
MEMORY_KIB = 30.0
OURS = "Greenroom"

Rounds = dict[str, list[Round]]


async def compare(report: Report, rounds: int) -> None:
    """All rivals at all sizes, taking turns."""
    async with services() as here:
        for size in SIZES:
            found: Rounds = {rival.name: [] for rival in rivals()}
            for turn in range(rounds):
                for rival in rivals():
                    result = await measure(rival, size, here)
                    found[rival.name].append(result)
                    print(f"  ... round {turn + 1}, {size} sockets, {rival.name}: {result.cpu_us:.1f} us", flush=True)
            for rival in rivals():
                _tell(report, rival, size, found[rival.name])
        _judge(report, found)


def _tell(report: Report, rival: Rival, size: int, found: list[Round]) -> None:
    def middle(field: str) -> float:
        return statistics.median(getattr(result, field) for result in found)

    report.row(
        f"{size} sockets, {rival.name}: CPU per delivery",
        middle("cpu_us"),
        "us",
        f"p50 {middle('p50_ms'):.1f} ms, p99 {middle('p99_ms'):.0f} ms, {middle('memory_kib'):.1f} KiB per connection, "
        f"{found[0].rate:.0f}/s; apart: client {middle('client_us'):.1f} us, Redis {middle('redis_us'):.1f} us, "
        f"Postgres {middle('postgres_us'):.1f} us",
    )


def _judge(report: Report, found: Rounds) -> None:
    for name, peers, limit in GOALS:
        ratios = [
            ours.cpu_us / min(found[peer][turn].cpu_us for peer in peers) for turn, ours in enumerate(found[OURS])
        ]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        report.goal(f"CPU against {name}", statistics.median(ratios), "x", limit, f"rounds: {each}")
    memory = statistics.median(result.memory_kib for result in found[OURS])
    report.goal("memory per connection", memory, "KiB", MEMORY_KIB)


async def main(arguments: list[str]) -> int:
    """Measure; the exit status."""
    asked = argparse.ArgumentParser(prog="./dev bench realtime")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", choices=["compare", "boards"])
    options = asked.parse_args(arguments)
    report = Report("realtime", partial=options.only is not None)
    if options.only != "boards":
        await compare(report, options.rounds)
    if options.only != "compare":
        await measure_boards(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
