"""The loops of :mod:`naer.logs.store.kernels`, compiled; they hold no lock, so that pieces run on threads."""

import numpy as np

from naer.jit import njit

_SMALL = 24


@njit(nogil=True, cache=True)
def hash_texts(begins, data):
    """As `kernels.hash_texts`, over the offsets and bytes of an Arrow column."""
    count = len(begins) - 1
    hashes = np.empty(count, np.uint64)
    for row in range(count):
        hashes[row] = _hash(data, begins[row], begins[row + 1])
    return hashes


@njit(nogil=True, cache=True)
def hash_names(begins, data, number):
    """As `hash_texts`, but of the number where a text is a plain whole number of at most 18 digits."""
    count = len(begins) - 1
    hashes = np.empty(count, np.uint64)
    for row in range(count):
        begin, end = begins[row], begins[row + 1]
        first = begin
        if begin < end and data[begin] == 45:
            first += 1
        plain = 0 < end - first <= 18 and (data[first] != 48 or end - begin == 1)
        value = np.int64(0)
        for place in range(first, end if plain else first):
            digit = np.int64(data[place]) - 48
            if digit < 0 or digit > 9:
                plain = False
                break
            value = value * 10 + digit
        mixing = np.uint64(0)
        if plain:
            mixing = np.uint64(-value if first > begin else value) + number
            mixing ^= mixing >> np.uint64(30)
            mixing *= np.uint64(0xBF58476D1CE4E5B9)
            mixing ^= mixing >> np.uint64(27)
            mixing *= np.uint64(0x94D049BB133111EB)
            mixing ^= mixing >> np.uint64(31)
        hashes[row] = mixing if mixing != 0 else _hash(data, begin, end)
    return hashes


@njit(nogil=True, cache=True)
def _hash(data, begin, end):
    spread = np.uint64(0xD6E8FEB86659FD93)
    half = np.uint64(32)
    third = np.uint64(33)
    value = np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(end - begin)
    place = begin
    while place < end:
        word = np.uint64(0)
        for byte in range(min(8, end - place)):
            word |= np.uint64(data[place + byte]) << np.uint64(8 * byte)
        value ^= word
        value ^= value >> half
        value *= spread
        value ^= value >> half
        value *= spread
        value ^= value >> half
        place += 8
    value ^= value >> third
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> third
    return value if value != 0 else np.uint64(1)


@njit(nogil=True, cache=True)
def order(key, path, at, sent):
    """As `kernels.order`: spread by the key's leading bits into parts that fit a cache, then sort those."""
    count = len(key)
    low, high = key[0], key[0]
    for row in range(count):
        low = min(low, key[row])
        high = max(high, key[row])
    span = high - low
    wide = np.uint64(0)
    while (span >> wide) > np.uint64(max(1, count // 512)):
        wide += np.uint64(1)
    begins = _begins(key, low, wide, np.int64(span >> wide) + 1)
    filled = begins[:-1].copy()
    keys = np.empty(count, np.uint64)
    paths = np.empty(count, np.uint64)
    times = np.empty(count, np.int64)
    rows = np.empty(count, np.int64)
    for row in range(count):
        chosen = np.int64((key[row] - low) >> wide)
        place = filled[chosen]
        filled[chosen] = place + 1
        keys[place] = key[row]
        paths[place] = path[row]
        times[place] = at[row]
        rows[place] = row
    placed = np.empty(count, np.int64)
    for part in range(len(begins) - 1):
        begin, end = begins[part], begins[part + 1]
        if begin < end:
            _part(
                keys[begin:end], paths[begin:end], times[begin:end], rows[begin:end], sent, placed[begin:end]
            )
    return placed


@njit(nogil=True, cache=True)
def _begins(key, low, shift, parts):
    begins = np.zeros(parts + 1, np.int64)
    for row in range(len(key)):
        begins[np.int64((key[row] - low) >> shift) + 1] += 1
    for part in range(parts):
        begins[part + 1] += begins[part]
    return begins


@njit(nogil=True, cache=True)
def _part(keys, paths, times, rows, sent, placed):
    """Sort one part: counted by the key's next bits, then by comparing."""
    count = len(keys)
    low, high = keys[0], keys[0]
    for row in range(count):
        low = min(low, keys[row])
        high = max(high, keys[row])
    shift = np.uint64(0)
    while ((high - low) >> shift) > np.uint64(count):
        shift += np.uint64(1)
    begins = _begins(keys, low, shift, np.int64((high - low) >> shift) + 1)
    filled = begins[:-1].copy()
    places = np.empty(count, np.int32)
    for row in range(count):
        chosen = np.int64((keys[row] - low) >> shift)
        places[filled[chosen]] = row
        filled[chosen] += 1
    for slot in range(len(begins) - 1):
        _sort(places, begins[slot], begins[slot + 1], keys, paths, times, rows, sent)
    for row in range(count):
        placed[row] = rows[places[row]]


@njit(nogil=True, cache=True)
def _sort(places, begin, end, keys, paths, times, rows, sent):
    """Shell's sort of a few places; plain insertion when they are very few."""
    gap = 1
    while gap < (end - begin) // 3 and end - begin > _SMALL:
        gap = 3 * gap + 1
    while gap > 0:
        for step in range(begin + gap, end):
            row = places[step]
            key, path, time = keys[row], paths[row], times[row]
            hole = step
            while hole >= begin + gap:
                other = places[hole - gap]
                if keys[other] != key:
                    if keys[other] < key:
                        break
                elif paths[other] != path:
                    if paths[other] < path:
                        break
                elif times[other] != time:
                    if times[other] < time:
                        break
                elif sent[rows[other]] <= sent[rows[row]]:
                    break
                places[hole] = other
                hole -= gap
            places[hole] = row
        gap //= 3


@njit(nogil=True, cache=True)
def unpack(values, base, unit):
    """As `kernels.unpack`."""
    times = np.empty(len(values), np.int64)
    for row in range(len(values)):
        times[row] = base + unit * np.int64(values[row])
    return times
