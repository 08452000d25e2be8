package io.metdc.simulator;

import io.metdc.market.Market;
import io.metdc.market.Nanos;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The simulator's own record of limits that clients did not hold to. Any thread.
final class Breaches {
    private static final int KEPT = 10_000;

    /// The oldest first. Guarded by this, like those below.
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    private final Map<Kind, Entry> latest = new HashMap<>();

    private record Kind(Market market, Limit limit, String consequence) {}

    private static final class Entry {
        private final Kind kind;
        private final long atNanos;
        private final long allowed;
        private long used;
        private long count;

        private Entry(Kind kind, long atNanos, long allowed) {
            this.kind = kind;
            this.atNanos = atNanos;
            this.allowed = allowed;
        }
    }

    /// Enters one; the oldest is forgotten when there are ten thousand.
    synchronized void enter(Market market, Limit limit, long used, long allowed, String consequence, long nowNanos) {
        Kind kind = new Kind(market, limit, consequence);
        Entry entry = latest.get(kind);
        if (entry == null || nowNanos - entry.atNanos >= Nanos.PER_SECOND) {
            entry = new Entry(kind, nowNanos, allowed);
            latest.put(kind, entry);
            entries.add(entry);
            if (entries.size() > KEPT) {
                entries.remove();
            }
        }
        entry.used = Math.max(entry.used, used);
        entry.count++;
    }

    synchronized List<Breach> all() {
        List<Breach> all = new ArrayList<>();
        for (Entry entry : entries) {
            Kind kind = entry.kind;
            all.add(new Breach(
                    Nanos.instant(entry.atNanos),
                    kind.market(),
                    kind.limit(),
                    entry.used,
                    entry.allowed,
                    kind.consequence(),
                    entry.count));
        }
        return all;
    }
}
