"""What waits for what, as a graph of keys. Pure: edges in, paths out."""

from collections import deque
from collections.abc import Iterable


def path(edges: Iterable[tuple[int, int]], start: int, goal: int) -> list[int]:
    """The shortest way from `start` to `goal` along edges (from, to), both ends included; empty where there is none."""
    onward: dict[int, list[int]] = {}
    for source, target in edges:
        onward.setdefault(source, []).append(target)
    came_from = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            way = [here]
            while way[-1] != start:
                way.append(came_from[way[-1]])
            return way[::-1]
        for beyond in onward.get(here, ()):
            if beyond not in came_from:
                came_from[beyond] = here
                waiting.append(beyond)
    return []
