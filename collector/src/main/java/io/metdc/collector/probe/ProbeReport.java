package io.metdc.collector.probe;

import io.metdc.market.Market;
import java.util.List;

/// What was found out about a market.
///
/// @param instruments the symbols that were looked at
/// @param trades      how many came
public record ProbeReport(Market market, List<String> instruments, long trades, List<Verdict> verdicts) {
    public ProbeReport {
        instruments = List.copyOf(instruments);
        verdicts = List.copyOf(verdicts);
    }

    /// Whether nothing was found that does not hold.
    public boolean isFine() {
        return verdicts.stream().noneMatch(verdict -> verdict.outcome() == Verdict.Outcome.CHANGED);
    }
}
