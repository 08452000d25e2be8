package io.metdc.collector.audit;

import io.metdc.collector.audit.Finding.Kind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an audit found.
///
/// @param request    what was asked for
/// @param collecting what metdc was doing when it was asked
/// @param known      how many instruments the database has of those that were asked for, whether collected then or not
/// @param markets    by exchange and market; those of which nothing is known are left out
/// @param total      their sum
/// @param findings   what is not fine: the unexplained first, the worst of a kind first
/// @param numbers    how much was looked at; null where that was not asked for
public record AuditResult(
        AuditRequest request,
        Collecting collecting,
        int known,
        List<MarketAudit> markets,
        MarketAudit total,
        List<Finding> findings,
        NumberBreaks.@Nullable Extent numbers) {

    public AuditResult {
        markets = List.copyOf(markets);
        findings = List.copyOf(findings);
    }

    /// What metdc is doing, as the lives of its connections tell.
    ///
    /// @param lastSeen when a connection was last known to live; null where there never was one
    public record Collecting(State state, @Nullable Instant lastSeen) {
        /// Whether metdc runs.
        public enum State {
            NEVER,
            RUNNING,
            /// Whatever it had received is stored.
            ENDED,
            /// It was killed, or cannot reach the database: its journal may hold more than is stored.
            BROKEN_OFF
        }
    }

    public boolean isExplained() {
        return findings.stream().noneMatch(Finding::isUnexplained);
    }

    /// How many holes, hours and stretches of numbers of a market nothing explains.
    long unexplained(MarketAudit market) {
        return findings.stream()
                .filter(finding -> finding.isUnexplained() && finding.isOf(market))
                .mapToLong(Finding::count)
                .sum();
    }

    /// How many holes of a market were noticed just now.
    long beingRefilled(MarketAudit market) {
        return findings.stream()
                .filter(finding -> finding.kind() == Kind.BEING_REFILLED && finding.isOf(market))
                .mapToLong(Finding::count)
                .sum();
    }
}
