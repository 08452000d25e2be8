package io.metdc.dashboard;

import java.util.List;

/// How long something took, since the start.
///
/// @param ofWhat       empty, or the exchange and the market that it is of
/// @param upToMillis   upper ends of the classes, ascending; the last class has none
/// @param counts       of each class, one more than there are upper ends
/// @param totalSeconds the sum of all
public record Latency(List<String> ofWhat, List<Long> upToMillis, List<Long> counts, double totalSeconds) {
    public Latency {
        ofWhat = List.copyOf(ofWhat);
        upToMillis = List.copyOf(upToMillis);
        counts = List.copyOf(counts);
        if (counts.size() != upToMillis.size() + 1) {
            throw new IllegalArgumentException(counts.size() + " counts of " + upToMillis.size() + " classes");
        }
    }

    public long count() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /// The upper end of the class in which a share of all is reached, in milliseconds; that of the last bounded class
    /// where it is beyond; -1 when there is none.
    public long percentileMillis(double percent) {
        long left = (long) Math.ceil(count() * percent / 100);
        if (left == 0) {
            return -1;
        }
        for (int i = 0; i < upToMillis.size(); i++) {
            left -= counts.get(i);
            if (left <= 0) {
                return upToMillis.get(i);
            }
        }
        return upToMillis.getLast();
    }
}
