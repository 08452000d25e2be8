package io.metdc.listings.recorder;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A stretch of time that has its beginning and lacks its end: [from, to).
public record Window(Instant from, Instant to) {
    public Window {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("a window from " + from + " to " + to);
        }
    }

    public boolean contains(Instant instant) {
        return !instant.isBefore(from) && instant.isBefore(to);
    }

    public boolean overlaps(Window other) {
        return from.isBefore(other.to) && other.from.isBefore(to);
    }

    /// From the beginning of the earliest to the end of the latest.
    ///
    /// @param windows not empty
    static Window hull(List<Window> windows) {
        Instant from = windows.stream()
                .map(Window::from)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return new Window(
                from,
                windows.stream().map(Window::to).max(Comparator.naturalOrder()).orElseThrow());
    }

    /// The same stretches in order, those that overlap or touch made one.
    static List<Window> united(List<Window> windows) {
        List<Window> sorted = new ArrayList<>(windows);
        sorted.sort(Comparator.comparing(Window::from));
        List<Window> united = new ArrayList<>();
        for (Window next : sorted) {
            Window last = united.isEmpty() ? null : united.getLast();
            if (last == null || last.to.isBefore(next.from)) {
                united.add(next);
            } else if (next.to.isAfter(last.to)) {
                united.set(united.size() - 1, new Window(last.from, next.to));
            }
        }
        return united;
    }

    /// What of these lies within those, in order.
    static List<Window> within(List<Window> windows, List<Window> bounds) {
        List<Window> common = new ArrayList<>();
        for (Window bound : united(bounds)) {
            for (Window window : united(windows)) {
                if (window.overlaps(bound)) {
                    common.add(new Window(later(window.from, bound.from), earlier(window.to, bound.to)));
                }
            }
        }
        return common;
    }

    /// What of these none of those covers, in order.
    static List<Window> without(List<Window> windows, List<Window> covered) {
        List<Window> left = new ArrayList<>();
        for (Window window : united(windows)) {
            Instant at = window.from;
            for (Window cover : united(covered)) {
                if (cover.overlaps(window)) {
                    if (at.isBefore(cover.from)) {
                        left.add(new Window(at, cover.from));
                    }
                    at = later(at, cover.to);
                }
            }
            if (at.isBefore(window.to)) {
                left.add(new Window(at, window.to));
            }
        }
        return left;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    @Override
    public String toString() {
        return "[" + from + ", " + to + ")";
    }
}
