package io.metdc.collector.config;

import java.time.Duration;

/// What is recorded of a listing. Each window reaches from so long before to so long after its middle: the
/// announcement, and for the last one the opening of trading.
///
/// @param before     of the core window
/// @param after      of the core window
/// @param nearBefore of the near window
/// @param nearAfter  of the near window
/// @param wideBefore of the wide window
/// @param wideAfter  of the wide window
/// @param openBefore of the window around the opening
/// @param openAfter  of the window around the opening
/// @param keepBefore the coin's trades from so long before the announcement are never dropped
/// @param keepAfter  nor those until so long after it; so long its KRW market is collected, too
/// @param additions  whether coins are recorded, too, that are added to BTC or USDT markets only
public record CollectionSettings(
        Duration before,
        Duration after,
        Duration nearBefore,
        Duration nearAfter,
        Duration wideBefore,
        Duration wideAfter,
        Duration openBefore,
        Duration openAfter,
        Duration keepBefore,
        Duration keepAfter,
        boolean additions) {
    private static final Duration DAY = Duration.ofDays(1);

    public CollectionSettings {
        if (before.isNegative() || !after.isPositive()) {
            throw new IllegalArgumentException("a window from " + before + " before to " + after + " after");
        }
    }

    static CollectionSettings read(Section section) {
        return new CollectionSettings(
                before(section, "before", Duration.ofSeconds(20)),
                after(section, "after", Duration.ofSeconds(20)),
                before(section, "near_before", Duration.ofSeconds(60)),
                after(section, "near_after", Duration.ofSeconds(120)),
                before(section, "wide_before", Duration.ofMinutes(10)),
                after(section, "wide_after", Duration.ofMinutes(60)),
                before(section, "open_before", Duration.ofMinutes(10)),
                after(section, "open_after", Duration.ofMinutes(60)),
                section.duration("keep_before", DAY, Duration.ZERO, Duration.ofDays(30)),
                section.duration("keep_after", DAY, Duration.ofSeconds(1), Duration.ofDays(30)),
                section.flag("additions", false));
    }

    private static Duration before(Section section, String name, Duration usual) {
        return section.duration(name, usual, Duration.ZERO, DAY);
    }

    private static Duration after(Section section, String name, Duration usual) {
        return section.duration(name, usual, Duration.ofSeconds(1), DAY);
    }
}
