"""Which ways are one street or alley, which street each alley hangs off, and which one an address means."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from tungnha.planning.ground import Floats, StreetNetwork
from tungnha.territory.addresses import Address, parse, street_key
from tungnha.territory.vietnamese import clean, fold

SAME_ALLEY_METRES = 100.0
"""Ways of a bare alley name (“Ngõ 12”) farther apart than this are different alleys."""

REACH_METRES = 200.0
"""How far along unnamed ways an alley looks for the street that it hangs off."""

_DEPTH = {"ngo": 1, "ngach": 2, "hem": 3}
_Key = tuple[tuple[tuple[str, str], ...], str]


@dataclass(eq=False)
class Named:
    """Ways that are one street or alley: its name, that name read as an address, and the indices of its ways."""

    name: str
    address: Address
    ways: list[int] = field(default_factory=list)

    @property
    def alley(self) -> tuple[str, str] | None:
        """Kind and number of the alley itself, None for a street."""
        return self.address.alleys[-1] if self.address.alleys else None

    @property
    def depth(self) -> int:
        """How many steps it is off a street: 0 for a street, at least 1 for a ngõ."""
        return max(len(self.address.alleys), _DEPTH[self.alley[0]]) if self.alley else 0

    @property
    def called(self) -> str:
        """What addresses may call it as if it were a street: its name, or “Thổ Quan” of “Ngõ Thổ Quan”, else empty."""
        if not self.alley:
            return street_key(self.name)
        bare = not self.address.street and len(self.address.alleys) == 1
        return fold(self.alley[1]) if bare and not _is_number(self.alley[1]) else ""


def _is_number(text: str) -> bool:
    return text[:1].isdecimal()


def _alley_key(kind: str, number: str) -> tuple[str, str]:
    """A number with a slash says by itself how deep it is, whatever people call the alley."""
    return ("" if "/" in number else kind, fold(number))


def _key(address: Address) -> _Key:
    return tuple(_alley_key(*alley) for alley in address.alleys), street_key(address.street)


def group_by_name(names: Sequence[str], metres: Sequence[Floats]) -> list[Named]:
    """The streets and alleys that ways with these names are; ways without a name are in none."""
    by_name: dict[str, Named] = {}
    for index, name in enumerate(names):
        if clean(name):
            by_name.setdefault(fold(name), Named(clean(name), parse(name))).ways.append(index)
    found = []
    for one in by_name.values():
        if one.alley and not one.address.street:
            found += [Named(one.name, one.address, ways) for ways in _apart(one.ways, metres)]
        else:
            found.append(one)
    return found


def _apart(ways: Sequence[int], metres: Sequence[Floats]) -> list[list[int]]:
    """Ways in groups that are near each other."""
    lines = [shapely.linestrings(metres[way]) for way in ways]
    first, second = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=SAME_ALLEY_METRES)
    near = coo_array((np.ones(len(first)), (first, second)), shape=(len(ways), len(ways)))
    count, group = connected_components(near, directed=False)
    return [
        [way for way, own in zip(ways, group, strict=True) if own == number] for number in range(int(count))
    ]


def hang(named: Sequence[Named], network: StreetNetwork) -> list[int | None]:
    """The index of the street or alley that each alley hangs off; None for streets and where none is near.

    It is the one that the alley's own name gives, else the deepest shallower one that it touches, the one whose number
    begins its own first; else the nearest shallower one along unnamed ways.

    Parameters
    ----------
    named
        The unit's streets and alleys.
    network
        The unit's network, whose `street` is the index in `named`.
    """
    by_key: dict[_Key, list[int]] = defaultdict(list)
    by_call: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(named):
        by_key[_key(one.address)].append(index)
        if one.called:
            by_call[one.called].append(index)
    nearby = _Nearby(network, len(named))
    parents: list[int | None] = [None] * len(named)
    for index, one in enumerate(named):
        if not one.alley:
            continue
        *outer, _own = one.address.alleys
        street = street_key(one.address.street)
        by_name = (
            by_key.get((tuple(_alley_key(*alley) for alley in outer), street), [])
            if outer
            else by_call.get(street, [])
        )
        shallower = {other: far for other, far in nearby.of(index).items() if named[other].depth < one.depth}
        touched = [other for other, far in shallower.items() if far == 0]
        choice = None
        if by_name and (outer or one.depth == 1):
            choice = min(by_name, key=lambda other: shallower.get(other, np.inf))
        elif touched:
            begins = one.alley[1].rpartition("/")[0]
            choice = max(
                touched, key=lambda other: ((named[other].alley or "-")[-1] == begins, named[other].depth)
            )
        elif street in by_call:
            choice = by_call[street][0]
        elif shallower:
            choice = min(shallower, key=lambda other: shallower[other])
        if choice is not None and not _is_above(index, choice, parents):
            parents[index] = choice
    return parents


def _is_above(index: int, start: int, parents: Sequence[int | None]) -> bool:
    """Whether one is among those that another hangs off, or is it."""
    up: int | None = start
    while up is not None and up != index:
        up = parents[up]
    return up is not None


class _Nearby:
    """The streets near each street, with the metres to walk along unnamed ways and others."""

    def __init__(self, network: StreetNetwork, count: int) -> None:
        nodes = len(network.xy)
        ends = (network.edges[:, 0], network.edges[:, 1])
        self._graph = csr_array(
            coo_array((np.maximum(network.length, 1e-3), ends), shape=(nodes, nodes)), dtype=float
        )
        on_street = network.street >= 0
        pairs = np.column_stack([network.edges[on_street].ravel(), np.repeat(network.street[on_street], 2)])
        pairs = np.unique(pairs, axis=0) if len(pairs) else np.zeros((0, 2), dtype=np.int64)
        self._node, self._street = pairs[:, 0], pairs[:, 1]
        self._count = count

    def of(self, index: int) -> dict[int, float]:
        """Other streets within reach → metres, 0 where they touch; in the order of their indices."""
        own = self._node[self._street == index]
        if len(own) == 0:
            return {}
        metres = dijkstra(self._graph, directed=False, indices=own, min_only=True, limit=REACH_METRES)
        nearest = np.full(self._count, np.inf)
        np.minimum.at(nearest, self._street, metres[self._node])
        nearest[index] = np.inf
        return {int(other): float(nearest[other]) for other in np.flatnonzero(np.isfinite(nearest))}


class WayIndex:
    """Finds a unit's street or alley from the text of an address."""

    def __init__(self, rows: Iterable[tuple[int, str, int | None]]) -> None:
        """Take (id, name, id of what it hangs off) of each street."""
        rows = list(rows)
        named = {pk: Named(name, parse(name)) for pk, name, _ in rows}
        parent = {pk: up for pk, _, up in rows}
        self._exact: dict[_Key, set[int]] = defaultdict(set)
        self._off: dict[tuple[tuple[str, str], str], set[int]] = defaultdict(set)
        self._streets: dict[str, int] = {}
        self._known: dict[tuple[str, str], int | None] = {}
        for pk, one in named.items():
            if one.called:
                self._streets.setdefault(one.called, pk)
            if not one.alley:
                continue
            self._exact[_key(one.address)].add(pk)
            own = _alley_key(*one.alley)
            above = {"", street_key(one.address.street)}
            up, seen = parent[pk], {pk}
            while up is not None and up not in seen and up in named:
                above.add(named[up].called)
                seen.add(up)
                up = parent[up]
            for street in above:
                self._off[own, street].add(pk)
                if one.called and street:  # “ngõ Văn Chương 2 Linh Quang”: its name and the street's are one
                    self._off[(own[0], f"{one.called} {street}"), ""].add(pk)

    def find(self, way: str, number: str = "") -> int | None:
        """The id of the innermost alley that is known for sure, else of the street itself, else None.

        `way` is as `Address.way()` writes it, or a whole address. A house number such as “12/34/5” on a street leads
        into its alleys.
        """
        wanted = (way, number.rpartition("/")[0])
        if wanted not in self._known:
            self._known[wanted] = self._search(parse(way), wanted[1])
        return self._known[wanted]

    def _search(self, address: Address, prefix: str) -> int | None:
        street = street_key(address.street)
        if not street:  # it may be named without its kind: “P806 Chung cư A26, Linh Quang”
            parts = (street_key(part) for part in reversed(address.rest.split(", ")))
            street = next((part for part in parts if part in self._streets), "")
        inwards = [_alley_key(*alley) for alley in address.alleys]
        for depth in range(len(inwards), 0, -1):
            for known in (self._exact[tuple(inwards[:depth]), street], self._off[inwards[depth - 1], street]):
                if len(known) == 1:
                    return next(iter(known))
        while prefix and street and not inwards:
            for kind in _DEPTH if "/" not in prefix else ("",):
                known = self._off[(kind, fold(prefix)), street]
                if len(known) == 1:
                    return next(iter(known))
            prefix = prefix.rpartition("/")[0]
        return self._streets.get(street) if street else None
