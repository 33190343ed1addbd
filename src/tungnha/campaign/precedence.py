"""What waits for what, as a graph of keys. Pure: edges in, paths out."""

from collections import deque
from collections.abc import Iterable


def cycle(edges: Iterable[tuple[int, int]]) -> list[int]:
    """The keys of one cycle along edges (from, to), first key again at the end; empty where there is none."""
    onward: dict[int, set[int]] = {}
    waiting_for: dict[int, int] = {}
    for source, target in set(edges):
        onward.setdefault(source, set()).add(target)
        waiting_for[target] = waiting_for.get(target, 0) + 1
    free = [key for key in onward if key not in waiting_for]
    while free:
        for beyond in onward.pop(free.pop(), ()):
            waiting_for[beyond] -= 1
            if not waiting_for[beyond]:
                del waiting_for[beyond]
                free.append(beyond)
    # What is left is on a cycle or behind one; walking backwards ends on one.
    left = [(source, target) for source, targets in onward.items() for target in targets]
    for source, target in left:
        if way := path(left, target, source):
            return [source, *way]
    return []


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
