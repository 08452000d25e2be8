package io.metdc.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A notice that simulated Upbit is to publish.
///
/// @param title     as it is to be published, blanks and all
/// @param opensAt   when trading begins, for its body; null: its body says that this will be announced
/// @param tables    coins of which the table in its body names other markets than its title: `BTC, USDT`
/// @param listDelay from its publication until it is on the list
/// @param pushDelay from its publication until it is pushed
public record SimulatedNotice(
        String title,
        Category category,
        @Nullable Instant opensAt,
        Map<String, String> tables,
        Duration listDelay,
        Duration pushDelay) {

    private static final Duration LIST_DELAY = Duration.ofMillis(700);
    private static final Duration PUSH_DELAY = Duration.ofMillis(200);

    /// What a notice is about, in the words of Upbit.
    public enum Category {
        TRADE("거래", "trade", "trade"),
        NOTICE("안내", "notice", "notice"),
        WALLET("입출금", "dtw", "wallet"),
        MAINTENANCE("점검", "maintenance", "maintenance"),
        DIGITAL_ASSET("디지털 자산", "digital_asset", "digital_asset"),
        NFT("NFT", "nft", "nft"),
        SERVICE("서비스+", "staking", "service"),
        EVENT("이벤트", "event", "event");

        private final String label;
        private final String listed;
        private final String pushed;

        Category(String label, String listed, String pushed) {
            this.label = label;
            this.listed = listed;
            this.pushed = pushed;
        }

        /// As a notice says it.
        public String label() {
            return label;
        }

        /// As requests for the list name it.
        String listed() {
            return listed;
        }

        /// As requests for pushes name it.
        String pushed() {
            return pushed;
        }
    }

    public SimulatedNotice {
        tables = Map.copyOf(tables);
        if (title.isBlank() || listDelay.isNegative() || pushDelay.isNegative()) {
            throw new IllegalArgumentException("a notice '" + title + "' after " + listDelay + " and " + pushDelay);
        }
    }

    /// With the usual delays: 700 ms on the list, 200 ms by push.
    public static SimulatedNotice of(Category category, String title) {
        return new SimulatedNotice(title, category, null, Map.of(), LIST_DELAY, PUSH_DELAY);
    }

    /// About trading.
    public static SimulatedNotice trade(String title) {
        return of(Category.TRADE, title);
    }

    /// `이름(SKYN) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)`, of one coin or several.
    public static SimulatedNotice listing(String... coins) {
        String named = Stream.of(coins)
                .map(coin -> Coin.korean(coin) + "(" + coin + ")")
                .collect(Collectors.joining(", "));
        return trade(named + " 신규 거래지원 안내 (KRW, BTC, USDT 마켓)");
    }

    /// The same, opening then.
    public SimulatedNotice opening(Instant at) {
        return new SimulatedNotice(title, category, at, tables, listDelay, pushDelay);
    }

    /// The same, but the table in its body has one of its coins on these markets: a title can say more than the body.
    public SimulatedNotice butInItsTable(String coin, String... markets) {
        Map<String, String> more = new HashMap<>(tables);
        more.put(coin, String.join(", ", markets));
        return new SimulatedNotice(title, category, opensAt, more, listDelay, pushDelay);
    }

    /// The same, so long after its publication on the list.
    public SimulatedNotice listedAfter(Duration delay) {
        return new SimulatedNotice(title, category, opensAt, tables, delay, pushDelay);
    }

    /// The same, pushed so long after its publication.
    public SimulatedNotice pushedAfter(Duration delay) {
        return new SimulatedNotice(title, category, opensAt, tables, listDelay, delay);
    }
}
