package io.metdc.collector.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// When a market was left alone for long enough to be refilled.
final class Calm {
    /// How long the program has, connected and undisturbed, to ask by REST before rows count as out of
    /// reach.
    static final Duration MARGIN = Duration.ofSeconds(5);

    private final List<Span> disturbed = new ArrayList<>();

    Calm(Collection<Span> disturbances) {
        disturbances.stream().sorted(Comparator.comparingLong(Span::from)).forEach(span -> {
            Span last = disturbed.isEmpty() ? null : disturbed.getLast();
            if (last != null && span.from() <= last.to()) {
                disturbed.set(disturbed.size() - 1, new Span(last.from(), Math.max(last.to(), span.to())));
            } else {
                disturbed.add(span);
            }
        });
    }

    /// By when what was missing at this time should have been asked for: the end of the first stretch of
    /// [#MARGIN] from then on in which nothing happened.
    ///
    /// @return [Long#MAX_VALUE] when something happened without end
    long after(long nanos) {
        long begin = nanos;
        for (Span span : disturbed) {
            if (span.to() < begin) {
                continue;
            }
            if (span.from() - begin >= MARGIN.toNanos()) {
                break;
            }
            begin = span.to();
        }
        return begin > Long.MAX_VALUE - MARGIN.toNanos() ? Long.MAX_VALUE : begin + MARGIN.toNanos();
    }
}
