package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Limits;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Duration ROUND_TRIP = Duration.ofMillis(50);
    private static final int MOST = Plan.MOST_CONNECTIONS;

    private static Connector connector(Exchange exchange, MarketType type) {
        return Connectors.of(new Market(exchange, type)).orElseThrow();
    }

    private static Plan.Wanted wanted(Exchange exchange, MarketType type, int instruments) {
        return wanted(exchange, type, instruments, 1);
    }

    private static Plan.Wanted wanted(Exchange exchange, MarketType type, int instruments, int connectionsPerShard) {
        Connector connector = connector(exchange, type);
        return new Plan.Wanted(
                connector,
                IntStream.range(0, instruments)
                        .mapToObj(i -> Instrument.of(connector.market(), "C" + i + "USDT", "C" + i, "USDT"))
                        .toList(),
                connector.limits().instrumentsPerConnection(),
                connectionsPerShard,
                _ -> 1);
    }

    private static Plan plan(Plan.Wanted... wanted) {
        return Plan.of(List.of(wanted), ROUND_TRIP, MOST);
    }

    @Test
    void connections_and_frames_are_those_that_the_limits_make_of_the_instruments() {
        Plan.OfMarket market =
                plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450)).markets().getFirst();

        assertThat(market.connections()).isEqualTo(3); // of 150, in frames of up to 100
        assertThat(market.frames()).isEqualTo(6);
        assertThat(market.longestFrame()).isBetween(1_000, 3_499);
        assertThat(plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450)).breaches())
                .isEmpty();
    }

    @Test
    void the_time_to_full_subscription_is_that_of_the_paces() {
        // connects one a second; two frames at two a second go at once
        assertThat(plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450)).fullAfter())
                .isEqualTo(Duration.ofSeconds(2).plus(ROUND_TRIP.multipliedBy(4)));
        // both markets of the exchange take turns: spot, futures, spot, futures, spot
        Plan both =
                plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450), wanted(Exchange.BINANCE, MarketType.FUTURES, 300));
        assertThat(both.markets().stream().map(Plan.OfMarket::fullAfter))
                .containsExactly(
                        Duration.ofSeconds(4).plus(ROUND_TRIP.multipliedBy(4)),
                        Duration.ofSeconds(3).plus(ROUND_TRIP.multipliedBy(4)));
        // 90 frames of one symbol at ten a second: eight windows before the last ten
        assertThat(plan(wanted(Exchange.PHEMEX, MarketType.FUTURES, 90)).fullAfter())
                .isEqualTo(Duration.ofSeconds(8).plus(ROUND_TRIP.multipliedBy(4)));
        assertThat(plan(wanted(Exchange.OKX, MarketType.SPOT, 1)).fullAfter()).isEqualTo(ROUND_TRIP.multipliedBy(4));
    }

    @Test
    void too_many_connections_of_one_address_are_named_with_the_setting_to_change() {
        Plan fits =
                plan(wanted(Exchange.PHEMEX, MarketType.SPOT, 180), wanted(Exchange.PHEMEX, MarketType.FUTURES, 90));
        assertThat(fits.breaches()).isEmpty(); // two and one, and one in reserve for each
        Plan breach =
                plan(wanted(Exchange.PHEMEX, MarketType.SPOT, 181), wanted(Exchange.PHEMEX, MarketType.FUTURES, 90));
        assertThat(breach.breaches())
                .hasSize(2)
                .first()
                .asString()
                .contains("phemex-spot", "6 connections of one address", "5 are allowed")
                .contains("exchanges.phemex.spot.max_symbols_per_connection (up to 101)");
    }

    @Test
    void two_connections_a_shard_are_twice_as_many_connections_and_frames_and_come_after_the_first_of_each() {
        Plan once = plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450));
        Plan twice = plan(wanted(Exchange.BINANCE, MarketType.SPOT, 450, 2));

        Plan.OfMarket market = twice.markets().getFirst();
        assertThat(market.instruments()).isEqualTo(450);
        assertThat(market.connections()).isEqualTo(6);
        assertThat(market.frames()).isEqualTo(12);
        assertThat(market.quotas())
                .filteredOn(quota -> quota.limit() == Plan.Limit.ADDRESS || quota.limit() == Plan.Limit.MARKET)
                .extracting(Plan.Quota::used)
                .containsExactly(6L + Plan.RESERVE, 6L + Plan.RESERVE);
        assertThat(twice.fullAfter()).isEqualTo(once.fullAfter().plusSeconds(3)); // one a second
        assertThat(twice.breaches()).isEmpty();
    }

    @Test
    void what_two_connections_a_shard_breach_names_that_setting_whichever_market_of_the_exchange_has_it() {
        Plan fits =
                plan(wanted(Exchange.PHEMEX, MarketType.SPOT, 90, 2), wanted(Exchange.PHEMEX, MarketType.FUTURES, 55));
        assertThat(fits.breaches()).isEmpty(); // two and one, and one in reserve for each
        Plan breach =
                plan(wanted(Exchange.PHEMEX, MarketType.SPOT, 91), wanted(Exchange.PHEMEX, MarketType.FUTURES, 55, 2));
        assertThat(breach.breaches())
                .hasSize(2)
                .allMatch(
                        line -> line.contains("6 connections of one address, with those in reserve, and 5 are allowed:"
                                + " lower exchanges.phemex.futures.connections_per_shard, raise"))
                .noneMatch(line -> line.contains("spot.connections_per_shard"));

        Plan ours = plan(wanted(Exchange.OKX, MarketType.SPOT, 32 * 200, 2));
        assertThat(ours.breaches())
                .singleElement()
                .asString()
                .contains("65 connections of this market", "lower exchanges.okx.spot.connections_per_shard, raise");
    }

    @Test
    void what_metdc_itself_does_not_carry_is_a_breach_too() {
        Plan plan = Plan.of(List.of(wanted(Exchange.OKX, MarketType.SPOT, 400)), ROUND_TRIP, 2);
        assertThat(plan.breaches()).singleElement().asString().contains("3 connections of this market");
    }

    @Test
    void a_name_that_fits_no_frame_is_a_breach() {
        Connector connector = connector(Exchange.BINANCE, MarketType.SPOT);
        Instrument longName = Instrument.of(connector.market(), "X".repeat(4_000), "X", "USDT");
        Plan plan = plan(new Plan.Wanted(connector, List.of(longName), 200, 1, _ -> 1));
        assertThat(plan.breaches()).singleElement().asString().contains("bytes in a frame", "symbols.exclude");
    }

    @Test
    void head_room_is_what_is_left_of_a_limit_and_none_where_there_is_no_limit() {
        assertThat(new Plan.Quota(Plan.Limit.BYTES, 25, 100, "").headRoom()).hasValue(0.75);
        assertThat(new Plan.Quota(Plan.Limit.BYTES, 125, 100, "").headRoom()).hasValue(0.0);
        assertThat(new Plan.Quota(Plan.Limit.BYTES, 5, Limits.NO_LIMIT, "").headRoom())
                .isEmpty();
    }

    @Test
    void a_plan_of_every_market_with_what_they_really_trade_breaches_nothing() {
        List<Plan.Wanted> all = new ArrayList<>();
        for (Exchange exchange : Exchange.values()) {
            for (MarketType type : MarketType.values()) {
                if (Connectors.of(new Market(exchange, type)).isPresent()) {
                    all.add(wanted(exchange, type, exchange == Exchange.PHEMEX ? 90 : 700));
                }
            }
        }
        assertThat(Plan.of(all, ROUND_TRIP, MOST).breaches()).isEmpty();
        assertThat(Plan.of(List.of(), ROUND_TRIP, MOST).fullAfter()).isZero();
    }
}
