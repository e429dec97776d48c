"""A choice of components of a piece, and where their pathways and events lie."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class Cut:
    """Which components of a piece are wanted, and where their pathways and events lie."""

    def __init__(self, pathways: Places, components: Places, chosen: Places | None) -> None:
        self.chosen = chosen
        self.which_pathways: Places | None = None
        self.which_events: Places | None = None
        self.pathways, self.components = pathways, components
        if chosen is not None:
            self.which_pathways, self.components = _ranges(components, chosen)
            self.which_events, self.pathways = _ranges(pathways, self.which_pathways)

    def events[T: np.generic](self, values: NDArray[T]) -> NDArray[T]:
        """Of a column of events, the wanted ones."""
        return values if self.which_events is None else values[self.which_events]

    def of_pathways[T: np.generic](self, values: NDArray[T]) -> NDArray[T]:
        """Of a column of pathways, the wanted ones."""
        return values if self.which_pathways is None else values[self.which_pathways]


def _ranges(offsets: Places, chosen: Places) -> tuple[Places, Places]:
    """All places in the chosen ranges, and where each range begins among them."""
    sizes = offsets[chosen + 1] - offsets[chosen]
    begins = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    return np.arange(begins[-1]) + np.repeat(offsets[chosen] - begins[:-1], sizes), begins
