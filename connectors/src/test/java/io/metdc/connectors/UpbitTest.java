package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpbitTest {
    private static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final Instrument SOL = Instrument.of(MARKET, "KRW-SOL", "SOL", "KRW");
    private static final Instrument USDT = Instrument.of(MARKET, "KRW-USDT", "USDT", "KRW");
    private static final Instrument BTC = Instrument.of(MARKET, "KRW-BTC", "BTC", "KRW");
    private static final Instruments TABLE = new SymbolTable(List.of(SOL, USDT, BTC));
    private static final long RECEIVED = 1_795_012_346_200_000_000L;

    private final Connector upbit = Connectors.of(MARKET).orElseThrow();
    private final List<String> frames = Resources.lines("upbit/frames.jsonl");

    private Message read(String text) {
        return upbit.read(Frame.of(text, RECEIVED), TABLE);
    }

    private List<Row> rows(int line) {
        return ((Message.Rows) read(frames.get(line))).rows();
    }

    private Trade trade(int line) {
        return (Trade) rows(line).getFirst();
    }

    @Test
    void the_time_is_the_trades_own_and_the_volume_is_exact_in_exponent_form() {
        Trade trade = trade(0);

        assertThat(trade.instrument()).isSameAs(SOL);
        assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_151_000_000L);
        assertThat(trade.price()).isEqualByComparingTo("198450");
        assertThat(trade.size().toPlainString()).isEqualTo("0.00008428");
        assertThat(trade.sequence()).isEqualTo(Trade.NO_SEQUENCE);
    }

    @Test
    void ask_means_the_taker_sold() {
        assertThat(trade(0).takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(trade(1).takerSide()).isEqualTo(TakerSide.BUY);
    }

    @Test
    void an_id_beyond_2_to_the_53_keeps_every_digit() {
        assertThat(trade(0).id()).hasToString("17950123461510001");
    }

    @Test
    void the_past_trade_after_a_subscription_is_history() {
        assertThat(trade(1).origin()).isEqualTo(Origin.SNAPSHOT);
        assertThat(trade(1).size()).isEqualByComparingTo("1234.56789012345678901");
        assertThat(trade(0).origin()).isEqualTo(Origin.STREAM);
    }

    @Test
    void a_bad_row_of_a_list_never_harms_its_neighbours() {
        List<Row> rows = rows(2);

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).isInstanceOf(Trade.class);
        assertThat(rows.get(1))
                .isInstanceOfSatisfying(
                        Rejected.class, row -> assertThat(row.reason()).isEqualTo(RejectReason.MALFORMED));
        assertThat(rows.get(2).instrument()).isSameAs(BTC);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6})
    void other_frames_are_ignored(int line) {
        assertThat(read(frames.get(line))).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void an_error_refuses_what_was_asked_last() {
        assertThat(read(frames.get(4))).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(Message.Refused.NO_REQUEST);
            assertThat(refused.failure()).isInstanceOf(Failure.Recoverable.class);
            assertThat(refused.failure().what()).contains("WRONG_FORMAT");
        });
    }

    @Test
    void the_list_of_subscriptions_names_the_codes_of_trades_alone() {
        assertThat(read(frames.get(5))).isEqualTo(new Message.Named(List.of(USDT, SOL)));
    }

    @Test
    void microseconds_are_another_unit_and_never_stored() {
        String micros = frames.get(0).replace("1795012346151,", "1795012346151000,");

        assertThat(((Message.Rows) read(micros)).rows().getFirst())
                .isInstanceOfSatisfying(
                        Rejected.class, row -> assertThat(row.reason()).isEqualTo(RejectReason.TIME_UNIT));
    }

    @Test
    void a_row_without_a_part_is_rejected() {
        for (String part : List.of("trade_price", "trade_volume", "ask_bid", "trade_timestamp", "sequential_id")) {
            String without = frames.get(0).replace("\"" + part + "\"", "\"x_" + part + "\"");
            assertThat(((Message.Rows) read(without)).rows()).as(part).hasOnlyElementsOfType(Rejected.class);
        }
    }

    @Test
    void a_request_names_the_whole_subscription_and_asks_for_snapshots_too() {
        assertThat(upbit.replaces()).isTrue();
        assertThat(upbit.subscribe(7, List.of(USDT, BTC), Instant.EPOCH))
                .isEqualTo("[{\"ticket\":\"metdc-7\"},{\"type\":\"trade\",\"codes\":[\"KRW-USDT\",\"KRW-BTC\"]},"
                        + "{\"format\":\"DEFAULT\"}]");
        assertThat(upbit.subscriptions(8))
                .isEqualTo("[{\"ticket\":\"metdc-8\"},{\"method\":\"LIST_SUBSCRIPTIONS\"},{\"format\":\"DEFAULT\"}]");
    }

    @Test
    void the_endpoint_has_no_origin_and_wants_heartbeats() throws Exception {
        Endpoint endpoint = upbit.endpoint(URI.create("ws://127.0.0.1:9/websocket/v1"), "c", new byte[0]);

        assertThat(endpoint.headers()).isEmpty();
        assertThat(endpoint.heartbeat()).hasSeconds(30);
        assertThat(upbit.heartbeat(Instant.EPOCH)).isEqualTo("PING");
    }

    @Test
    void the_quote_stands_before_the_base_and_only_krw_is_listed() throws Exception {
        var listings =
                upbit.readInstruments(Resources.bytes("upbit/markets.json")).listings();

        assertThat(listings.stream().filter(listing -> listing.instrument() != null))
                .extracting(listing -> listing.instrument().base())
                .containsExactly("BTC", "USDT", "0G");
        assertThat(listings).hasSize(7);
    }

    @Test
    void the_two_rates_are_collected_always_and_a_coin_on_demand() {
        assertThat(List.of(USDT, BTC)).allMatch(upbit::isAlwaysCollected);
        assertThat(upbit.isAlwaysCollected(SOL)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "<html>", "[{\"market\":\"KRW-BTC\"}", "{\"error\":{\"name\":404}}"})
    void an_answer_that_is_no_whole_list_is_an_error(String answer) {
        assertThatThrownBy(() -> upbit.readInstruments(answer.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableAnswer.class);
    }

    // ---- trades by REST

    @Test
    void the_same_trade_by_stream_and_by_rest_is_the_same_but_for_its_origin() throws Exception {
        Trade byRest = (Trade) Past.rows(upbit, Resources.bytes("upbit/ticks.json"), SOL, RECEIVED)
                .getFirst();

        assertThat(byRest.origin()).isEqualTo(Origin.REFILL);
        assertThat(byRest.id()).isEqualTo(trade(0).id());
        assertThat(byRest.executedAtNanos()).isEqualTo(trade(0).executedAtNanos());
        assertThat(byRest.size()).isEqualByComparingTo(trade(0).size());
        assertThat(byRest.takerSide()).isEqualTo(TakerSide.SELL);
    }

    private static byte[] page(int rows, long newestMillis) {
        String text = IntStream.range(0, rows)
                .mapToObj(i -> "{\"market\":\"KRW-SOL\",\"timestamp\":" + (newestMillis - i)
                        + ",\"trade_price\":1,\"trade_volume\":1,\"ask_bid\":\"BID\",\"sequential_id\":"
                        + (newestMillis - i) + "}")
                .toList()
                .toString();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private RestRequest next(byte[] page, Stretch wanted, RestRequest asked) throws Exception {
        return upbit.readTrades(page, wanted, asked, Origin.REFILL, RECEIVED).next();
    }

    @Test
    void a_cursor_takes_the_pages_back_until_what_was_known_is_reached() throws Exception {
        long newest = RECEIVED / 1_000_000;
        Instant after = Instant.ofEpochMilli(newest - 20_000);
        Stretch wanted = new Stretch(SOL, Stretch.UNKNOWN, Stretch.UNKNOWN, after, Instant.ofEpochMilli(newest));
        RestRequest first = upbit.trades(wanted);
        assertThat(first.path()).isEqualTo("/v1/trades/ticks?market=KRW-SOL&count=500");

        RestRequest second = next(page(500, newest), wanted, first);
        assertThat(second).isNotNull();
        assertThat(second.path()).endsWith("&cursor=" + (newest - 499));
        assertThat(next(page(500, newest - 26_000), wanted, second)).isNull();
    }

    @Test
    void a_break_over_midnight_asks_for_the_day_before_too() throws Exception {
        long newest = RECEIVED / 1_000_000;
        Stretch wanted = new Stretch(
                SOL,
                Stretch.UNKNOWN,
                Stretch.UNKNOWN,
                Instant.parse("2026-11-17T23:00:00Z"),
                Instant.ofEpochMilli(newest));

        RestRequest yesterday = next(page(10, newest), wanted, upbit.trades(wanted));

        assertThat(yesterday).isNotNull();
        assertThat(yesterday.path()).isEqualTo("/v1/trades/ticks?market=KRW-SOL&count=500&days_ago=1");
        assertThat(next(page(10, newest - 80_000_000), wanted, yesterday)).isNull();
    }

    @Test
    void a_stretch_long_past_is_asked_for_straight_away() throws Exception {
        long newest = RECEIVED / 1_000_000;
        Stretch wanted = new Stretch(
                SOL,
                Stretch.UNKNOWN,
                Stretch.UNKNOWN,
                Instant.parse("2026-11-15T10:00:00Z"),
                Instant.parse("2026-11-15T10:05:00Z"));

        RestRequest there = next(page(500, newest), wanted, upbit.trades(wanted));

        assertThat(there).isNotNull();
        assertThat(there.path()).contains("&days_ago=3&to=10:05:00");
    }

    @Test
    void the_newest_trades_are_one_page() throws Exception {
        Stretch newest = Stretch.newest(SOL);

        assertThat(next(page(500, RECEIVED / 1_000_000), newest, upbit.trades(newest)))
                .isNull();
    }
}
